package dev.kvasir.runner.cuda;

import dev.kvasir.runner.TensorRef;
import java.nio.ByteBuffer;
import jcuda.Pointer;
import jcuda.driver.CUstream;

/**
 * Brings tensors of the host to the device and back, through pinned memory: the seam between a model that computes elsewhere and attention that computes here. A
 * {@link DeviceTensor} is there already. For one thread.
 */
final class Transfers implements AutoCloseable {
    private final CudaDevice device;
    private final CUstream stream;
    private final PinnedBuffer up;
    private final PinnedBuffer down;

    Transfers(CudaDevice device, CUstream stream) {
        this.device = device;
        this.stream = stream;
        up = new PinnedBuffer(device);
        down = new PinnedBuffer(device);
    }

    /** Makes room for what is staged until the next call of this method; everything staged before must be over. */
    void begin(long upBytes, long downBytes) {
        up.reserve(upBytes);
        down.reserve(downBytes);
    }

    /**
     * Copies a tensor's bytes to the device, staged at {@code offset}.
     *
     * @return bytes copied
     */
    long in(TensorRef tensor, long bytes, long to, long offset) {
        ByteBuffer from = tensor.buffer();
        staging(up, offset, bytes).put(from.slice(0, Math.toIntExact(bytes)));
        device.copyIn(to, up.pointer().withByteOffset(offset), bytes, stream);
        return bytes;
    }

    /** Queues a copy to the host, to be taken out of staging once the stream has come so far. */
    void out(long from, long bytes, long offset) {
        device.copyOut(down.pointer().withByteOffset(offset), from, bytes, stream);
    }

    /** Returns bytes that have been copied to the host. */
    ByteBuffer arrived(long offset, long bytes) {
        return staging(down, offset, bytes);
    }

    /** Returns staged memory for the caller to fill or read. */
    ByteBuffer staged(long offset, long bytes) {
        return staging(up, offset, bytes);
    }

    /** Copies what the caller has staged. */
    void copyStaged(long to, long bytes, long offset) {
        Pointer from = up.pointer().withByteOffset(offset);
        device.copyIn(to, from, bytes, stream);
    }

    private static ByteBuffer staging(PinnedBuffer buffer, long offset, long bytes) {
        return buffer.reserve(0)
                .slice(Math.toIntExact(offset), Math.toIntExact(bytes))
                .order(java.nio.ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        up.close();
        down.close();
    }
}
