package dev.kvasir.runner.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.Pointer;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/** Host memory that the device copies from and to without staging. Grows when more is asked for. One owner. */
final class PinnedBuffer implements AutoCloseable {
    private final CudaDevice device;
    private @Nullable Pointer pointer;
    private ByteBuffer bytes = ByteBuffer.allocateDirect(0);

    PinnedBuffer(CudaDevice device) {
        this.device = device;
    }

    /** Makes sure that there are so many bytes; the old content is lost. */
    ByteBuffer reserve(long wanted) {
        if (wanted > bytes.capacity()) {
            long size = Math.max(1 << 12, Long.highestOneBit(wanted - 1) << 1);
            if (size > Integer.MAX_VALUE) {
                size = Math.toIntExact(wanted);
            }
            close();
            Pointer made = new Pointer();
            long taken = size;
            device.call("cuMemHostAlloc", () -> JCudaDriver.cuMemHostAlloc(made, taken, 0), taken + " bytes");
            pointer = made;
            bytes = made.getByteBuffer(0, taken).order(ByteOrder.nativeOrder());
        }
        return bytes.duplicate().order(ByteOrder.nativeOrder()).clear();
    }

    Pointer pointer() {
        Pointer is = pointer;
        if (is == null) {
            throw new IllegalStateException("nothing was reserved");
        }
        return is;
    }

    @Override
    public void close() {
        Pointer old = pointer;
        if (old != null) {
            pointer = null;
            bytes = ByteBuffer.allocateDirect(0);
            device.call("cuMemFreeHost", () -> JCudaDriver.cuMemFreeHost(old));
        }
    }
}
