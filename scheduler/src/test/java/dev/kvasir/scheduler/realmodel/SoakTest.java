package dev.kvasir.scheduler.realmodel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.synthetic.SyntheticModel;
import dev.kvasir.scheduler.realmodel.RealEngine.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many steps on a real model with random arrivals, cancels and preemptions: no pin, no slot and no memory is left behind. */
class SoakTest {
    private static final Path STATUS = Path.of("/proc/self/status");

    @TempDir
    Path home;

    @Test
    void twoThousandStepsLeaveNothingBehind() throws IOException {
        soak(2_000);
    }

    @Test
    @Tag("nightly")
    void twentyThousandStepsLeaveNothingBehind() throws IOException {
        soak(20_000);
    }

    private void soak(int steps) throws IOException {
        Path model = Files.createDirectory(home.resolve("model" + steps));
        SyntheticModel.tiny(Family.LLAMA).seed(3).write(model);
        // Room for about a third of what 12 sequences may come to want.
        Arrangement tight = Arrangement.ALONE.segments(16, 60).batch(12).chunks(24);
        try (RealEngine engine = new RealEngine(model, tight)) {
            SplittableRandom random = new SplittableRandom(9);
            List<Answer> live = new ArrayList<>();
            long warm = 0;
            int finished = 0;
            for (int step = 0; step < steps; step++) {
                if (live.size() < 16 && random.nextInt(4) == 0) {
                    live.add(submit(engine, random));
                }
                if (!live.isEmpty() && random.nextInt(40) == 0) {
                    engine.scheduler.cancel(live.get(random.nextInt(live.size())).id);
                }
                engine.step();
                int before = live.size();
                live.removeIf(answer -> answer.reason != null);
                finished += before - live.size();
                if (step == steps / 4) {
                    warm = residentKilobytes();
                }
            }
            engine.finish();
            long end = residentKilobytes();
            System.out.printf(
                    "soak: %d steps, %d requests, %d preemptions, resident memory but the heap %d KB after a quarter, %d KB at the end%n",
                    steps, finished, engine.scheduler.stats().preemptions(), warm, end);
            assertThat(engine.scheduler.stats().preemptions()).isPositive();
            Assumptions.assumeTrue(warm > 0, "resident memory is read from /proc, which isn't here");
            assertThat((double) end / warm).as("growth of resident memory").isLessThan(1.05);
        }
    }

    private static Answer submit(RealEngine engine, SplittableRandom random) {
        int vocab = engine.runner.config().vocab();
        // A few shared beginnings, so that prompts hit, split and deduplicate.
        int family = random.nextInt(4);
        int[] prompt = new SplittableRandom(family)
                .ints(random.nextInt(1, 260), 0, vocab)
                .toArray();
        prompt[prompt.length - 1] = random.nextInt(vocab);
        SamplingParams params = random.nextBoolean()
                ? SamplingParams.GREEDY
                : new SamplingParams(
                        1,
                        random.nextInt(0, 60),
                        (float) random.nextDouble(0.1, 1),
                        random.nextInt(3) == 0 ? 0.05f : 0,
                        1.1f,
                        0.5f,
                        0.1f,
                        Map.of(random.nextInt(vocab), 3f),
                        random.nextLong(),
                        random.nextInt(-1, 5),
                        new int[0]);
        return engine.submit(prompt, params, random.nextInt(1, 120));
    }

    private static long residentKilobytes() throws IOException {
        if (!Files.isReadable(STATUS)) {
            return 0;
        }
        try (var lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith("VmRSS"))
                            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                            .findFirst()
                            .orElse(0)
                    // The Java heap has a fixed size and is touched at the start; it would hide what native code leaks.
                    - Runtime.getRuntime().maxMemory() / 1024;
        }
    }
}
