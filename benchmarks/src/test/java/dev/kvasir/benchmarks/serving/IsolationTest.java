package dev.kvasir.benchmarks.serving;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.benchmarks.serving.Isolation.Asked;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** The measurement against servers of which it is known what they give away. */
class IsolationTest {
    private static final double ALPHA = 0.01;
    private static final long HIT_NANOS = 2_000_000;
    private static final long MISS_NANOS = 3_000_000;

    /** A server that remembers prompts, of each tenant or of all, and takes a time that depends on it and on chance. */
    private static final class Caches {
        private final boolean shared;
        private final Set<String> known = new HashSet<>();
        private final Random noise = new Random(5);
        private long now;

        Caches(boolean shared) {
            this.shared = shared;
        }

        Sender tenant(String name) {
            return (index, dueNanos, body) -> {
                boolean hit = !known.add((shared ? "" : name) + Arrays.hashCode(body));
                now += (hit ? HIT_NANOS : MISS_NANOS) + (long) (Math.abs(noise.nextGaussian()) * 200_000);
                TokenUsage usage = new TokenUsage(100, 1, hit ? 64 : 0);
                return new Call(
                        CompletableFuture.completedFuture(new RequestResult(
                                index, dueNanos, dueNanos, ChunkTimes.of(now), now, usage, true, null, null)),
                        () -> {});
            };
        }

        IsolationReport measure() throws IOException {
            return new Isolation(tenant("a"), tenant("b"), "model", 20, 3, () -> now).run(5, 60);
        }
    }

    @Test
    void cachesOfTheirOwnTellNothing() throws Exception {
        IsolationReport report = new Caches(false).measure();
        assertThat(report.isIsolated(ALPHA)).isTrue();
        assertThat(report.cachedTokens())
                .isEqualTo(Map.of(Asked.BY_ANOTHER, 0, Asked.BY_NOBODY, 0, Asked.BY_ITSELF, 60 * 64));
        assertThat(report.comparison(Asked.BY_ITSELF).pKolmogorovSmirnov()).isLessThan(1e-6);
        assertThat(report.text(ALPHA)).contains("Isolated: ").contains("by another", "by nobody", "by itself");
        assertThat(report.toJson(ALPHA).at("/by another/ttftMillis")).hasSize(60);
    }

    @Test
    void aCacheForAllIsSeen() throws Exception {
        IsolationReport report = new Caches(true).measure();
        assertThat(report.comparison(Asked.BY_ANOTHER).differs(ALPHA)).isTrue();
        assertThat(report.isIsolated(ALPHA)).isFalse();
        assertThat(report.text(ALPHA)).contains("NOT isolated");
    }

    @Test
    void withoutADifferenceForTheOwnPromptsThereIsNoVerdict() {
        List<Double> same =
                DoubleStream.iterate(1, x -> x + 1).limit(50).boxed().toList();
        IsolationReport report = new IsolationReport(
                Map.of(Asked.BY_ANOTHER, same, Asked.BY_NOBODY, same, Asked.BY_ITSELF, same), Map.of());
        assertThat(report.isIsolated(ALPHA)).isFalse();
        assertThat(report.text(ALPHA)).contains("No verdict");
    }
}
