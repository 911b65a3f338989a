package dev.kvasir.runner.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kvasir.pool.SlotStorage;
import dev.kvasir.runner.KvDevice;
import dev.kvasir.runner.RunnerOptions;
import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import dev.kvasir.runner.RunnerOptions.Plan;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.StepInput;
import dev.kvasir.runner.StepRow;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.cuda.EmulatedDriver.Operation;
import dev.kvasir.runner.torch.TorchModelRunner;
import dev.kvasir.runner.torch.TorchPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import jcuda.driver.CUresult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Trained models whose keys, values and attention are on the emulated device while their weights are with the CPU: they must say what they say with all of
 * it on the CPU, wherever their segments come from.
 */
class WholeModelTest {
    static final int SEGMENT = 16;
    private static final long POOL_BYTES = 8L << 20;
    static final int PROMPT = 45;
    static final int REPLY = 20;

    /** A model on the device, and the slots of one sequence. */
    private static final class Running implements AutoCloseable {
        final TorchModelRunner runner;
        final CudaKv[] device = new CudaKv[1];

        Running(Path model, long budget) {
            runner = load(
                    model,
                    (layout, heads, frequencies, positions, slots, pool) -> device[0] =
                            (CudaKv) CudaKv.factory(budget).create(layout, heads, frequencies, positions, slots, pool));
        }

        @Override
        public void close() {
            runner.close();
        }
    }

    static Path model(String name) {
        Path folder = name.equals("kvasir-mini")
                ? Path.of("..", "models", name)
                : Path.of(System.getProperty("kvasir.test.models", "none"), name);
        assumeTrue(Files.isDirectory(folder), "there is no folder " + folder);
        return folder;
    }

    private static TorchModelRunner load(Path folder, KvDevice.@Nullable Factory devices) {
        return load(folder, TorchPlace.HOST, devices);
    }

    static TorchModelRunner load(Path folder, TorchPlace place, KvDevice.@Nullable Factory devices) {
        ModelDirectory model = ModelDirectory.open(folder);
        RunnerOptions options = new RunnerOptions(DTypeChoice.FLOAT32, 2, POOL_BYTES, SEGMENT, Plan.FUSED);
        return TorchModelRunner.load(model.config(), model.checkpoint(), new byte[32], options, place, devices);
    }

    static int[] prompt(TorchModelRunner runner) {
        return new SplittableRandom(7).ints(PROMPT, 3, runner.config().vocab()).toArray();
    }

    // Computes tokens [from, prompt) in chunks, then decodes until there are `until` tokens; writes them into `tokens`.
    static void decode(TorchModelRunner runner, int[] tokens, int from, int prompt, int until, int[] slots) {
        int at = from;
        while (at < until) {
            int to = at < prompt ? Math.min(prompt, at + 20) : at + 1;
            StepRow row = new StepRow(tokens, at, to, slots, SamplingParams.GREEDY, -1, prompt);
            int token = runner.run(new StepInput(List.of(row))).rows().get(0).token();
            at = to;
            if (at >= prompt && at < until) {
                tokens[at] = token;
            }
        }
    }

