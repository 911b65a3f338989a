package dev.kvasir.runner.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jcuda.NativePointerObject;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** A kernel's arguments, in order. The driver copies them when it is called, so that one object serves all launches of a thread. */
final class KernelArguments {
    private static final int MOST = 24;

    private final ByteBuffer values =
            ByteBuffer.allocateDirect(MOST * Long.BYTES).order(ByteOrder.nativeOrder());
    private final Pointer pointers; // to each value, 8 bytes apart
    private int count;

    KernelArguments() {
        NativePointerObject[] each = new NativePointerObject[MOST];
        for (int i = 0; i < MOST; i++) {
            each[i] = Pointer.to(values).withByteOffset((long) i * Long.BYTES);
        }
        pointers = Pointer.to(each);
    }

    /** Begins anew. */
    KernelArguments begin() {
        count = 0;
        return this;
    }

    /** Adds an address or another 64-bit number. */
    KernelArguments add(long value) {
        values.putLong(count++ * Long.BYTES, value);
        return this;
    }

    KernelArguments add(int value) {
        values.putInt(count++ * Long.BYTES, value);
        return this;
    }

    KernelArguments add(float value) {
        values.putFloat(count++ * Long.BYTES, value);
        return this;
    }

    /** Launches. */
    void launch(
            CudaDevice device, CUfunction function, int gridX, int gridY, int threads, CUstream stream, String name) {
        device.call(
                "cuLaunchKernel",
                () -> JCudaDriver.cuLaunchKernel(function, gridX, gridY, 1, threads, 1, 1, 0, stream, pointers, null),
                name);
    }
}
