package dev.kvasir.runner.cuda;

import dev.kvasir.pool.KvLayout;

/**
 * Where keys and values lie on the device.
 *
 * @param kv the layout of a slot as the rest of Kvasir knows it
 * @param isInt8 whether a slot is in the form of {@code pool.codec.Int8Codec} instead: planes of scales[token] float32, then [token][headDim] int8
 */
record DeviceLayout(KvLayout kv, boolean isInt8) {
    /** Set in a segment table's entry for keys that were stored before rotation. */
    static final int POSITION_FREE = 1 << 30;

    private static final int VECTOR_BYTES = 16;

    DeviceLayout {
        if (kv.headDim() * kv.dtype().bytes() % VECTOR_BYTES != 0) {
            throw new IllegalArgumentException("a row of " + kv.headDim() + " elements of " + kv.dtype()
                    + " isn't a multiple of " + VECTOR_BYTES + " bytes");
        }
    }

    /** Returns the bytes of one head's keys or values of one layer of a segment. */
    long planeBytes() {
        long elements = (long) kv.segmentTokens() * kv.headDim();
        return isInt8
                ? elements + (long) kv.segmentTokens() * Float.BYTES
                : elements * kv.dtype().bytes();
    }

    /** Returns the bytes of one layer of a segment: K, then V, of all heads. */
    long layerBytes() {
        return 2 * kv.kvHeads() * planeBytes();
    }

    long slotBytes() {
        return kv.layers() * layerBytes();
    }

    /** Returns how many planes a slot has. */
    int planes() {
        return kv.layers() * 2 * kv.kvHeads();
    }

    /** Returns the 16-byte vectors of a token in one plane. */
    int rowVectors() {
        return kv.headDim() * kv.dtype().bytes() / VECTOR_BYTES;
    }
}
