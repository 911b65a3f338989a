package dev.kvasir.benchmarks.turns;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * What a talk cost.
 *
 * @param turns how many
 * @param promptTokens of all prompts
 * @param cachedByTier of these, reused, by the tier's name
 * @param unavoidable of these, those that no cache could have saved
 * @param ttft by the slowest tier that gave something; {@code none} where nothing was reused
 */
record TurnsSummary(
        int turns, long promptTokens, Map<String, Long> cachedByTier, long unavoidable, Map<String, Ttft> ttft) {
    static final String NONE = "none";
    private static final List<String> SLOWEST_FIRST = List.of("disk", "host", "device", "cache");
    private static final int DIGITS = 3;

    /** Times to the first token, in milliseconds; percentiles by nearest rank. */
    record Ttft(long count, double medianMs, double p99Ms) {
        private static Ttft of(Histogram histogram) {
            return new Ttft(
                    histogram.getTotalCount(),
                    histogram.getValueAtPercentile(50) / 1e6,
                    histogram.getValueAtPercentile(99) / 1e6);
        }
    }

    /** Adds turns up. */
    static TurnsSummary of(List<Turn> turns, int segmentTokens) {
        Map<String, Long> cached = new TreeMap<>();
        Map<String, Histogram> times = new TreeMap<>();
        for (Turn turn : turns) {
            turn.cachedByTier().forEach((tier, tokens) -> cached.merge(tier, (long) tokens, Long::sum));
            times.computeIfAbsent(slowest(turn), tier -> new Histogram(DIGITS)).recordValue(turn.ttftNanos());
        }
        Map<String, Ttft> ttft = new TreeMap<>();
        times.forEach((tier, histogram) -> ttft.put(tier, Ttft.of(histogram)));
        return new TurnsSummary(
                turns.size(),
                turns.stream().mapToLong(Turn::promptTokens).sum(),
                cached,
                turns.stream()
                        .mapToLong(turn -> turn.unavoidable(segmentTokens))
                        .sum(),
                ttft);
    }

    private static String slowest(Turn turn) {
        return SLOWEST_FIRST.stream()
                .filter(turn.cachedByTier()::containsKey)
                .findFirst()
                .orElse(NONE);
    }

    /** Returns prompt tokens that the server computed. */
    long computed() {
        return promptTokens
                - cachedByTier.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns by how many percent that is more than what no cache could have saved. */
    double overUnavoidable() {
        return 100.0 * (computed() - unavoidable) / unavoidable;
    }

    /** Returns how many percent were computed of what a cache could have saved. */
    double missedOfSavable() {
        long savable = promptTokens - unavoidable;
        return savable == 0 ? 0 : 100.0 * (computed() - unavoidable) / savable;
    }

    /** Returns how many replies differ from those to the same prompts in another list. */
    static long differing(List<Turn> turns, List<Turn> others) {
        if (turns.size() != others.size()) {
            throw new IllegalArgumentException(turns.size() + " turns can't be compared with " + others.size());
        }
        long differing = 0;
        for (int i = 0; i < turns.size(); i++) {
            differing += Arrays.equals(turns.get(i).reply(), others.get(i).reply()) ? 0 : 1;
        }
        return differing;
    }
}
