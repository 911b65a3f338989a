package dev.kvasir.scheduler.realmodel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import dev.kvasir.runner.RunnerOptions.Plan;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.synthetic.SyntheticModel;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.realmodel.RealEngine.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A request's tokens are the same however it is computed: on real weights, through scheduler and pool. */
class SameOutputTest {
    /** Two correct orders of summation may part where the best two tokens are nearly tied. */
    private static final float TIE = 1e-4f;

    private static final int GENERATED = 40;
    private static final int PROMPTS = 8;

    @TempDir
    static Path home;

    /** Model directory to its baseline: every request alone. */
    private static final Map<Path, List<Answer>> GREEDY = new LinkedHashMap<>();

    private static final Map<Path, List<Answer>> SAMPLED = new LinkedHashMap<>();

    @BeforeAll
    static void computeEachRequestAlone() throws IOException {
        for (Family family : List.of(Family.LLAMA, Family.QWEN2)) {
            Path tiny = Files.createDirectory(home.resolve(family.name()));
            SyntheticModel.tiny(family).seed(21).write(tiny);
            baseline(tiny);
        }
        String models = System.getProperty("kvasir.test.models", System.getenv("KVASIR_TEST_MODELS"));
        Path stories = models == null ? home.resolve("none") : Path.of(models, "stories260k");
        if (Files.isDirectory(stories)) {
            baseline(stories);
        } else {
            System.out.println(
                    "SameOutputTest: no stories260k under kvasir.test.models, random weights alone are tested");
        }
    }

    private static void baseline(Path model) {
        try (RealEngine engine = new RealEngine(model, Arrangement.ALONE)) {
            GREEDY.put(model, runAll(engine, false));
        }
        try (RealEngine engine = new RealEngine(model, Arrangement.ALONE)) {
            SAMPLED.put(model, runAll(engine, true));
        }
    }

    static Stream<Arrangement> arrangements() {
        Arrangement alone = Arrangement.ALONE;
        return Stream.of(
                alone.named("batch of 8").batch(8),
                alone.named("chunks of 1").chunks(1),
                alone.named("chunks of 7, batch of 8").chunks(7).batch(8),
                alone.named("chunks of 64, batch of 8").chunks(64).batch(8),
                alone.named("segments of 16, batch of 8").segments(16, 256).batch(8),
                alone.named("segments of 256, batch of 8").segments(256, 16).batch(8),
                alone.named("layered").by(Plan.LAYERED),
                alone.named("layered, chunks of 7, batch of 8, segments of 16")
                        .by(Plan.LAYERED)
                        .chunks(7)
                        .batch(8)
                        .segments(16, 256),
                alone.named("plain-Java attention, batch of 8")
                        .by(Plan.REFERENCE)
                        .batch(8));
    }

    @ParameterizedTest
    @MethodSource("arrangements")
    void tokensAreTheSameIn(Arrangement arrangement) {
        for (Path model : GREEDY.keySet()) {
            for (boolean sampled : new boolean[] {false, true}) {
                try (RealEngine engine = new RealEngine(model, arrangement)) {
                    compare(model, arrangement.name(), sampled, runAll(engine, sampled));
                }
            }
        }
    }

    @Test
    void tokensAreTheSameAfterAPrefixHit() {
        for (Path model : GREEDY.keySet()) {
            for (boolean sampled : new boolean[] {false, true}) {
                Arrangement small = Arrangement.ALONE.segments(16, 512).batch(8).chunks(32);
                try (RealEngine engine = new RealEngine(model, small)) {
                    runAll(engine, sampled);
                    List<Answer> warm = runAll(engine, sampled);
                    compare(model, "prefix hit", sampled, warm);
                    assertThat(warm).allSatisfy(answer -> assertThat(answer.cachedTokens)
                            .isPositive());
                }
            }
        }
    }

    @Test
    void tokensAreTheSameAfterPreemptionAndResume() {
        for (Path model : GREEDY.keySet()) {
            for (boolean sampled : new boolean[] {false, true}) {
                // Room for about three of the eight sequences.
                Arrangement tight = Arrangement.ALONE.segments(16, 36).batch(8).chunks(32);
                try (RealEngine engine = new RealEngine(model, tight)) {
                    compare(model, "preemption", sampled, runAll(engine, sampled));
                    assertThat(engine.scheduler.stats().preemptions()).isPositive();
                }
            }
        }
    }

