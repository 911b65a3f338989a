package dev.kvasir.pool.placement;

import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.ReadPlan;
import dev.kvasir.pool.ReadPlan.Cost;
import dev.kvasir.pool.ReadPlan.Reason;
import dev.kvasir.pool.ReadPlan.Way;
import org.jspecify.annotations.Nullable;

/** Chooses between shipping queries to a prefix and fetching its segments. */
public final class ReadPlanner {
    /*
     * Over a request's life each of its new tokens, prompt and output, asks each layer once: heads * headDim elements of query go, as
     * many of output come back with one logsumexp a head. A prompt's tokens go chunk by chunk, output tokens one by one, and layers
     * follow one another: that many round trips. Segments go once, K and V of all layers, in one round trip.
     *
     * TokenLake counts 2 d l N_p elements for queries (d width, l new tokens, N_p holders), and so does this: it is asked for each
     * holder by itself. Fetching is 2 d P / g elements of P tokens: a high group size g makes segments small beside queries.
     *
     * Left out, for it is the same both ways or unknown: the attention itself. Queries may hide behind attention over the new
     * tokens and the holder may be busy; a fetched segment takes a slot here, and is a second copy while it does. So where both
     * take the same time, queries are shipped.
     */
    private final KvLayout layout;
    private final int heads;
    private final int queryElementBytes;

    /**
     * Creates a planner for a model.
     *
     * @param heads query heads
     * @param queryElementBytes bytes of an element of queries and outputs on the wire
     */
    public ReadPlanner(KvLayout layout, int heads, int queryElementBytes) {
        if (heads < 1 || heads % layout.kvHeads() != 0 || queryElementBytes < 1) {
            throw new IllegalArgumentException(heads + " query heads for " + layout.kvHeads()
                    + " KV heads, elements of " + queryElementBytes + " bytes");
        }
        this.layout = layout;
        this.heads = heads;
        this.queryElementBytes = queryElementBytes;
    }

    /**
     * A request before one holder.
     *
     * @param segments of its prefix that this holder has
     * @param newTokens of its prompt that are to be computed
     * @param steps in which these are computed
     * @param outputTokens that it is expected to generate
     * @param freeSlots that fetched segments could take here
     */
    public record Demand(int segments, int newTokens, int steps, int outputTokens, int freeSlots) {
        public Demand {
            if (segments < 0 || newTokens < 0 || steps < 0 || outputTokens < 0 || freeSlots < 0) {
                throw new IllegalArgumentException("nobody asks for " + segments + " segments, " + newTokens
                        + " new tokens in " + steps + " steps and " + outputTokens + " of output, with " + freeSlots
                        + " free slots");
            }
        }
    }

    /**
     * Plans how a request reads a prefix.
     *
     * @param forced what is to be chosen, whatever it costs; null: what is faster
     */
    public ReadPlan plan(Demand demand, Link link, @Nullable Way forced) {
        Cost query = cost(
                queryBytes((long) demand.newTokens() + demand.outputTokens()),
                (long) layout.layers() * ((long) demand.steps() + demand.outputTokens()),
                link);
        Cost fetch = cost((long) demand.segments() * layout.segmentBytes(), demand.segments() == 0 ? 0 : 1, link);
        Way way = fetch.nanos() < query.nanos() ? Way.FETCH : Way.QUERY;
        Reason reason = Reason.FASTER;
        if (forced != null) {
            way = forced;
            reason = Reason.FORCED;
        } else if (way == Way.FETCH && demand.segments() > demand.freeSlots()) {
            way = Way.QUERY;
            reason = Reason.NO_ROOM;
        }
        return new ReadPlan(way, reason, demand.segments(), query, fetch, (double) heads / layout.kvHeads());
    }

    /** Returns the bytes of queries, outputs and logsumexps of so many tokens in all layers to one holder and back. */
    public long queryBytes(long tokens) {
        long perHead = 2L * layout.headDim() * queryElementBytes + Float.BYTES;
        return tokens * layout.layers() * heads * perHead;
    }

    private static Cost cost(long bytes, long roundTrips, Link link) {
        return new Cost(bytes, roundTrips, bytes / link.bytesPerSecond() * 1e9 + roundTrips * link.roundTripNanos());
    }
}
