package dev.kvasir.runner;

import java.nio.ByteBuffer;

/**
 * A neutral reference to a tensor, so that executors of different libraries can work on one memory without meeting.
 *
 * <p>Nobody owns memory through a reference: it is valid for the call it was passed to.
 */
public interface TensorRef {
    DType dtype();

    /** Returns the sizes, outermost first. */
    long[] shape();

    /** Returns the distance in elements between neighbours of each dimension. */
    long[] strides();

    /**
     * Returns the memory from the first element on, native byte order.
     *
     * @throws UnsupportedOperationException if it is memory of a device, which Java can't read
     */
    ByteBuffer buffer();

    /** Returns where it lies in the memory of attention's device; 0 for a tensor that the device can't reach. */
    default long deviceAddress() {
        return 0;
    }
}
