package dev.kvasir.runner.cuda;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdevice_attribute;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * A CUDA device in its primary context, which is the one that libtorch uses. Memory is given out under a budget. Thread-safe; the context is made current
 * for each thread that calls.
 *
 * <p>After some errors (a kernel's wild access, a card that fell off its bus) the driver fails every further call of the process. The first of these is
 * {@linkplain #failure remembered}, so that a node can leave the service instead of answering garbage.
 */
public final class CudaDevice implements AutoCloseable {
    private final CUdevice device = new CUdevice();
    private final CUcontext context = new CUcontext();
    private final String name;
    private final int architecture;
    private final long budget;
    private final AtomicLong used = new AtomicLong();
    private final AtomicReference<@Nullable CudaException> failure = new AtomicReference<>();
    private final ThreadLocal<Boolean> isCurrent = ThreadLocal.withInitial(() -> false);

    private CudaDevice(int ordinal, long budget) {
        check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, ordinal));
        byte[] text = new byte[128];
        check("cuDeviceGetName", JCudaDriver.cuDeviceGetName(text, text.length, device));
        name = new String(text, StandardCharsets.UTF_8).trim();
        architecture = 10 * attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)
                + attribute(CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
        check("cuDevicePrimaryCtxRetain", JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
        this.budget = budget;
    }

    /**
     * Opens a device.
     *
     * @param budget bytes of its memory that may be taken
     * @throws CudaException if the driver refuses
     * @throws IllegalStateException if {@link CudaProbe} found none
     */
    public static CudaDevice open(int ordinal, long budget) {
        CudaProbe probe = CudaProbe.result();
        if (!probe.isAvailable()) {
            throw new IllegalStateException(probe.reason());
        }
        return new CudaDevice(ordinal, budget);
    }

    /** Returns the device's name and architecture: {@code NVIDIA H100, sm_90}. */
    public String description() {
        return name + ", sm_" + architecture;
    }

    /** Returns ten times the compute capability: 80 for 8.0. */
    public int architecture() {
        return architecture;
    }

    /** Returns the error after which the device is of no more use, if there was one. */
    public @Nullable CudaException failure() {
        return failure.get();
    }

    /** Returns the bytes that are taken. */
    public long usedBytes() {
        return used.get();
    }

    /**
     * Takes memory, whose content is undefined.
     *
     * @return its address
     * @throws CudaException if it is beyond the budget, or the device has no more
     */
    long allocate(long bytes) {
        long total = used.addAndGet(bytes);
        if (total > budget) {
            used.addAndGet(-bytes);
            throw new CudaException(
                    "cuMemAlloc",
                    CUresult.CUDA_ERROR_OUT_OF_MEMORY,
                    "CUDA_ERROR_OUT_OF_MEMORY",
                    bytes + " bytes beside " + (total - bytes) + " are beyond the budget of " + budget);
        }
        CUdeviceptr pointer = new CUdeviceptr();
        boolean isTaken = false;
        try {
            call("cuMemAlloc", () -> JCudaDriver.cuMemAlloc(pointer, bytes), bytes + " bytes");
            isTaken = true;
        } finally {
            if (!isTaken) {
                used.addAndGet(-bytes);
            }
        }
        return new Address(pointer).value();
    }

    void free(long address, long bytes) {
        used.addAndGet(-bytes);
        call("cuMemFree", () -> JCudaDriver.cuMemFree(at(address)));
    }

    /** Returns a stream that isn't ordered with any other. */
    CUstream newStream() {
        CUstream stream = new CUstream();
        call("cuStreamCreate", () -> JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
        return stream;
    }

    /** Returns an event without times. */
    CUevent newEvent() {
        CUevent event = new CUevent();
        call("cuEventCreate", () -> JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DISABLE_TIMING));
        return event;
    }

    void destroy(CUstream stream) {
        call("cuStreamDestroy", () -> JCudaDriver.cuStreamDestroy(stream));
    }

    void destroy(CUevent event) {
        call("cuEventDestroy", () -> JCudaDriver.cuEventDestroy(event));
    }

    void synchronize(CUstream stream) {
        call("cuStreamSynchronize", () -> JCudaDriver.cuStreamSynchronize(stream));
    }

    /** Copies from host memory; it must not change before the stream has come so far, if it is pinned. */
    void copyIn(long to, Pointer from, long bytes, CUstream stream) {
        call("cuMemcpyHtoDAsync", () -> JCudaDriver.cuMemcpyHtoDAsync(at(to), from, bytes, stream));
    }

    /** Copies to host memory; it's there when the stream has come so far. */
    void copyOut(Pointer to, long from, long bytes, CUstream stream) {
        call("cuMemcpyDtoHAsync", () -> JCudaDriver.cuMemcpyDtoHAsync(to, at(from), bytes, stream));
    }

    /** A driver's function. */
    interface Call {
        int run();
    }

    void call(String name, Call call) {
        call(name, call, "");
    }

    /** Calls the driver in this device's context. */
    void call(String name, Call call, String detail) {
        if (!isCurrent.get()) {
            check("cuCtxSetCurrent", JCudaDriver.cuCtxSetCurrent(context));
            isCurrent.set(true);
        }
        int code = call.run();
        if (code != CUresult.CUDA_SUCCESS) {
            throw failed(name, code, detail);
        }
    }

    private CudaException failed(String name, int code, String detail) {
        CudaException failed = new CudaException(name, code, CUresult.stringFor(code), detail);
        if (isFinal(code)) {
            failure.compareAndSet(null, failed);
        }
        return failed;
    }

    /*
     * The driver's manual marks these: "the context must be destroyed" or "the process must be terminated and relaunched". The primary
     * context is libtorch's as well, so both come to the same.
     */
    private static boolean isFinal(int code) {
        return switch (code) {
            case CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE,
                    CUresult.CUDA_ERROR_DEINITIALIZED,
                    CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
                    CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
                    CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
                    CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
                    CUresult.CUDA_ERROR_ASSERT,
                    CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
                    CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
                    CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
                    CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
                    CUresult.CUDA_ERROR_INVALID_PC,
                    CUresult.CUDA_ERROR_LAUNCH_FAILED,
                    CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
                    CUresult.CUDA_ERROR_UNKNOWN -> true;
            default -> false;
        };
    }

    private int attribute(int which) {
        int[] value = new int[1];
        check("cuDeviceGetAttribute", JCudaDriver.cuDeviceGetAttribute(value, which, device));
        return value[0];
    }

    private void check(String name, int code) {
        if (code != CUresult.CUDA_SUCCESS) {
            throw failed(name, code, "");
        }
    }

    /** Returns a pointer to an address of the device. */
    static CUdeviceptr at(long address) {
        return new CUdeviceptr().withByteOffset(address);
    }

    @Override
    public void close() {
        int code = JCudaDriver.cuDevicePrimaryCtxRelease(device);
        if (code != CUresult.CUDA_SUCCESS && failure.get() == null) {
            throw failed("cuDevicePrimaryCtxRelease", code, "");
        }
    }

    /** JCuda keeps a pointer's number from all but its subclasses. */
    private static final class Address extends CUdeviceptr {
        Address(CUdeviceptr pointer) {
            super(pointer);
        }

        long value() {
            return getNativePointer() + getByteOffset();
        }
    }
}
