package dev.kvasir.runner.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.Set;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The emulated device itself: it must find what a real one would let pass, or answer with garbage. */
class EmulatorTest {
    private static final String HEADER = ".version 7.0\n.target sm_80\n.address_size 64\n";
    private static final int SEEDS = 40;

    private EmulatedDriver.Control control;
    private CudaDevice device;

    @BeforeEach
    void open() {
        control = EmulatedDriver.start(1);
        device = CudaDevice.open(0, 1L << 28);
    }

    @AfterEach
    void close() {
        if (device != null) {
            EmulatedDriver.start(1);
            device.close();
            assertThat(control.emulator_left()).isZero();
        }
    }

    /** Runs a kernel with one pointer to 256 ints, zero before, and returns them. */
    private int[] run(String body, int threads) {
        CUmodule module = new CUmodule();
        byte[] image = (HEADER + ".visible .entry k(.param .u64 p0)\n{\n" + body + "\n}\n\0")
                .getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        device.call("cuModuleLoadData", () -> JCudaDriver.cuModuleLoadData(module, image));
        long memory = device.allocate(1024);
        CUstream stream = device.newStream();
        try {
            CUfunction function = new CUfunction();
            device.call("cuModuleGetFunction", () -> JCudaDriver.cuModuleGetFunction(function, module, "k"));
            device.call(
                    "cuMemsetD8Async",
                    () -> JCudaDriver.cuMemsetD8Async(CudaDevice.at(memory), (byte) 0, 1024, stream));
            new KernelArguments().begin().add(memory).launch(device, function, 1, 1, threads, stream, "k");
            device.synchronize(stream);
            int[] values = new int[256];
            device.call(
                    "cuMemcpyDtoH", () -> JCudaDriver.cuMemcpyDtoH(Pointer.to(values), CudaDevice.at(memory), 1024));
            return values;
        } finally {
            EmulatedDriver.start(2);
            device.destroy(stream);
            device.free(memory, 1024);
            device.call("cuModuleUnload", () -> JCudaDriver.cuModuleUnload(module));
        }
    }

    private static final String REGISTERS =
            ".reg .pred %p<4>;\n.reg .b32 %r<9>;\n.reg .b64 %rd<9>;\nld.param.u64 %rd1, [p0];\nmov.u32 %r1, %tid.x;\n"
                    + "mul.wide.u32 %rd2, %r1, 4;\nadd.s64 %rd3, %rd1, %rd2;\n";

    @Test
    void everyAtomicAdditionCounts() {
        // values[1 + tid] = what the counter values[0] was before
        int[] values = run(REGISTERS + "atom.global.add.u32 %r2, [%rd1], 1;\nst.global.u32 [%rd3+4], %r2;\nret;", 200);
        assertThat(values[0]).isEqualTo(200);
        Set<Integer> before = new HashSet<>();
        for (int t = 0; t < 200; t++) {
            before.add(values[1 + t]);
        }
        assertThat(before).hasSize(200);
    }

    @Test
    void aShuffleMovesValuesBetweenLanesWhateverTheirOrder() {
        for (int seed = 0; seed < SEEDS; seed++) {
            control = EmulatedDriver.start(seed);
            int[] values = run(
                    REGISTERS + "shfl.sync.bfly.b32 %r2|%p1, %r1, 5, 31, -1;\nst.global.u32 [%rd3], %r2;\nret;", 64);
            for (int t = 0; t < 64; t++) {
                assertThat(values[t]).isEqualTo(t ^ 5);
            }
        }
    }

    @Test
    void lanesOfAWarpHaveNoOrderButWhatIsAskedFor() {
        // Each lane reads what its neighbour may not have written yet.
        String body = REGISTERS
                + "st.global.u32 [%rd3], %r1;\nld.global.u32 %r2, [%rd3+4];\nst.global.u32 [%rd3+512], %r2;\nret;";
        Set<String> outcomes = new HashSet<>();
        for (int seed = 0; seed < SEEDS * 5; seed++) {
            control = EmulatedDriver.start(seed);
            outcomes.add(java.util.Arrays.toString(run(body, 31)));
        }
        assertThat(outcomes).hasSizeGreaterThan(1);
    }

    @Test
    void theSameSeedGivesTheSameAgain() {
        String body = REGISTERS
                + "st.global.u32 [%rd3], %r1;\nld.global.u32 %r2, [%rd3+4];\nst.global.u32 [%rd3+512], %r2;\nret;";
        control = EmulatedDriver.start(77);
        int[] first = run(body, 100);
        control = EmulatedDriver.start(77);
        assertThat(run(body, 100)).isEqualTo(first);
    }

    @Test
    void anAccessBeyondAnAllocationIsFoundAndFinal() {
        assertThatThrownBy(() -> run(REGISTERS + "st.global.u32 [%rd3+1000], %r1;\nret;", 32))
                .isInstanceOf(CudaException.class)
                .hasMessageContaining("CUDA_ERROR_ILLEGAL_ADDRESS");
        assertThat(device.failure()).isNotNull();
    }

    @Test
    void aMisalignedAccessIsFound() {
        assertThatThrownBy(() -> run(REGISTERS + "st.global.u32 [%rd3+2], %r1;\nret;", 1))
                .hasMessageContaining("CUDA_ERROR_MISALIGNED_ADDRESS");
    }

