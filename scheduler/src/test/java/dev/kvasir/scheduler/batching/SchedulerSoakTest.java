package dev.kvasir.scheduler.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.runner.SamplingParams;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.Scheduler.Submission;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;

/** Random arrivals, cancellations, failures and pools that are too small, checked after every step. */
class SchedulerSoakTest {
    @RandomizedTest(8)
    void everyRequestGetsItsTokensWhateverHappensAround(SplittableRandom random) {
        soak(random, 2_000);
    }

    @Tag("nightly")
    @RandomizedTest(4)
    void everyRequestGetsItsTokensInALongRun(SplittableRandom random) {
        soak(random, 20_000);
    }

    private static void soak(SplittableRandom random, int steps) {
        int segmentTokens = random.nextInt(4) == 0 ? 32 : 16;
        int slots = (160 + random.nextInt(160)) / segmentTokens; // so few that sequences outgrow them
        int sequences = 3 + random.nextInt(6);
        SchedulerConfig config = new SchedulerConfig(
                sequences + random.nextInt(60), sequences, 1 + random.nextInt(12), 1 + random.nextInt(40), 192);
        Harness harness = new Harness(segmentTokens, slots, config);
        List<RecordingSink> live = new ArrayList<>();
        Tally tally = new Tally();
        for (int step = 0; step < steps; step++) {
            int arrivals = random.nextInt(8) == 0 ? random.nextInt(6) : random.nextInt(16) == 0 ? 1 : 0;
            for (int i = 0; i < arrivals; i++) {
                RecordingSink sink = new RecordingSink(randomRequest(harness, random));
                if (random.nextInt(50) == 0) {
                    sink.throwsAtToken = random.nextInt(10);
                }
                if (harness.scheduler.submit(sink.request, sink) == Submission.ACCEPTED) {
                    live.add(sink);
                }
            }
            if (!live.isEmpty() && random.nextInt(40) == 0) {
                harness.scheduler.cancel(
                        live.get(random.nextInt(live.size())).request.id());
            }
            if (random.nextInt(400) == 0) {
                harness.runner.failure = new IllegalStateException("a step that fails");
            }
            harness.step();
            tally.settle(harness, live);
        }
        harness.runner.failure = null;
        harness.stepUntilIdle();
        tally.settle(harness, live);
        assertThat(live).isEmpty();
        assertThat(harness.usage().free() + harness.usage().sealed())
                .isEqualTo(harness.usage().slots());
        assertThat(harness.errors).allSatisfy(e -> assertThat(e).hasMessageMatching("a (step that fails|broken sink)"));
        // A run in which nothing happened would prove nothing.
        assertThat(tally.served).isGreaterThan(steps / 100);
        assertThat(tally.cancelled).isPositive();
        assertThat(harness.scheduler.stats().hitTokens()).isPositive();
        assertThat(harness.scheduler.stats().preemptions()).isPositive();
    }

    /** What became of the requests. */
    private static final class Tally {
        int served;
        int cancelled;

        void settle(Harness harness, List<RecordingSink> live) {
            live.removeIf(sink -> {
                if (!sink.isFinished()) {
                    return false;
                }
                if (sink.reason == FinishReason.CANCELLED || sink.reason == FinishReason.ERROR) {
                    cancelled++;
                    assertThat(sink.tokens)
                            .as("tokens of %s before its end", sink.request.id())
                            .isEqualTo(harness.expected(sink.request).subList(0, sink.tokens.size()));
                } else {
                    served++;
                    harness.assertServed(sink);
                }
                return true;
            });
        }
    }

    /** Few families of prompts, so that many share a beginning, some to the end and some branch off. */
    private static GenerationRequest randomRequest(Harness harness, SplittableRandom random) {
        int longest = Math.min(harness.scheduler.maxTokens() - 1, 120);
        int[] prompt = Harness.prompt(
                random.nextInt(3), 1 + random.nextInt(random.nextBoolean() ? longest : Math.min(longest, 40)));
        if (random.nextBoolean()) {
            int branch = random.nextInt(prompt.length);
            Arrays.fill(prompt, branch, prompt.length, 1 + random.nextInt(FakeModelRunner.VOCAB - 1));
        }
        int maxTokens = 1 + random.nextInt(120);
        return harness.request(
                random.nextInt(4) == 0 ? Harness.TENANT_B : Harness.TENANT_A,
                prompt,
                SamplingParams.GREEDY.withTemperature(1, random.nextInt(2)),
                maxTokens,
                random.nextInt(maxTokens + 1),
                random.nextBoolean() ? Harness.END_TOKENS : Harness.IGNORE_END,
                random.nextInt(8) == 0 ? 0 : -1);
    }
}
