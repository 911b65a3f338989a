package dev.kvasir.benchmarks.serving;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Targets that a request must meet, all of them, to count as good.
 *
 * @param targetsMs highest time allowed, in milliseconds
 */
record Goodput(Map<Metric, Double> targetsMs) {
    /** A time of one request that can have a target. */
    enum Metric {
        TTFT,
        TPOT,
        E2E
    }

    Goodput {
        targetsMs = Map.copyOf(targetsMs);
    }

    /** Reads {@code ttft:500,tpot:50}. */
    static Goodput parse(String text) {
        Map<Metric, Double> targets = new EnumMap<>(Metric.class);
        for (String part : text.split(",", -1)) {
            int colon = part.indexOf(':');
            try {
                Metric metric = Metric.valueOf(
                        part.substring(0, Math.max(colon, 0)).strip().toUpperCase(Locale.ROOT));
                double millis = Double.parseDouble(part.substring(colon + 1));
                if (!(millis > 0) || targets.put(metric, millis) != null) {
                    throw new IllegalArgumentException("not positive, or named twice");
                }
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "a goodput target is ttft, tpot or e2e with a number of milliseconds, each at most once, as in"
                                + " ttft:500,tpot:50; not '" + part + "'",
                        e);
            }
        }
        return new Goodput(targets);
    }

    /** Returns whether a request succeeded within every target. One without text has no TTFT and isn't good. */
    boolean isGood(RequestResult result) {
        return result.isSuccess()
                && result.hasText()
                && targetsMs.entrySet().stream()
                        .allMatch(target -> nanos(result, target.getKey()) <= target.getValue() * 1e6);
    }

    private static long nanos(RequestResult result, Metric metric) {
        return switch (metric) {
            case TTFT -> result.ttftNanos();
            case TPOT -> result.hasTpot() ? result.tpotNanos() : 0;
            case E2E -> result.e2eNanos();
        };
    }

    /** Returns the targets in one line. */
    @Override
    public String toString() {
        return targetsMs.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(target -> target.getKey().name().toLowerCase(Locale.ROOT) + " <= " + target.getValue() + " ms")
                .collect(Collectors.joining(", "));
    }
}
