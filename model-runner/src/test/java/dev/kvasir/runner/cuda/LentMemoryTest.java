package dev.kvasir.runner.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.TensorMemory;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.StepInput;
import dev.kvasir.runner.StepRow;
import dev.kvasir.runner.cuda.EmulatedDriver.Operation;
import dev.kvasir.runner.torch.TorchModelRunner;
import dev.kvasir.runner.torch.TorchPlace;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The seam between Torch and the kernels: the pool and each layer's tensors are Torch's, and their addresses are lent to the emulated device, as they would be
 * on a card. Torch itself computes on the host here; that it finds its results in time is up to the events between the streams all the same.
 */
class LentMemoryTest {
    private static TorchPlace shared(EmulatedDriver.Control control) {
        return TorchPlace.shared((PtNDArray tensor) -> {
            long address = TensorMemory.address(tensor);
            control.emulator_lend(address, tensor.size() * tensor.getDataType().getNumOfBytes());
            return address;
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"stories260k", "kvasir-mini"})
    void aModelThatLendsItsMemorySaysTheSame(String name) {
        // Kernels are as late as they may be: nothing but an order between the streams has them done.
        EmulatedDriver.Control control = EmulatedDriver.start(21, 0);
        Path folder = WholeModelTest.model(name);
        int[] slots = {7, 2, 9, 4, 0};
        int[] expected = WholeModelTest.onTheCpu(folder, new int[] {0, 1, 2, 3, 4});
        try (TorchModelRunner runner = WholeModelTest.load(folder, shared(control), CudaKv.factory(64L << 20))) {
            long copies = control.emulator_count(Operation.COPY.ordinal());
            int[] tokens = Arrays.copyOf(expected, expected.length);
            Arrays.fill(tokens, WholeModelTest.PROMPT, tokens.length, 0);
            WholeModelTest.decode(runner, tokens, 0, WholeModelTest.PROMPT, tokens.length, slots);
            assertThat(tokens).isEqualTo(expected);
            long steps = (WholeModelTest.PROMPT + 19) / 20 + WholeModelTest.REPLY;
            assertThat(control.emulator_count(Operation.COPY.ordinal()) - copies)
                    .as("copies in %d steps: the step's places and the plan of its spans", steps)
                    .isEqualTo(2 * steps);
        } finally {
            control.emulator_end_loans();
        }
        assertThat(control.emulator_left()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"kvasir-mini"})
    void rowsOfABatchDoNotMeet(String name) {
        EmulatedDriver.Control control = EmulatedDriver.start(22);
        Path folder = WholeModelTest.model(name);
        try (TorchModelRunner runner = WholeModelTest.load(folder, shared(control), CudaKv.factory(64L << 20));
                TorchModelRunner cpu = WholeModelTest.load(folder, TorchPlace.HOST, null)) {
            int[] one =
                    new SplittableRandom(1).ints(33, 3, runner.config().vocab()).toArray();
            int[] two =
                    new SplittableRandom(2).ints(17, 3, runner.config().vocab()).toArray();
            List<StepRow> rows = List.of(row(one, new int[] {5, 3, 1}), row(two, new int[] {0, 2}));
            assertThat(runner.run(new StepInput(rows)).rows().stream()
                            .map(row -> row.token())
                            .toList())
                    .isEqualTo(cpu.run(new StepInput(rows)).rows().stream()
                            .map(row -> row.token())
                            .toList());
        } finally {
            control.emulator_end_loans();
        }
    }

    private static StepRow row(int[] tokens, int[] slots) {
        return new StepRow(tokens, 0, tokens.length, slots, SamplingParams.GREEDY, -1, tokens.length);
    }
}
