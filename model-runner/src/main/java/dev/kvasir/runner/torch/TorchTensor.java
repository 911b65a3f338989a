package dev.kvasir.runner.torch;

import ai.djl.Device;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.TensorRef;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A contiguous torch tensor as a neutral reference.
 *
 * @param deviceAddress where attention's device finds it, 0 if it can't
 */
record TorchTensor(PtNDArray array, DType dtype, long deviceAddress) implements TensorRef {
    @Override
    public long[] shape() {
        return array.getShape().getShape();
    }

    @Override
    public long[] strides() {
        long[] shape = shape();
        long[] strides = new long[shape.length];
        long stride = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = stride;
            stride *= shape[i];
        }
        return strides;
    }

    @Override
    public ByteBuffer buffer() {
        if (!array.getDevice().equals(Device.cpu())) {
            throw new UnsupportedOperationException(
                    "a tensor on " + array.getDevice() + " has no bytes that Java could read");
        }
        return JniUtils.getByteBuffer(array, true).order(ByteOrder.nativeOrder());
    }
}
