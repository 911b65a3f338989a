package dev.kvasir.pool;

import java.util.List;

/**
 * Who computes some batches, what they read from whom and where what they compute goes. The scheduler hands it on and needn't look inside.
 *
 * @param groups by batch: the numbers of the nodes that compute it
 * @param reads what requests read from nodes outside their group
 * @param transfers what is put where; segments that stay are not among them
 * @param bytes that go over links for all this
 */
public record CachePlans(List<List<Integer>> groups, List<Read> reads, List<Put> transfers, long bytes) {
    /**
     * A batch that is to be computed.
     *
     * @param requests as indexes of the requests that were asked about
     * @param degree how many nodes compute it together
     */
    public record Batch(List<Integer> requests, int degree) {
        public Batch {
            requests = List.copyOf(requests);
            if (degree < 1 || requests.isEmpty()) {
                throw new IllegalArgumentException(
                        "no batch has " + requests.size() + " requests and degree " + degree);
            }
        }
    }

    /**
     * Segments of a request's prefix that are on one node outside its group.
     *
     * @param request its index
     * @param holder the node's number
     * @param plan how they are read
     */
    public record Read(int request, int holder, ReadPlan plan) {}

    /**
     * New segments of a batch that another node keeps.
     *
     * @param batch its index
     * @param from the number of the member that computes them
     * @param to the number of the node that keeps them
     * @param segments how many
     */
    public record Put(int batch, int from, int to, int segments) {}

    public CachePlans {
        groups = groups.stream().map(List::copyOf).toList();
        reads = List.copyOf(reads);
        transfers = List.copyOf(transfers);
    }
}
