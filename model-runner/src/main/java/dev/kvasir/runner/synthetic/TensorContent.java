package dev.kvasir.runner.synthetic;

import java.nio.ByteBuffer;

/** What a tensor holds, made piece by piece, so that no tensor needs to fit in memory. */
@FunctionalInterface
public interface TensorContent {
    /**
     * Writes elements {@code [first, first + count)}, little-endian, in the tensor's dtype.
     *
     * @param into has exactly the room, little-endian
     * @param first index of the first element, row-major; a multiple of 4
     * @param count how many elements
     */
    void fill(ByteBuffer into, long first, int count);
}
