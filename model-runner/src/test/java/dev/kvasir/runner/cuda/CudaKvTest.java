package dev.kvasir.runner.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.runner.BufferTensor;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.KvDevice.Places;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/** What writes and moves keys and values, on the emulated device, against plain Java. */
class CudaKvTest {
    private static final int SLOTS = 6;
    private static final int POSITIONS = 300;

    private record Scene(KvLayout kv, int heads, double[] frequencies, CudaKv device) {
        static Scene of(SplittableRandom random) {
            EmulatedDriver.start(random.nextLong(), 33 * random.nextInt(4));
            KvDtype dtype = AttentionScene.dtype(random);
            int headDim = new int[] {8, 32, 64, 80, 128}[random.nextInt(5)];
            KvLayout kv = new KvLayout(random.nextInt(1, 3), random.nextInt(1, 3), headDim, 16, dtype);
            double[] frequencies = new double[headDim / 2];
            for (int i = 0; i < frequencies.length; i++) {
                frequencies[i] = Math.pow(10_000, -2.0 * i / headDim);
            }
            int heads = kv.kvHeads() * random.nextInt(1, 4);
            CudaKv device =
                    CudaKv.create(256L << 20, kv, heads, frequencies, POSITIONS, SLOTS, null, UnaryOperator.identity());
            return new Scene(kv, heads, frequencies, device);
        }

        DType dtype() {
            return DType.valueOf(kv.dtype().name());
        }

        BufferTensor slot(int slot) {
            return BufferTensor.over(
                    dtype(),
                    direct(device.storage().bytes(slot)),
                    kv.layers(),
                    2,
                    kv.kvHeads(),
                    kv.segmentTokens(),
                    kv.headDim());
        }

        void close() {
            device.close();
            assertThat(EmulatedDriver.control().emulator_left()).isZero();
        }
    }

    private static ByteBuffer direct(ByteBuffer bytes) {
        return ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
    }

    private static BufferTensor random(SplittableRandom random, DType dtype, long... shape) {
        BufferTensor tensor = BufferTensor.zeros(dtype, shape);
        long elements = tensor.buffer().capacity() / dtype.bytes();
        BufferTensor flat = BufferTensor.over(dtype, tensor.buffer(), elements);
        for (long i = 0; i < elements; i++) {
            flat.set(random.nextDouble(-2, 2), i);
        }
        return tensor;
    }

    @RandomizedTest(12)
    void appendRotatesQueriesAndKeysAndWritesBothToTheirPlaces(SplittableRandom random) {
        Scene scene = Scene.of(random);
        KvLayout kv = scene.kv;
        int tokens = random.nextInt(1, 20);
        Places places = new Places(new int[tokens], new int[tokens], new int[tokens]);
        for (int t = 0; t < tokens; t++) {
            places.positions()[t] = random.nextInt(POSITIONS);
            places.slots()[t] = t % SLOTS;
            places.offsets()[t] = t / SLOTS * 3;
        }
        BufferTensor qk = random(random, scene.dtype(), tokens, scene.heads + kv.kvHeads(), kv.headDim());
        BufferTensor v = random(random, scene.dtype(), tokens, kv.kvHeads(), kv.headDim());
        int layer = random.nextInt(kv.layers());
        scene.device.begin(places);
        BufferTensor queries = BufferTensor.zeros(scene.dtype(), tokens, scene.heads, kv.headDim());
        scene.device.fetch(scene.device.append(layer, qk, v), queries);

        double tolerance = scene.dtype() == DType.FLOAT32 ? 1e-6 : scene.dtype() == DType.FLOAT16 ? 2e-3 : 2e-2;
        int half = kv.headDim() / 2;
        for (int t = 0; t < tokens; t++) {
            BufferTensor slot = scene.slot(places.slots()[t]);
            for (int h = 0; h < scene.heads + kv.kvHeads(); h++) {
                for (int d = 0; d < kv.headDim(); d++) {
                    int pair = d % half;
                    double angle = places.positions()[t] * scene.frequencies[pair];
                    double x = qk.get(t, h, pair);
                    double y = qk.get(t, h, pair + half);
                    double expected = d < half
                            ? x * Math.cos(angle) - y * Math.sin(angle)
                            : y * Math.cos(angle) + x * Math.sin(angle);
                    double got = h < scene.heads
                            ? queries.get(t, h, d)
                            : slot.get(layer, 0, h - scene.heads, places.offsets()[t], d);
                    assertThat(got).isCloseTo(expected, within(tolerance));
                }
            }
            for (int h = 0; h < kv.kvHeads(); h++) {
                for (int d = 0; d < kv.headDim(); d++) {
                    assertThat(slot.get(layer, 1, h, places.offsets()[t], d)).isEqualTo(v.get(t, h, d));
                }
            }
        }
        // Nothing else was written: the rest of a slot is as it was handed out, zero.
        for (int layerOf = 0; layerOf < kv.layers(); layerOf++) {
            if (layerOf != layer) {
                assertThat(scene.slot(0).get(layerOf, 0, 0, 0, 0)).isZero();
            }
        }
        assertThat(scene.slot(0).get(layer, 0, 0, kv.segmentTokens() - 1, 0)).isZero();
        scene.close();
    }

