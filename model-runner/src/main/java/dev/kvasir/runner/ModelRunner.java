package dev.kvasir.runner;

import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.SlotStorage;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** A loaded model that computes steps over its KV memory. Not thread-safe: the step thread owns it. */
public interface ModelRunner extends AutoCloseable {
    /** Returns what is known of the model. */
    ModelConfig config();

    /** Returns the layout of a slot. */
    KvLayout kvLayout();

    /** Returns the device memory that the runner allocated for the pool. */
    SlotStorage kvStorage();

    /** Returns SHA-256 of the model's config and weights. */
    byte[] fingerprint();

    /**
     * Computes one step: writes the keys and values of every row's new tokens into its slots and samples where a row asks for
     * it. A row's result doesn't depend on the other rows (up to the last bits of float32 sums).
     *
     * @return one output per row, in the rows' order
     * @throws IllegalArgumentException if a row names slots or tokens that don't exist
     */
    StepOutput run(StepInput input);

    /**
     * Returns a further executor of attention over {@link #kvStorage}, for one other thread: it reads segments for other nodes while steps run. Closed with
     * the runner, before which that thread must have ended.
     */
    default PartialAttention newAttention() {
        throw new IllegalStateException("this runner attends to nothing for others");
    }

    /**
     * Has segments of other nodes attended to: from now on segment tables may have negative numbers. Called once, before the first step.
     *
     * @param around makes of the runner's own executor one that attends to those, too
     * @param needed whether a step that begins now needs that executor even if its tables have no negative numbers: others read what it writes
     */
    default void attendElsewhere(UnaryOperator<PartialAttention> around, BooleanSupplier needed) {
        throw new IllegalStateException("this runner attends to nothing of others");
    }

    /** Returns whether a device has failed so that no step can be computed any more in this process. */
    default boolean isLost() {
        return false;
    }

    /** Frees weights and KV memory. */
    @Override
    void close();
}
