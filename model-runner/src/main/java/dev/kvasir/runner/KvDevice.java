package dev.kvasir.runner;

import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.SlotStorage;
import org.jspecify.annotations.Nullable;

/**
 * KV memory on a device of its own, with attention over it, for a model whose other parts are computed elsewhere: what crosses the seam in a layer are keys,
 * values and queries of the step's new tokens, and attention's output. Everything but {@link #storage} and what {@link #newAttention} gives is the step
 * thread's.
 */
public interface KvDevice extends AutoCloseable {
    /**
     * Where the step's tokens go.
     *
     * @param positions of each token in its sequence
     * @param slots its slot
     * @param offsets its place in the slot
     */
    record Places(int[] positions, int[] slots, int[] offsets) {
        public Places {
            if (positions.length != slots.length || positions.length != offsets.length) {
                throw new IllegalArgumentException(
                        positions.length + " positions, " + slots.length + " slots and " + offsets.length + " offsets");
            }
        }
    }

    /** Makes a device for a model. */
    interface Factory {
        /**
         * Takes the memory.
         *
         * @param layout of a slot
         * @param heads query heads
         * @param frequencies angle per position of each pair of elements, (headDim / 2)
         * @param positions how many positions are rotated to at most
         * @param pool memory of the device for the slots, lent until the device is closed; null if it's to take some itself
         * @throws RuntimeException if the device hasn't so much memory, or no kernel fits the layout
         */
        KvDevice create(
                KvLayout layout, int heads, double[] frequencies, int positions, int slots, @Nullable TensorRef pool);
    }

    /** Returns the pool's memory, which Java can't see: its bytes are copied in and out. */
    SlotStorage storage();

    /** Begins a step: the places serve every layer. */
    void begin(Places places);

    /**
     * Writes one layer's keys, rotated, and values to their places.
     *
     * @param qk (tokens, heads + kvHeads, headDim), queries and keys, not rotated; on the host, or lent to the device
     * @param v (tokens, kvHeads, headDim); the same
     * @return the rotated queries (tokens, heads, headDim), on the device, until the next call
     */
    TensorRef append(int layer, TensorRef qk, TensorRef v);

    /** Copies rotated queries, as {@link #append} gives them, to the host. */
    void fetch(TensorRef queries, TensorRef to);

    /** Returns the step thread's executor; queries may be on the device. */
    PartialAttention attention();

    /** Returns a further executor for one other thread, closed with the device. */
    PartialAttention newAttention();

    /** Returns whether the device is of no more use to this process. */
    boolean isLost();

    @Override
    void close();
}
