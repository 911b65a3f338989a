package dev.kvasir.runner.torch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.TensorMemory;
import dev.kvasir.runner.DType;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Where a model's weights and activations lie. The seam between Torch and whoever computes attention on the same device: memory that Torch allocated
 * there is lent by its address.
 */
public final class TorchPlace {
    /** On the host; what goes to another device is copied. */
    public static final TorchPlace HOST = new TorchPlace(Device.cpu(), false, tensor -> 0);

    /** Of 8 bytes at most, so that a buffer over them stays below 2 GiB. */
    private static final long MOST_ELEMENTS = 1L << 27;

    private final Device device;
    private final boolean lends;
    private final ToLongFunction<PtNDArray> address;

    private TorchPlace(Device device, boolean lends, ToLongFunction<PtNDArray> address) {
        this.device = device;
        this.lends = lends;
        this.address = address;
    }

    /** Returns CUDA device 0, if libtorch is one for CUDA and sees it. Loads libtorch. */
    public static Optional<TorchPlace> cuda() {
        Engine engine = Engine.getEngine("PyTorch");
        return engine.hasCapability(StandardCapabilities.CUDA) && engine.getGpuCount() > 0
                ? Optional.of(new TorchPlace(Device.gpu(0), true, TensorMemory::address))
                : Optional.empty();
    }

    /**
     * Returns the host's memory as what attention's device reads and writes where it lies: for a device that can, as the emulated one.
     *
     * @param address tells the device of a tensor and returns its address
     */
    public static TorchPlace shared(ToLongFunction<PtNDArray> address) {
        return new TorchPlace(Device.cpu(), true, address);
    }

    Device device() {
        return device;
    }

    /** Returns whether tensors here can be read and written by attention's device where they lie. */
    boolean lends() {
        return lends;
    }

    boolean isHost() {
        return device.equals(Device.cpu());
    }

    /** Returns a reference to a contiguous tensor here, lent if that's possible. */
    TorchTensor ref(PtNDArray array, DType dtype) {
        return new TorchTensor(array, dtype, lends ? address(array) : 0);
    }

    private long address(PtNDArray array) {
        if (array.size() < MOST_ELEMENTS) {
            return address.applyAsLong(array);
        }
        try (NDArray beginning = array.get(0)) {
            return address.applyAsLong((PtNDArray) beginning);
        }
    }
}