    @Test
    void tokensAreTheSameWhateverTheNeighboursDo() {
        for (Path model : GREEDY.keySet()) {
            for (boolean sampled : new boolean[] {false, true}) {
                Arrangement wide = Arrangement.ALONE.segments(16, 512).batch(16).chunks(16);
                try (RealEngine engine = new RealEngine(model, wide)) {
                    SplittableRandom random = new SplittableRandom(5);
                    int vocab = engine.runner.config().vocab();
                    List<Answer> noise = new ArrayList<>();
                    List<Answer> answers = submitAll(engine, sampled);
                    for (int step = 0; engine.scheduler.hasWork(); step++) {
                        if (step < 60 && step % 3 == 0) {
                            int[] prompt =
                                    random.ints(random.nextInt(1, 60), 0, vocab).toArray();
                            noise.add(engine.submit(
                                    prompt, SamplingParams.GREEDY.withTemperature(2, random.nextLong()), 50));
                        }
                        if (step % 4 == 3) {
                            engine.scheduler.cancel(noise.get(random.nextInt(noise.size())).id);
                        }
                        engine.step();
                    }
                    engine.finish();
                    compare(model, "noisy neighbours", sampled, answers);
                    assertThat(noise).anyMatch(answer -> answer.reason == FinishReason.CANCELLED);
                }
            }
        }
    }

    /** bfloat16 has 8 bits: here the rate of divergence is reported, not bounded. */
    @Test
    void divergenceInBfloat16IsReported() {
        for (Path model : GREEDY.keySet()) {
            Arrangement alone = Arrangement.ALONE.in(DTypeChoice.BFLOAT16);
            List<Answer> baseline;
            try (RealEngine engine = new RealEngine(model, alone)) {
                baseline = runAll(engine, false);
            }
            List<Float> margins = new ArrayList<>();
            int requests = 0;
            for (Arrangement arrangement : arrangements().toList()) {
                if (arrangement.plan() == Plan.REFERENCE) {
                    continue;
                }
                try (RealEngine engine = new RealEngine(model, arrangement.in(DTypeChoice.BFLOAT16))) {
                    List<Answer> answers = runAll(engine, false);
                    for (int i = 0; i < answers.size(); i++) {
                        requests++;
                        int parted = mismatch(answers.get(i), baseline.get(i));
                        if (parted >= 0) {
                            margins.add(baseline.get(i).margins.get(parted));
                        }
                    }
                }
            }
            System.out.printf(
                    "bfloat16 %s: %d of %d requests of %d tokens part from the one computed alone, at margins %s%n",
                    model.getFileName(), margins.size(), requests, GENERATED, margins);
            assertThat(margins).allSatisfy(margin -> assertThat(margin)
                    .as("a margin where bfloat16 parts")
                    .isLessThan(0.5f));
        }
    }

    private static List<Answer> runAll(RealEngine engine, boolean sampled) {
        List<Answer> answers = submitAll(engine, sampled);
        engine.finish();
        assertThat(answers).allSatisfy(answer -> assertThat(answer.tokens).hasSize(GENERATED));
        return answers;
    }

    private static List<Answer> submitAll(RealEngine engine, boolean sampled) {
        SplittableRandom random = new SplittableRandom(77);
        int vocab = engine.runner.config().vocab();
        return IntStream.range(0, PROMPTS)
                .mapToObj(i -> {
                    int[] prompt = random.ints(20 + 23 * i, 0, vocab).toArray();
                    SamplingParams params = SamplingParams.GREEDY.withLogprobs(2);
                    if (sampled) {
                        params = new SamplingParams(
                                        1,
                                        i % 3 == 0 ? 0 : 40,
                                        i % 2 == 0 ? 1 : 0.9f,
                                        0,
                                        1.1f,
                                        0.2f,
                                        0.1f,
                                        Map.of(),
                                        0,
                                        2,
                                        new int[0])
                                .withTemperature(0.8f, 1000 + i);
                    }
                    return engine.submit(prompt, params, GENERATED);
                })
                .toList();
    }

    private static int mismatch(Answer got, Answer expected) {
        for (int i = 0; i < expected.tokens.size(); i++) {
            if (!got.tokens.get(i).equals(expected.tokens.get(i))) {
                return i;
            }
        }
        return -1;
    }

    private static void compare(Path model, String name, boolean sampled, List<Answer> answers) {
        List<Answer> baseline = (sampled ? SAMPLED : GREEDY).get(model);
        for (int i = 0; i < answers.size(); i++) {
            int parted = mismatch(answers.get(i), baseline.get(i));
            if (parted >= 0) {
                float margin = baseline.get(i).margins.get(parted);
                System.out.printf(
                        "near tie: %s, %s, %s: request %d parts at token %d, margin %.1e%n",
                        model.getFileName(), name, sampled ? "sampled" : "greedy", i, parted, margin);
                assertThat(margin)
                        .as("%s, %s: request %d parts at token %d", model.getFileName(), name, i, parted)
                        .isLessThan(TIE);
            }
        }
    }
}
