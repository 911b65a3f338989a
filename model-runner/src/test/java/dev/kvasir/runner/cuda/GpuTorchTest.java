package dev.kvasir.runner.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.TensorMemory;
import dev.kvasir.runner.torch.TorchModelRunner;
import dev.kvasir.runner.torch.TorchPlace;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Torch and the kernels on one real card: needs a driver and libtorch for CUDA. To be run alone: docs/cuda.md. */
@Tag("gpu-torch")
class GpuTorchTest {
    private TorchPlace card = TorchPlace.HOST;

    @BeforeEach
    void thereIsACard() {
        assertThat(CudaProbe.result().isAvailable())
                .as(CudaProbe.result().reason())
                .isTrue();
        card = TorchPlace.cuda().orElseThrow(() -> new AssertionError("libtorch is not one for CUDA"));
    }

    @Test
    void theSeamLeadsToTorchsMemoryBothWays() {
        try (NDManager manager = NDManager.newBaseManager(Device.gpu(0), "PyTorch");
                CudaDevice device = CudaDevice.open(0, 1 << 20)) {
            NDArray tensor = manager.arange(0f, 1000f);
            long address = TensorMemory.address((PtNDArray) tensor);
            CUstream stream = device.newStream();
            TorchOrder order = new TorchOrder(device);
            ByteBuffer bytes = ByteBuffer.allocateDirect(4000).order(ByteOrder.nativeOrder());
            order.afterTorch(stream);
            device.copyOut(Pointer.to(bytes), address, 4000, stream);
            device.synchronize(stream);
            for (int i = 0; i < 1000; i++) {
                assertThat(bytes.getFloat(4 * i)).isEqualTo(i);
                bytes.putFloat(4 * i, -i);
            }
            device.copyIn(address, Pointer.to(bytes), 4000, stream);
            order.beforeTorch(stream);
            assertThat(tensor.sum().getFloat()).isEqualTo(-499_500f);
            order.close();
            device.destroy(stream);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stories260k", "kvasir-mini"})
    void aWholeModelOnTheCardSaysWhatItSaysOnTheCpu(String name) {
        Path folder = WholeModelTest.model(name);
        int[] expected = WholeModelTest.onTheCpu(folder, new int[] {0, 1, 2, 3, 4});
        try (TorchModelRunner runner = WholeModelTest.load(folder, card, CudaKv.factory(64L << 20))) {
            int[] tokens = Arrays.copyOf(expected, expected.length);
            Arrays.fill(tokens, WholeModelTest.PROMPT, tokens.length, 0);
            WholeModelTest.decode(runner, tokens, 0, WholeModelTest.PROMPT, tokens.length, new int[] {7, 2, 9, 4, 0});
            assertThat(tokens).isEqualTo(expected);
        }
    }
}
