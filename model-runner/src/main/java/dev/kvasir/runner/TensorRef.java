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
     * Returns the memory from the first element on, native byte order. For device memory its address is the device pointer
     * and it must not be read in Java.
     */
    ByteBuffer buffer();
}
