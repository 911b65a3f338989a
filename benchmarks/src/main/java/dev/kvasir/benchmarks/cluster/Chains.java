package dev.kvasir.benchmarks.cluster;

import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import java.util.HashMap;
import java.util.Map;

/** Tokens and identities of made-up contents. */
final class Chains {
    static final int SEGMENT_TOKENS = 64;
    static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);

    private final Map<SegmentId, SegmentId> known = new HashMap<>(); // one object for each identity

    /** Returns identities of segments with these contents, one after the other. */
    SegmentId[] ids(long[] contents) {
        int[] tokens = tokens(contents, contents.length);
        SegmentId[] ids = new SegmentId[contents.length];
        SegmentId id = ROOT;
        for (int i = 0; i < ids.length; i++) {
            SegmentId next = SegmentIdentity.next(id, tokens, i * SEGMENT_TOKENS, (i + 1) * SEGMENT_TOKENS);
            id = known.computeIfAbsent(next, same -> same);
            ids[i] = id;
        }
        return ids;
    }

    /** Returns tokens that differ where the first {@code count} contents do, and one more. */
    static int[] tokens(long[] contents, int count) {
        int[] tokens = new int[count * SEGMENT_TOKENS + 1];
        for (int i = 0; i < count; i++) {
            tokens[i * SEGMENT_TOKENS] = (int) contents[i];
            tokens[i * SEGMENT_TOKENS + 1] = (int) (contents[i] >>> 32);
        }
        return tokens;
    }
}
