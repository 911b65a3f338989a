package dev.kvasir.benchmarks.cluster;

import java.util.Collection;

/** What came of a simulation, after its warm-up. */
final class SimCounts {
    long requests;
    long promptTokens;
    long hitTokens;
    long remoteTokens; // of the hits, on another node than the request
    long queryBytes;
    long fetchBytes;
    long putBytes;
    long moveBytes;
    long replicateBytes;
    long queryPlans;
    long fetchPlans;
    long noRoomPlans; // queries for want of slots
    long notKept; // segments that found no slot
    private double variationSum;
    private long windows;
    private double duplicateSum; // shares of held segments
    private double replicaSum;
    private long samples;
    int duplicatesLeft; // after the last request, once nobody reads any more

    double hitRate() {
        return (double) hitTokens / promptTokens;
    }

    double remoteRate() {
        return (double) remoteTokens / promptTokens;
    }

    /** Returns the coefficient of variation of accesses over nodes, the mean of all windows. */
    double variation() {
        return variationSum / windows;
    }

    /** Returns which part of held segments were a second home of one, on the average. */
    double duplicateShare() {
        return duplicateSum / samples;
    }

    /** Returns which part of held segments were replicas, on the average. */
    double replicaShare() {
        return replicaSum / samples;
    }

    /** Takes tokens that were read from each node in a window. */
    void window(Collection<Long> tokens) {
        double mean = tokens.stream().mapToLong(t -> t).average().orElse(0);
        if (mean > 0) {
            double squares = tokens.stream()
                    .mapToDouble(t -> (t - mean) * (t - mean))
                    .average()
                    .orElse(0);
            variationSum += Math.sqrt(squares) / mean;
            windows++;
        }
    }

    void sample(int held, int duplicates, int replicas) {
        if (held > 0) {
            duplicateSum += (double) duplicates / held;
            replicaSum += (double) replicas / held;
            samples++;
        }
    }
}
