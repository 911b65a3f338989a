package dev.kvasir.pool.disk;

import dev.kvasir.pool.SegmentId;

/**
 * What a store's file has to be to be of use.
 *
 * @param fingerprint 32 bytes, SHA-256 of whatever must be equal for the segments to be: model, layout, dtype, stored
 *     form; lent
 * @param segmentBytes bytes of a segment as it is stored
 * @param segmentTokens tokens of a segment, at most {@value #MOST_TOKENS}
 * @param slots how many segments there is room for
 */
public record DiskGeometry(byte[] fingerprint, int segmentBytes, int segmentTokens, int slots) {
    private static final int MOST_TOKENS = 1 << 16;

    public DiskGeometry {
        if (fingerprint.length != SegmentId.BYTES) {
            throw new IllegalArgumentException(
                    "a fingerprint has " + SegmentId.BYTES + " bytes, not " + fingerprint.length);
        }
        if (segmentBytes < 1 || slots < 1) {
            throw new IllegalArgumentException(
                    "a store needs at least one slot of one byte, not " + slots + " of " + segmentBytes);
        }
        if (segmentTokens < 1 || segmentTokens > MOST_TOKENS) {
            throw new IllegalArgumentException("a segment has 1 to " + MOST_TOKENS + " tokens, not " + segmentTokens);
        }
    }

    /** Returns how many slots a file of at most so many bytes has. */
    public static int slotsIn(long bytes, int segmentBytes, int segmentTokens) {
        FileLayout layout = new FileLayout(new DiskGeometry(new byte[SegmentId.BYTES], segmentBytes, segmentTokens, 1));
        int low = 0;
        int high = (int) Math.min(Integer.MAX_VALUE - 1, bytes / segmentBytes);
        while (low < high) {
            int middle = (int) (((long) low + high + 1) / 2);
            if (layout.fileBytes(middle) <= bytes) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
