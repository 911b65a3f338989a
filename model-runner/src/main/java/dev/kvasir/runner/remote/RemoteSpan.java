package dev.kvasir.runner.remote;

/**
 * Consecutive queries of one row, and the segments of one node that they see whole, since these lie in the past of all of them.
 *
 * @param firstQuery index of the first query in the query tensor
 * @param queries how many queries
 * @param loans for each segment, the loan that it belongs to
 * @param slots for each segment, where it lies on that node's device
 */
record RemoteSpan(int firstQuery, int queries, long[] loans, int[] slots) {
    RemoteSpan {
        if (firstQuery < 0 || queries < 1 || loans.length != slots.length || slots.length == 0) {
            throw new IllegalArgumentException("no such span: " + queries + " queries from " + firstQuery + " over "
                    + slots.length + " segments of " + loans.length + " loans");
        }
    }

    /** Returns the part of it that begins {@code from} queries later and has {@code count} of them. */
    RemoteSpan part(int from, int count) {
        return new RemoteSpan(firstQuery + from, count, loans, slots);
    }
}
