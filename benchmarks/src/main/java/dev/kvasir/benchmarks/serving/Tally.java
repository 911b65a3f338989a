package dev.kvasir.benchmarks.serving;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the results of a run. Thread-safe. Times and tokens are those of successful requests; the arrival times of single
 * chunks go into a histogram and are dropped, so that a long run doesn't fill the heap.
 */
final class Tally implements Consumer<RequestResult> {
    private final @Nullable Goodput goodput;
    private final Latencies ttft = new Latencies();
    private final Latencies tpot = new Latencies();
    private final Latencies itl = new Latencies();
    private final Latencies e2e = new Latencies();
    private final Latencies late = new Latencies();
    private final Map<String, Failures> failures = new TreeMap<>();
    private final List<RequestResult> requests = new ArrayList<>();

    private long completed;
    private long withoutText;
    private long withoutUsage;
    private long good;
    private long chunks;
    private long promptTokens;
    private long outputTokens;
    private long cachedTokens;
    private long cacheReported;
    private double e2eSumNanos;

    /**
     * An empty tally.
     *
     * @param goodput the targets, if there are any
     */
    Tally(@Nullable Goodput goodput) {
        this.goodput = goodput;
    }

    @Override
    public synchronized void accept(RequestResult result) {
        requests.add(result.withoutChunks());
        late.add(result.lateNanos());
        if (result.failure() != null) {
            failures.merge(result.failure(), new Failures(1, String.valueOf(result.detail())), Failures::plus);
            return;
        }
        completed++;
        withoutUsage += result.usageReported() ? 0 : 1;
        good += goodput != null && goodput.isGood(result) ? 1 : 0;
        addTokens(result);
        addTimes(result);
    }

    private void addTokens(RequestResult result) {
        chunks += result.chunks().count();
        promptTokens += result.usage().promptTokens();
        outputTokens += result.usage().outputTokens();
        if (result.usage().cachedTokens() != TokenUsage.UNKNOWN) {
            cachedTokens += result.usage().cachedTokens();
            cacheReported++;
        }
    }

    private void addTimes(RequestResult result) {
        e2e.add(result.e2eNanos());
        e2eSumNanos += result.e2eNanos();
        if (!result.hasText()) {
            withoutText++;
            return;
        }
        ttft.add(result.ttftNanos());
        if (result.hasTpot()) {
            tpot.add(result.tpotNanos());
        }
        ChunkTimes at = result.chunks();
        for (int i = 1; i < at.count(); i++) {
            itl.add(at.at(i) - at.at(i - 1));
        }
    }

    /** Returns the sums so far, of a run that took so long. */
    synchronized Summary summary(long durationNanos) {
        double seconds = durationNanos / 1e9;
        return new Summary(
                seconds,
                completed,
                withoutText,
                withoutUsage,
                new TreeMap<>(failures),
                new Summary.Tokens(promptTokens, outputTokens, cacheReported > 0 ? cachedTokens : -1, chunks),
                e2eSumNanos / Math.max(1, durationNanos),
                goodput == null ? -1 : good,
                ttft.stats(),
                tpot.stats(),
                itl.stats(),
                e2e.stats(),
                late.stats());
    }

    /** Returns every request so far in order of their index, without the times of their chunks. */
    synchronized List<RequestResult> requests() {
        return requests.stream()
                .sorted((a, b) -> Integer.compare(a.index(), b.index()))
                .toList();
    }

    /**
     * Failures of one kind.
     *
     * @param count how many
     * @param example what the first one said
     */
    record Failures(int count, String example) {
        private Failures plus(Failures more) {
            return new Failures(count + more.count, example);
        }
    }
}
