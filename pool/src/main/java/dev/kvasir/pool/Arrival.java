package dev.kvasir.pool;

import java.util.List;

/**
 * Segments that another node sent and that are not indexed: the claimer's alone.
 *
 * @param id the transfer they came with
 * @param root where their identity chain starts: model and tenant
 * @param from index in its sequence of the first
 * @param segments their identities, in order
 * @param addresses where they lie: slots in state writing, as if the claimer had allocated and filled them
 */
public record Arrival(TransferId id, SegmentId root, int from, List<SegmentId> segments, List<SlotAddress> addresses) {
    public Arrival {
        segments = List.copyOf(segments);
        addresses = List.copyOf(addresses);
        if (segments.size() != addresses.size()) {
            throw new IllegalArgumentException(
                    segments.size() + " segments don't lie in " + addresses.size() + " slots");
        }
    }
}
