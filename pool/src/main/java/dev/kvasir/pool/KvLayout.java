package dev.kvasir.pool;

import java.util.Locale;

/**
 * The aggregated layout of a slot: {@code [layer][K|V][kvHead][token][headDim]}, row-major. A segment is one contiguous run
 * of bytes, and a layer of all slots is a strided view of the same memory.
 *
 * @param layers transformer layers
 * @param kvHeads key/value heads (GQA)
 * @param headDim width of a head, in elements
 * @param segmentTokens tokens of a segment, a power of two from 16 to 512
 * @param dtype element type
 */
public record KvLayout(int layers, int kvHeads, int headDim, int segmentTokens, KvDtype dtype) {
    public KvLayout {
        if (layers < 1 || kvHeads < 1 || headDim < 1) {
            throw new IllegalArgumentException("a KV layout needs at least one layer, head and element, not " + layers
                    + " x " + kvHeads + " x " + headDim);
        }
        if (segmentTokens < 16 || segmentTokens > 512 || Integer.bitCount(segmentTokens) != 1) {
            throw new IllegalArgumentException(
                    "segment tokens must be a power of two from 16 to 512, not " + segmentTokens);
        }
        double bytes = 2.0 * layers * kvHeads * segmentTokens * headDim * dtype.bytes(); // a long could wrap round
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    String.format(Locale.ROOT, "a segment of %.0f bytes does not fit a buffer", bytes));
        }
    }

    /** Returns the elements of one segment. */
    public int segmentElements() {
        return 2 * layers * kvHeads * segmentTokens * headDim;
    }

    /** Returns the bytes of one segment, all layers, K and V. */
    public int segmentBytes() {
        return segmentElements() * dtype.bytes();
    }

    /** Returns the index, in elements from the start of the slot, where one token's key or value of one head begins. */
    public int offset(int layer, boolean value, int kvHead, int token) {
        return (((layer * 2 + (value ? 1 : 0)) * kvHeads + kvHead) * segmentTokens + token) * headDim;
    }

    /** Returns how many segments hold {@code tokens} tokens. */
    public int segmentsFor(int tokens) {
        return (tokens + segmentTokens - 1) / segmentTokens;
    }
}