    static int[] onTheCpu(Path folder, int[] slots) {
        try (TorchModelRunner cpu = load(folder, null)) {
            int[] tokens = Arrays.copyOf(prompt(cpu), PROMPT + REPLY);
            decode(cpu, tokens, 0, PROMPT, PROMPT + REPLY, slots);
            return tokens;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stories260k", "kvasir-mini"})
    void saysTheSameAcrossPrefixHitsSwapsAndCompaction(String name) throws IOException {
        // Slow copies, and slow kernels: nothing of a stream is done before somebody waits for it.
        EmulatedDriver.Control control = EmulatedDriver.start(11, name.equals("stories260k") ? 0 : 30);
        Path folder = model(name);
        int[] expected = onTheCpu(folder, new int[] {0, 1, 2, 3, 4});
        try (Running running = new Running(folder, 256L << 20)) {
            CudaKv device = running.device[0];
            SlotStorage storage = device.storage();
            int[] slots = {7, 2, 9, 4, 0};
            int[] tokens = Arrays.copyOf(expected, PROMPT + REPLY);
            Arrays.fill(tokens, PROMPT, tokens.length, 0);
            int half = PROMPT + REPLY / 2;
            decode(running.runner, tokens, 0, PROMPT, half, slots);
            assertThat(Arrays.copyOf(tokens, half)).isEqualTo(Arrays.copyOf(expected, half));

            // A prefix hit: another sequence reads the first two segments and computes the rest.
            int[] other = Arrays.copyOf(expected, PROMPT + REPLY);
            Arrays.fill(other, PROMPT, other.length, 0);
            decode(running.runner, other, 2 * SEGMENT, PROMPT, other.length, new int[] {7, 2, 11, 12, 13});
            assertThat(other).isEqualTo(expected);

            // Out to the host, and in again elsewhere; the old slots are zeroed.
            int[] moved = {20, 21, 22, 23, 24};
            for (int s = 0; s < slots.length; s++) {
                ByteBuffer out = storage.bytes(slots[s]);
                storage.clear(slots[s]);
                storage.fill(moved[s], to -> to.put(out));
            }
            decode(running.runner, tokens, half - 1, PROMPT, half + 5, moved);

            // Compaction: back to the first slots, within the device.
            device.copySlots(moved, new int[] {0, 1, 2, 3, 4});
            decode(running.runner, tokens, half + 4, PROMPT, tokens.length, new int[] {0, 1, 2, 3, 4});
            assertThat(tokens).isEqualTo(expected);
        }
        assertThat(control.emulator_left()).isZero();
    }

    @Test
    void segmentsMoveWhileStepsRun() throws Exception {
        EmulatedDriver.Control control = EmulatedDriver.start(18);
        Path folder = model("kvasir-mini");
        int[] expected = onTheCpu(folder, new int[] {0, 1, 2, 3, 4});
        try (Running running = new Running(folder, 256L << 20)) {
            SlotStorage storage = running.device[0].storage();
            AtomicBoolean isOver = new AtomicBoolean();
            CompletableFuture<Integer> moves = CompletableFuture.supplyAsync(() -> {
                SplittableRandom random = new SplittableRandom(1);
                byte[] content = new byte[storage.slotBytes()];
                int count = 0;
                while (!isOver.get() || count < 3) {
                    random.nextBytes(content);
                    int slot = 30 + count % 4;
                    try {
                        storage.fill(slot, to -> to.put(content));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                    assertThat(storage.bytes(slot)).isEqualTo(ByteBuffer.wrap(content));
                    count++;
                }
                return count;
            });
            int[] tokens = Arrays.copyOf(expected, PROMPT + REPLY);
            Arrays.fill(tokens, PROMPT, tokens.length, 0);
            decode(running.runner, tokens, 0, PROMPT, tokens.length, new int[] {0, 1, 2, 3, 4});
            isOver.set(true);
            assertThat(moves.get()).isGreaterThanOrEqualTo(3);
            assertThat(tokens).isEqualTo(expected);
        }
        assertThat(control.emulator_left()).isZero();
    }

    @Test
    void aFailedLaunchIsAnErrorAndTheNextStepGoesOn() {
        EmulatedDriver.Control control = EmulatedDriver.start(12);
        Path folder = model("kvasir-mini");
        int[] expected = onTheCpu(folder, new int[] {0, 1, 2, 3, 4});
        try (Running running = new Running(folder, 256L << 20)) {
            int[] tokens = Arrays.copyOf(expected, PROMPT + REPLY);
            // Refused as an invalid value: nothing ran, and the device is as good as before.
            EmulatedDriver.fail(control, Operation.LAUNCH, 7, CUresult.CUDA_ERROR_INVALID_VALUE);
            CudaException failed = thrown(() -> decode(running.runner, tokens, 0, PROMPT, PROMPT, new int[] {0, 1, 2}));
            assertThat(failed.call()).isEqualTo("cuLaunchKernel");
            assertThat(failed.code()).isEqualTo(CUresult.CUDA_ERROR_INVALID_VALUE);
            assertThat(failed).hasMessageContaining("CUDA_ERROR_INVALID_VALUE");
            assertThat(running.runner.isLost()).isFalse();
            Arrays.fill(tokens, PROMPT, tokens.length, 0);
            decode(running.runner, tokens, 0, PROMPT, tokens.length, new int[] {0, 1, 2, 3, 4});
            assertThat(tokens).isEqualTo(expected);
        }
        assertThat(control.emulator_left()).isZero();
    }

    @Test
    void outOfMemoryInAStepIsAnErrorAndTheNextStepGoesOn() {
        EmulatedDriver.Control control = EmulatedDriver.start(13);
        Path folder = model("kvasir-mini");
        int[] expected = onTheCpu(folder, new int[] {0, 1, 2, 3, 4});
        try (Running running = new Running(folder, 256L << 20)) {
            int[] tokens = Arrays.copyOf(expected, PROMPT + REPLY);
            EmulatedDriver.fail(control, Operation.ALLOCATE, 2, CUresult.CUDA_ERROR_OUT_OF_MEMORY);
            CudaException failed = thrown(() -> decode(running.runner, tokens, 0, PROMPT, PROMPT, new int[] {0, 1, 2}));
            assertThat(failed.call()).isEqualTo("cuMemAlloc");
            assertThat(failed.name()).isEqualTo("CUDA_ERROR_OUT_OF_MEMORY");
            assertThat(running.runner.isLost()).isFalse();
            Arrays.fill(tokens, PROMPT, tokens.length, 0);
            decode(running.runner, tokens, 0, PROMPT, tokens.length, new int[] {0, 1, 2, 3, 4});
            assertThat(tokens).isEqualTo(expected);
        }
        assertThat(control.emulator_left()).isZero();
    }

    @Test
    void aLostDeviceIsLostForGoodAndTheHostsCopyIsWhole() throws IOException {
        EmulatedDriver.Control control = EmulatedDriver.start(14);
        Path folder = model("kvasir-mini");
        int[] expected = onTheCpu(folder, new int[] {0, 1, 2, 3, 4});
        int[] tokens = Arrays.copyOf(expected, PROMPT + REPLY);
        ByteBuffer[] host = new ByteBuffer[3];
        Running lost = new Running(folder, 256L << 20);
        decode(lost.runner, tokens, 0, PROMPT, PROMPT, new int[] {0, 1, 2});
        for (int s = 0; s < host.length; s++) {
            host[s] = lost.device[0].storage().bytes(s);
        }
        EmulatedDriver.fail(control, Operation.KERNEL, 3, CUresult.CUDA_ERROR_LAUNCH_FAILED);
        thrown(() -> decode(lost.runner, tokens, PROMPT, PROMPT, PROMPT + 5, new int[] {0, 1, 2, 3}));
        assertThat(lost.runner.isLost()).isTrue();
        CudaException again =
                thrown(() -> decode(lost.runner, tokens, PROMPT, PROMPT, PROMPT + 5, new int[] {0, 1, 2, 3}));
        assertThat(again.code()).isEqualTo(CUresult.CUDA_ERROR_LAUNCH_FAILED);

        // In the next process: the device is there again, and the host's copy goes on where the device was.
        control.emulator_reset(15, EmulatedDriver.MEMORY, 30);
        lost.close();
        try (Running next = new Running(folder, 256L << 20)) {
            for (int s = 0; s < host.length; s++) {
                ByteBuffer bytes = host[s];
                next.device[0].storage().fill(s, to -> to.put(bytes));
            }
            Arrays.fill(tokens, PROMPT, tokens.length, 0);
            decode(next.runner, tokens, PROMPT - 1, PROMPT, tokens.length, new int[] {0, 1, 2, 3, 4});
            assertThat(tokens).isEqualTo(expected);
        }
        assertThat(control.emulator_left()).isZero();
    }

    @Test
    void aPoolBeyondTheBudgetOrTheDeviceIsRefusedAndNothingIsKept() {
        EmulatedDriver.Control control = EmulatedDriver.start(16);
        Path folder = model("kvasir-mini");
        assertThat(refusal(folder, 1L << 20)).contains("beyond the budget of 1048576");
        control.emulator_reset(16, 4L << 20, 30);
        assertThat(refusal(folder, 256L << 20)).contains("cuMemAlloc returned 2 (CUDA_ERROR_OUT_OF_MEMORY)");
        assertThat(control.emulator_left()).isZero();
    }

    @Test
    void everyAllocationThatFailsAtTheStartLeavesNothingBehind() {
        Path folder = model("kvasir-mini");
        int refused = 0;
        for (int call = 0; call < 200; call++) {
            EmulatedDriver.Control control = EmulatedDriver.start(17);
            EmulatedDriver.fail(control, Operation.ANY, call, CUresult.CUDA_ERROR_OUT_OF_MEMORY);
            try (Running running = new Running(folder, 256L << 20)) {
                EmulatedDriver.fail(control, Operation.ANY, -1, CUresult.CUDA_SUCCESS);
                break; // beyond the last call of a start
            } catch (dev.kvasir.runner.ModelLoadException e) {
                refused++;
                assertThat(e).hasMessageContaining("CUDA_ERROR_OUT_OF_MEMORY");
            }
            assertThat(control.emulator_left()).as("after call %d", call).isZero();
        }
        assertThat(refused).isPositive();
    }

    private static String refusal(Path folder, long budget) {
        try (Running running = new Running(folder, budget)) {
            return "not refused";
        } catch (dev.kvasir.runner.ModelLoadException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static CudaException thrown(Runnable run) {
        try {
            run.run();
        } catch (CudaException e) {
            return e;
        }
        throw new AssertionError("nothing was thrown");
    }
}