    @RandomizedTest(8)
    void segmentsGoOutAndInAndToOtherSlots(SplittableRandom random) throws IOException {
        Scene scene = Scene.of(random);
        byte[][] contents = new byte[SLOTS][scene.kv.segmentBytes()];
        for (int slot = 0; slot < SLOTS; slot++) {
            random.nextBytes(contents[slot]);
            byte[] content = contents[slot];
            scene.device.storage().fill(slot, to -> to.put(content));
        }
        scene.device.copySlots(new int[] {4, 5}, new int[] {0, 2});
        contents[0] = contents[4];
        contents[2] = contents[5];
        scene.device.storage().clear(4);
        contents[4] = new byte[scene.kv.segmentBytes()];
        for (int slot = 0; slot < SLOTS; slot++) {
            byte[] got = new byte[scene.kv.segmentBytes()];
            scene.device.storage().bytes(slot).get(got);
            assertThat(got).isEqualTo(contents[slot]);
        }
        scene.close();
    }

    @RandomizedTest(8)
    void tokensAreGatheredAndScattered(SplittableRandom random) throws IOException {
        Scene scene = Scene.of(random);
        KvLayout kv = scene.kv;
        byte[][] contents = new byte[SLOTS][kv.segmentBytes()];
        for (int slot = 0; slot < SLOTS; slot++) {
            random.nextBytes(contents[slot]);
            byte[] content = contents[slot];
            scene.device.storage().fill(slot, to -> to.put(content));
        }
        int[] slots = {3, 1, 3};
        int[] offsets = {0, 15, 7};
        ByteBuffer dense = scene.device.gatherTokens(slots, offsets);
        int row = kv.headDim() * kv.dtype().bytes();
        int planes = kv.layers() * 2 * kv.kvHeads();
        byte[] changed = new byte[dense.remaining()];
        random.nextBytes(changed);
        for (int t = 0; t < slots.length; t++) {
            for (int plane = 0; plane < planes; plane++) {
                for (int b = 0; b < row; b++) {
                    int at = (plane * kv.segmentTokens() + offsets[t]) * row + b;
                    int in = (t * planes + plane) * row + b;
                    assertThat(dense.get(in)).isEqualTo(contents[slots[t]][at]);
                    contents[slots[t]][at] = changed[in];
                }
            }
        }
        scene.device.scatterTokens(slots, offsets, ByteBuffer.wrap(changed));
        for (int slot = 0; slot < SLOTS; slot++) {
            byte[] got = new byte[kv.segmentBytes()];
            scene.device.storage().bytes(slot).get(got);
            assertThat(got).isEqualTo(contents[slot]);
        }
        scene.close();
    }
}
