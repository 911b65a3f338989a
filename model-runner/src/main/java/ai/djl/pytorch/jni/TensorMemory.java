package ai.djl.pytorch.jni;

import ai.djl.pytorch.engine.PtNDArray;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/**
 * Where a tensor lies. In DJL's package, since what DJL offers to others copies a tensor to the host first.
 */
public final class TensorMemory {
    private TensorMemory() {}

    /**
     * Returns the address of a tensor's first element: of a CUDA tensor the device pointer. It's valid as long as the tensor.
     *
     * @param tensor dense, of less than 2 GiB; of a larger one, a view of its beginning
     */
    public static long address(PtNDArray tensor) {
        // The buffer is only asked where it begins: of a CUDA tensor its bytes can't be read.
        return Pointer.nativeValue(
                Native.getDirectBufferPointer(PyTorchLibrary.LIB.torchDirectByteBuffer(tensor.getHandle())));
    }
}
