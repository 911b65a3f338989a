package dev.kvasir.runner.cuda;

/** A call of the CUDA driver that failed. */
public final class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int code;
    private final String name;

    CudaException(String call, int code, String name, String detail) {
        super(call + " returned " + code + " (" + name + ")" + (detail.isEmpty() ? "" : ": " + detail));
        this.call = call;
        this.code = code;
        this.name = name;
    }

    /** Returns the driver's function, {@code cuMemAlloc} say. */
    public String call() {
        return call;
    }

    /** Returns the driver's CUresult. */
    public int code() {
        return code;
    }

    /** Returns the result's name, {@code CUDA_ERROR_OUT_OF_MEMORY} say. */
    public String name() {
        return name;
    }
}