    @Test
    void aRaceInSharedMemoryIsFoundAndABarrierEndsIt() {
        String shared = ".shared .align 4 .b8 s[1024];\n" + REGISTERS
                + "mov.u32 %r3, s;\nshl.b32 %r4, %r1, 2;\nadd.s32 %r5, %r3, %r4;\nst.shared.u32 [%r5], %r1;\nBARRIER"
                + "xor.b32 %r4, %r4, 128;\nadd.s32 %r5, %r3, %r4;\nld.shared.u32 %r6, [%r5];\nst.global.u32 [%rd3], %r6;\nret;";
        int[] values = run(shared.replace("BARRIER", "bar.sync 0;\n"), 64);
        for (int t = 0; t < 64; t++) {
            assertThat(values[t]).isEqualTo(t ^ 32);
        }
        assertThatThrownBy(() -> run(shared.replace("BARRIER", ""), 64))
                .hasMessageContaining("CUDA_ERROR_LAUNCH_FAILED");
    }

    @Test
    void lanesThatWaitForEachOtherForEverAreFound() {
        // Half of the warp leaves before a shuffle of all.
        assertThatThrownBy(() -> run(
                        REGISTERS + "setp.gt.u32 %p1, %r1, 15;\n@%p1 bra END;\n"
                                + "shfl.sync.bfly.b32 %r2|%p2, %r1, 5, 31, -1;\nEND:\nret;",
                        32))
                .hasMessageContaining("CUDA_ERROR_LAUNCH_FAILED");
    }

    @Test
    void anUnknownInstructionIsRefusedWithItsLine() {
        assertThatThrownBy(() -> run(REGISTERS + "tanh.approx.f32 %r1, %r1;\nret;", 1))
                .hasMessageContaining("CUDA_ERROR_INVALID_PTX");
        assertThat(control.emulator_last_fault()).contains("PTX line 13: opcode tanh.approx.f32");
    }

    @Test
    void memoryIsCheckedWhenItIsCopiedAndFreed() {
        long memory = device.allocate(64);
        ByteBuffer host = ByteBuffer.allocateDirect(128).order(ByteOrder.nativeOrder());
        assertThat(JCudaDriver.cuMemcpyHtoD(CudaDevice.at(memory), Pointer.to(host), 65))
                .isEqualTo(CUresult.CUDA_ERROR_INVALID_VALUE);
        assertThat(control.emulator_last_fault()).contains("1 bytes beyond an allocation of 64");
        device.free(memory, 64);
        assertThat(JCudaDriver.cuMemcpyHtoD(CudaDevice.at(memory), Pointer.to(host), 4))
                .isEqualTo(CUresult.CUDA_ERROR_INVALID_VALUE);
        assertThat(control.emulator_last_fault()).contains("which was freed");
        assertThat(JCudaDriver.cuMemFree(CudaDevice.at(memory))).isEqualTo(CUresult.CUDA_ERROR_INVALID_VALUE);
        assertThat(control.emulator_last_fault()).contains("freed twice");
    }

    @Test
    void whatIsNotEmulatedSaysSo() {
        assertThat(JCudaDriver.cuCtxGetLimit(new long[1], 0)).isEqualTo(CUresult.CUDA_ERROR_NOT_SUPPORTED);
        assertThat(control.emulator_last_fault()).isEqualTo("cuCtxGetLimit isn't emulated");
    }

    @Test
    void streamsAreOrderedByEventsAlone() {
        Set<Integer> without = new HashSet<>();
        Set<Integer> with = new HashSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            control = EmulatedDriver.start(seed);
            without.add(writeThenCopy(false));
            control = EmulatedDriver.start(seed);
            with.add(writeThenCopy(true));
        }
        assertThat(without).containsExactlyInAnyOrder(0, 0x07070707);
        assertThat(with).containsExactly(0x07070707);
    }

    // One stream writes, the other copies what was written.
    private int writeThenCopy(boolean isOrdered) {
        long a = device.allocate(64);
        long b = device.allocate(64);
        CUstream writer = device.newStream();
        CUstream copier = device.newStream();
        CUevent written = device.newEvent();
        device.call("cuMemsetD8", () -> JCudaDriver.cuMemsetD8(CudaDevice.at(a), (byte) 0, 64));
        device.call("cuMemsetD8Async", () -> JCudaDriver.cuMemsetD8Async(CudaDevice.at(a), (byte) 7, 64, writer));
        device.call("cuEventRecord", () -> JCudaDriver.cuEventRecord(written, writer));
        if (isOrdered) {
            device.call("cuStreamWaitEvent", () -> JCudaDriver.cuStreamWaitEvent(copier, written, 0));
        }
        device.call(
                "cuMemcpyDtoDAsync",
                () -> JCudaDriver.cuMemcpyDtoDAsync(CudaDevice.at(b), CudaDevice.at(a), 64, copier));
        device.synchronize(copier);
        int[] value = new int[1];
        device.call("cuMemcpyDtoH", () -> JCudaDriver.cuMemcpyDtoH(Pointer.to(value), CudaDevice.at(b), 4));
        device.destroy(written);
        device.destroy(copier);
        device.destroy(writer);
        device.free(b, 64);
        device.free(a, 64);
        return value[0];
    }

    @Test
    void pinnedMemoryThatIsReusedTooEarlyShows() {
        Set<Byte> arrived = new HashSet<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            control = EmulatedDriver.start(seed);
            long memory = device.allocate(64);
            CUstream stream = device.newStream();
            try (PinnedBuffer pinned = new PinnedBuffer(device)) {
                pinned.reserve(64).put(0, (byte) 1);
                device.copyIn(memory, pinned.pointer(), 64, stream);
                pinned.reserve(64).put(0, (byte) 2);
                device.synchronize(stream);
            }
            byte[] value = new byte[1];
            device.call("cuMemcpyDtoH", () -> JCudaDriver.cuMemcpyDtoH(Pointer.to(value), CudaDevice.at(memory), 1));
            arrived.add(value[0]);
            device.destroy(stream);
            device.free(memory, 64);
        }
        assertThat(arrived).containsExactlyInAnyOrder((byte) 1, (byte) 2);
    }
}
