package dev.kvasir.runner.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.codec.Int8Codec;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.runner.BufferTensor;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.PartialAttention;
import dev.kvasir.runner.PartialAttention.Span;
import dev.kvasir.runner.reference.ReferenceAttention;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import jcuda.Pointer;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** A pool of random numbers on the device, queries, and the truth about both. */
final class AttentionScene implements AutoCloseable {
    /** What kinds of segments there are. */
    enum Stored {
        ROTATED,
        POSITION_FREE,
        INT8
    }

    /**
     * A shape.
     *
     * @param segments of the pool
     * @param splitKeys keys of a tile at most
     */
    record Shape(KvLayout kv, int group, int segments, int splitKeys, Stored stored) {}

    /** What came out. */
    record Result(BufferTensor output, BufferTensor logsumexp) {}

    private static final double NEVER_WRITTEN = 77;
    private static final double THETA = 100;

    final Shape shape;
    final KvLayout kv;
    final int heads;
    private final SplittableRandom random;
    private final DType dtype;
    private final CudaDevice device;
    private final CUstream stream;
    private final KernelLibrary kernels;
    private final DeviceLayout layout;
    private final BufferSlotStorage truth; // keys as attention should see them
    private final List<long[]> taken = new ArrayList<>(); // address, bytes
    private final CudaAttention attention;
    BufferTensor query = BufferTensor.zeros(DType.FLOAT32, 0);

    AttentionScene(SplittableRandom random, Shape shape, UnaryOperator<String> edit) {
        this.random = random;
        this.shape = shape;
        kv = shape.kv;
        heads = kv.kvHeads() * shape.group;
        dtype = DType.valueOf(kv.dtype().name());
        layout = new DeviceLayout(kv, shape.stored == Stored.INT8);
        truth = BufferSlotStorage.direct(kv, shape.segments);
        device = CudaDevice.open(0, 1L << 30);
        stream = device.newStream();
        kernels = new KernelLibrary(device, edit);
        // Slot s stands at segment s of every table, so that a position-free slot has one position.
        int half = kv.headDim() / 2;
        int positions = shape.segments * kv.segmentTokens();
        ByteBuffer cosines = bytes((long) positions * half * Float.BYTES);
        ByteBuffer sines = bytes((long) positions * half * Float.BYTES);
        for (int p = 0; p < positions; p++) {
            for (int i = 0; i < half; i++) {
                cosines.putFloat((float) Math.cos(angle(p, i)));
                sines.putFloat((float) Math.sin(angle(p, i)));
            }
        }
        ByteBuffer pool = bytes(shape.segments * layout.slotBytes());
        boolean[] isFree = new boolean[shape.segments];
        for (int slot = 0; slot < shape.segments; slot++) {
            isFree[slot] = shape.stored == Stored.POSITION_FREE && random.nextInt(3) > 0;
            fill(slot, isFree[slot], pool);
        }
        attention = new CudaAttention(
                device,
                stream,
                kernels,
                new CudaAttention.Pool(layout, shape.segments, upload(pool), upload(cosines), upload(sines), isFree),
                shape.group,
                shape.splitKeys);
    }

    private double angle(int position, int pair) {
        return position * Math.pow(THETA, -2.0 * pair / kv.headDim());
    }

    // Writes a slot as the device has it to the pool, and as attention should see it to the truth.
    private void fill(int slot, boolean free, ByteBuffer pool) {
        BufferTensor seen = BufferTensor.over(
                dtype, truth.slot(slot), kv.layers(), 2, kv.kvHeads(), kv.segmentTokens(), kv.headDim());
        BufferTensor flat = BufferTensor.over(dtype, truth.slot(slot), kv.segmentElements());
        for (long i = 0; i < kv.segmentElements(); i++) {
            flat.set(random.nextDouble(-2, 2), i);
        }
        if (shape.stored == Stored.INT8) {
            Int8Codec codec = new Int8Codec(kv);
            ByteBuffer coded = bytes(codec.codedBytes());
            codec.encode(truth.slot(slot), coded);
            codec.decode(coded.flip(), truth.slot(slot));
            pool.put(coded.rewind());
            return;
        }
        pool.put(truth.slot(slot));
        if (free) {
            for (int l = 0; l < kv.layers(); l++) {
                for (int h = 0; h < kv.kvHeads(); h++) {
                    for (int t = 0; t < kv.segmentTokens(); t++) {
                        rotate(seen, l, h, t, slot * kv.segmentTokens() + t);
                    }
                }
            }
        }
    }

