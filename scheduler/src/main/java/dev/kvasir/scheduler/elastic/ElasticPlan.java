package dev.kvasir.scheduler.elastic;

import java.util.List;

/**
 * Batches and how many nodes each gets.
 *
 * @param batches in the order of their requests' contexts, shortest first
 * @param waitSeconds the sum over requests of their batch's time: what was minimised
 * @param meetsTargets whether every batch takes no longer than its requests may; if not, no plan could
 */
public record ElasticPlan(List<Batch> batches, double waitSeconds, boolean meetsTargets) {
    /**
     * Requests that are computed together.
     *
     * @param requests as indexes of the list that was planned
     * @param nodes degree of parallelism
     * @param seconds that it takes by the model
     */
    public record Batch(List<Integer> requests, int nodes, double seconds) {
        public Batch {
            requests = List.copyOf(requests);
        }
    }

    public ElasticPlan {
        batches = List.copyOf(batches);
    }
}
