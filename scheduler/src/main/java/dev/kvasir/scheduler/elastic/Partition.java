package dev.kvasir.scheduler.elastic;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The cheapest way to cut sorted requests into batches and share nodes out among these.
 *
 * @param cuts the batches in order
 * @param cost the sum over requests of their batch's seconds
 */
record Partition(List<Cut> cuts, double cost) {
    /*
     * TokenLake, section 6: f(i, k) is the least cost of the first i requests on k nodes,
     *
     *   f(i, k) = min over 0 <= j < i, 0 <= l < k with T(j..i, k - l) <= target of that range
     *             of f(j, l) + (i - j) T(j..i, k - l)
     *
     * and the answer min over k <= N of f(M, k), followed back. M^2 N^2 / 4 looks at T, each O(1).
     */

    /**
     * A batch.
     *
     * @param from its first request
     * @param to behind its last one
     * @param nodes that compute it
     */
    record Cut(int from, int to, int nodes) {}

    /**
     * Finds the cheapest partition; of several, one that takes the fewest nodes.
     *
     * @param targets by request: how long its batch may take
     * @param nodes there are
     * @return empty if no partition meets the targets
     */
    static Optional<Partition> cheapest(double[] targets, int nodes, BatchTimes times) {
        int requests = targets.length;
        double[][] costs = new double[requests + 1][nodes + 1]; // f(i, k)
        int[][] from = new int[requests + 1][nodes + 1]; // the j of f(i, k)
        int[][] before = new int[requests + 1][nodes + 1]; // the l of f(i, k)
        for (int i = 0; i <= requests; i++) {
            for (int k = 0; k <= nodes; k++) {
                costs[i][k] = i == 0 && k == 0 ? 0 : Double.POSITIVE_INFINITY;
            }
        }
        for (int i = 1; i <= requests; i++) {
            double target = Double.POSITIVE_INFINITY; // of [j, i)
            for (int j = i - 1; j >= 0; j--) {
                target = Math.min(target, targets[j]);
                for (int degree = 1; degree <= nodes; degree++) {
                    double seconds = times.seconds(j, i, degree);
                    if (seconds > target) {
                        continue;
                    }
                    for (int k = degree; k <= nodes; k++) {
                        double cost = costs[j][k - degree] + (i - j) * seconds;
                        if (cost < costs[i][k]) {
                            costs[i][k] = cost;
                            from[i][k] = j;
                            before[i][k] = k - degree;
                        }
                    }
                }
            }
        }
        int best = 0;
        for (int k = 1; k <= nodes; k++) {
            best = costs[requests][k] < costs[requests][best] ? k : best;
        }
        if (costs[requests][best] == Double.POSITIVE_INFINITY) {
            return Optional.empty();
        }
        List<Cut> cuts = new ArrayList<>();
        int k = best;
        for (int i = requests; i > 0; ) {
            int j = from[i][k];
            int l = before[i][k];
            cuts.add(new Cut(j, i, k - l));
            i = j;
            k = l;
        }
        Collections.reverse(cuts);
        return Optional.of(new Partition(cuts, costs[requests][best]));
    }
}
