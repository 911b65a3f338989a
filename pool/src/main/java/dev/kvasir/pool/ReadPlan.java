package dev.kvasir.pool;

/**
 * How a request reads a prefix that another node holds, with the figures that decided it.
 *
 * @param way what was chosen
 * @param reason why
 * @param segments how long the prefix is
 * @param query what shipping queries would cost over the request's expected life
 * @param fetch what fetching the segments would cost
 * @param groupSize query heads that share a KV head (GQA): the higher, the cheaper segments are beside queries
 */
public record ReadPlan(Way way, Reason reason, int segments, Cost query, Cost fetch, double groupSize) {
    /** What travels. */
    public enum Way {
        /** Queries go to the holder, and partial attention comes back. */
        QUERY,
        /** Segments come here once. */
        FETCH
    }

    /** Why. */
    public enum Reason {
        /** It takes less time on the link. */
        FASTER,
        /** There is no room here for the segments. */
        NO_ROOM,
        /** Somebody said so. */
        FORCED
    }

    /**
     * What goes over the link.
     *
     * @param bytes both ways together
     * @param roundTrips that follow one another
     * @param nanos what these take at the link's measured rate and round-trip time
     */
    public record Cost(long bytes, long roundTrips, double nanos) {
        public Cost {
            if (bytes < 0 || roundTrips < 0 || !(nanos >= 0)) {
                throw new IllegalArgumentException(
                        "nothing costs " + bytes + " bytes, " + roundTrips + " round trips and " + nanos + " ns");
            }
        }
    }

    public ReadPlan {
        if (segments < 0 || !(groupSize > 0)) {
            throw new IllegalArgumentException("no plan for " + segments + " segments and groups of " + groupSize);
        }
    }

    /** Returns what the chosen way costs. */
    public Cost chosen() {
        return way == Way.QUERY ? query : fetch;
    }
}