    // In float32 even where the pool is 16 bits wide: on the fly, a rotated key is never rounded.
    private void rotate(BufferTensor keys, int layer, int head, int token, int position) {
        int half = kv.headDim() / 2;
        for (int i = 0; i < half; i++) {
            double x = keys.get(layer, 0, head, token, i);
            double y = keys.get(layer, 0, head, token, i + half);
            double c = Math.cos(angle(position, i));
            double s = Math.sin(angle(position, i));
            keys.set(x * c - y * s, layer, 0, head, token, i);
            keys.set(y * c + x * s, layer, 0, head, token, i + half);
        }
    }

    /** Returns the segment table of that many keys. */
    int[] table(int keys) {
        int[] table = new int[kv.segmentsFor(keys)];
        for (int s = 0; s < table.length; s++) {
            table[s] = s;
        }
        return table;
    }

    /** Makes queries. */
    void queries(int count) {
        query = BufferTensor.zeros(dtype, count, heads, kv.headDim());
        BufferTensor flat = BufferTensor.over(dtype, query.buffer(), (long) count * heads * kv.headDim());
        for (long i = 0; i < flat.shape()[0]; i++) {
            flat.set(random.nextDouble(-2, 2), i);
        }
    }

    Result onDevice(List<Span> spans, int layer) {
        return attend(attention, spans, layer);
    }

    Result reference(List<Span> spans, int layer) {
        return attend(new ReferenceAttention(kv, truth), spans, layer);
    }

    private Result attend(PartialAttention executor, List<Span> spans, int layer) {
        int count = (int) query.shape()[0];
        Result result = new Result(
                BufferTensor.zeros(dtype, count, heads, kv.headDim()), BufferTensor.zeros(DType.FLOAT32, count, heads));
        for (int q = 0; q < count; q++) {
            for (int h = 0; h < heads; h++) {
                result.logsumexp.set(NEVER_WRITTEN, q, h);
                for (int d = 0; d < kv.headDim(); d++) {
                    result.output.set(NEVER_WRITTEN, q, h, d);
                }
            }
        }
        executor.prepare(spans).attend(layer, query, result.output, result.logsumexp);
        return result;
    }

    /** Returns how far two results are apart at most; NaN anywhere counts as infinitely far. */
    double distance(Result a, Result b) {
        double most = 0;
        for (int q = 0; q < query.shape()[0]; q++) {
            for (int h = 0; h < heads; h++) {
                double x = a.logsumexp.get(q, h);
                double y = b.logsumexp.get(q, h);
                most = Math.max(most, x == y ? 0 : gap(x, y));
                for (int d = 0; d < kv.headDim(); d++) {
                    most = Math.max(most, gap(a.output.get(q, h, d), b.output.get(q, h, d)));
                }
            }
        }
        return most;
    }

    private static double gap(double x, double y) {
        double gap = Math.abs(x - y);
        return Double.isNaN(gap) ? Double.POSITIVE_INFINITY : gap;
    }

    /** How far results may be off: values lie in -2 .. 2, and what is rounded to a dtype is off by half of its last bit. */
    double tolerance() {
        return switch (dtype) {
            case FLOAT32 -> 2e-5;
            case FLOAT16 -> 4e-3;
            case BFLOAT16 -> 3e-2;
        };
    }

    private long upload(ByteBuffer bytes) {
        bytes.clear();
        long address = device.allocate(bytes.capacity());
        taken.add(new long[] {address, bytes.capacity()});
        device.call(
                "cuMemcpyHtoD",
                () -> JCudaDriver.cuMemcpyHtoD(CudaDevice.at(address), Pointer.to(bytes), bytes.capacity()));
        return address;
    }

    private static ByteBuffer bytes(long size) {
        return ByteBuffer.allocateDirect(Math.toIntExact(size)).order(ByteOrder.nativeOrder());
    }

    CudaAttention executor() {
        return attention;
    }

    SlotStorage truth() {
        return truth;
    }

    @Override
    public void close() {
        attention.close();
        kernels.close();
        taken.forEach(memory -> device.free(memory[0], memory[1]));
        device.call("cuStreamDestroy", () -> JCudaDriver.cuStreamDestroy(stream));
        assertThat(device.usedBytes()).isZero();
        device.close();
    }

    static KvDtype dtype(SplittableRandom random) {
        return KvDtype.values()[random.nextInt(KvDtype.values().length)];
    }
}
