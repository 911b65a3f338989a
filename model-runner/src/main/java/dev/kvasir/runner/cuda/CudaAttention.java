package dev.kvasir.runner.cuda;

import dev.kvasir.pool.KvLayout;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.PartialAttention;
import dev.kvasir.runner.TensorRef;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import jcuda.driver.CUstream;

/**
 * Partial attention by CUDA kernels over a pool in device memory. Queries and results may be on the device or on the host; those on the host are
 * copied, and a call returns when results have arrived; where all are on the device, it returns at once, and Torch's next work waits for them there. For one thread.
 */
final class CudaAttention implements PartialAttention, AutoCloseable {
    /** Keys of a tile at most. 256 keys give a context of 4k 16 blocks a head: enough for a card with a few sequences. */
    static final int SPLIT_KEYS = 256;

    private static final int THREADS = 128;

    private final CudaDevice device;
    private final CUstream stream;
    private final TorchOrder order;
    private final KernelLibrary kernels;
    private final KernelChoice choice;
    private final DeviceLayout layout;
    private final DType dtype;
    private final int group;
    private final int slots;
    private final long pool; // address
    private final long cosines;
    private final long sines;
    private final TilePacker packer;
    private final KernelArguments arguments = new KernelArguments();
    private final Transfers transfers;
    private final DeviceBuffer plan;
    private final DeviceBuffer partials;
    private final DeviceBuffer partialLogs;
    private final DeviceBuffer query;
    private final DeviceBuffer output;
    private final DeviceBuffer logsumexp;

    /** What all executors over one pool share. */
    record Pool(DeviceLayout layout, int slots, long address, long cosines, long sines, boolean[] isFree) {}

    CudaAttention(CudaDevice device, CUstream stream, KernelLibrary kernels, Pool pool, int group, int splitKeys) {
        this.device = device;
        this.stream = stream;
        this.kernels = kernels;
        this.layout = pool.layout;
        this.group = group;
        this.slots = pool.slots;
        this.pool = pool.address;
        this.cosines = pool.cosines;
        this.sines = pool.sines;
        KvLayout kv = layout.kv();
        dtype = DType.valueOf(kv.dtype().name());
        choice = KernelChoice.of(device.architecture(), kv.dtype(), kv.headDim(), layout.isInt8());
        packer = new TilePacker(kv.segmentTokens(), group, splitKeys, choice.hasPrefill(), pool.isFree);
        order = new TorchOrder(device);
        transfers = new Transfers(device, stream);
        plan = new DeviceBuffer(device);
        partials = new DeviceBuffer(device);
        partialLogs = new DeviceBuffer(device);
        query = new DeviceBuffer(device);
        output = new DeviceBuffer(device);
        logsumexp = new DeviceBuffer(device);
    }

    @Override
    public Launch prepare(List<Span> spans) {
        check(spans);
        // What still reads the last plan is over, since attend waits for its results.
        packer.pack(spans);
        long bytes = (long) packer.ints() * Integer.BYTES;
        transfers.begin(bytes, 0);
        packer.write(transfers.staged(0, bytes).asIntBuffer());
        plan.reserve(bytes);
        partials.reserve((long) packer.partialRows()
                * layout.kv().kvHeads()
                * layout.kv().headDim()
                * Float.BYTES);
        partialLogs.reserve((long) packer.partialRows() * layout.kv().kvHeads() * Float.BYTES);
        if (bytes > 0) {
            transfers.copyStaged(plan.address(), bytes, 0);
            device.synchronize(stream);
        }
        List<Span> given = List.copyOf(spans);
        return (layer, q, o, log) -> attend(given, layer, q, o, log);
    }

    private void check(List<Span> spans) {
        KvLayout kv = layout.kv();
        int free = 0;
        for (Span span : spans) {
            if (span.firstQuery() < free) {
                throw new IllegalArgumentException("spans overlap at query " + span.firstQuery());
            }
            free = span.firstQuery() + span.queries();
            int end = Math.min(span.keyTo(), span.firstPosition() + span.queries());
            for (int s = span.keyFrom() / kv.segmentTokens(); s < kv.segmentsFor(end); s++) {
                if (s >= span.slots().length || span.slots()[s] < 0 || span.slots()[s] >= slots) {
                    throw new IllegalArgumentException("segment " + s + " of a table " + Arrays.toString(span.slots())
                            + " isn't one of " + slots + " slots");
                }
            }
        }
    }

    private void attend(List<Span> spans, int layer, TensorRef q, TensorRef o, TensorRef log) {
        KvLayout kv = layout.kv();
        int heads = kv.kvHeads() * group;
        long tokens = spans.isEmpty() ? 0 : last(spans);
        checkShape(q, tokens, heads, kv.headDim());
        if (layer < 0 || layer >= kv.layers()) {
            throw new IllegalArgumentException("layer " + layer + " of " + kv.layers());
        }
        if (tokens == 0) {
            return;
        }
        long elements = tokens * heads * kv.headDim();
        long bytes = elements * dtype.bytes();
        long logBytes = tokens * heads * Float.BYTES;
        boolean isOut = o.deviceAddress() == 0;
        boolean isLogOut = log.deviceAddress() == 0;
        boolean isIn = q.deviceAddress() == 0;
        transfers.begin(isIn ? bytes : 0, isOut || isLogOut ? bytes + logBytes : 0);
        long from = q.deviceAddress();
        if (isIn) {
            query.reserve(bytes);
            transfers.in(q, bytes, query.address(), 0);
            from = query.address();
        }
        if (isOut) {
            output.reserve(bytes);
        }
        if (isLogOut) {
            logsumexp.reserve(logBytes);
        }
        long to = isOut ? output.address() : o.deviceAddress();
        long logTo = isLogOut ? logsumexp.address() : log.deviceAddress();
        launch(layer, from, to, logTo);
        if (isOut) {
            // Only what spans cover is written, on the host too.
            transfers.out(to, bytes, 0);
        }
        if (isLogOut) {
            transfers.out(logTo, logBytes, bytes);
        }
        if (!isIn && !isOut && !isLogOut) {
            order.beforeTorch(stream);
            return;
        }
        device.synchronize(stream);
        if (isOut) {
            take(spans, o, heads * kv.headDim() * dtype.bytes(), 0);
        }
        if (isLogOut) {
            take(spans, log, heads * Float.BYTES, bytes);
        }
    }

    private void take(List<Span> spans, TensorRef to, int tokenBytes, long offset) {
        ByteBuffer target = to.buffer();
        ByteBuffer staged = transfers.arrived(offset, (long) last(spans) * tokenBytes);
        for (Span span : spans) {
            int first = span.firstQuery() * tokenBytes;
            int bytes = span.queries() * tokenBytes;
            target.slice(first, bytes).put(staged.slice(first, bytes));
        }
    }

    private void launch(int layer, long from, long to, long logTo) {
        KvLayout kv = layout.kv();
        long layerPool = pool + layer * layout.layerBytes();
        // Scores in powers of two: exp(x) = 2^(x log2 e).
        float scale = (float) (1 / (Math.sqrt(kv.headDim()) * Math.log(2)));
        long plainAt = plan.address();
        long tensorAt = plainAt + (long) packer.plainTiles() * 8 * Integer.BYTES;
        long mergesAt = tensorAt + (long) packer.tensorTiles() * 8 * Integer.BYTES;
        long tablesAt = mergesAt + (long) packer.merges() * 5 * Integer.BYTES;
        if (packer.plainTiles() > 0) {
            attention(plainAt, tablesAt, layerPool, from, to, logTo, scale)
                    .launch(
                            device,
                            kernels.function("partial_attention", choice.decode()),
                            packer.plainTiles(),
                            kv.kvHeads(),
                            THREADS,
                            stream,
                            choice.decode());
        }
        if (packer.tensorTiles() > 0) {
            attention(tensorAt, tablesAt, layerPool, from, to, logTo, scale)
                    .launch(
                            device,
                            kernels.function("prefill_attention", choice.prefill()),
                            packer.tensorTiles(),
                            kv.kvHeads(),
                            THREADS,
                            stream,
                            choice.prefill());
        }
        if (packer.merges() > 0) {
            String name = "merge_partials_" + choice.suffix();
            arguments
                    .begin()
                    .add(mergesAt)
                    .add(partials.address())
                    .add(partialLogs.address())
                    .add(to)
                    .add(logTo)
                    .add(group)
                    .add(kv.headDim())
                    .launch(
                            device,
                            kernels.function("merge_partials", name),
                            packer.merges(),
                            kv.kvHeads(),
                            THREADS,
                            stream,
                            name);
        }
    }

    private KernelArguments attention(
            long tiles, long tables, long layerPool, long from, long to, long logTo, float scale) {
        return arguments
                .begin()
                .add(tiles)
                .add(tables)
                .add(layerPool)
                .add(layout.slotBytes())
                .add(from)
                .add(to)
                .add(logTo)
                .add(partials.address())
                .add(partialLogs.address())
                .add(cosines)
                .add(sines)
                .add(group)
                .add(layout.kv().headDim())
                .add(Integer.numberOfTrailingZeros(layout.kv().segmentTokens()))
                .add(scale);
    }

    private void checkShape(TensorRef q, long tokens, int heads, int headDim) {
        long[] shape = q.shape();
        if (shape.length != 3 || shape[0] < tokens || shape[1] != heads || shape[2] != headDim || q.dtype() != dtype) {
            throw new IllegalArgumentException("queries should be " + dtype + " (" + tokens + " or more, " + heads
                    + ", " + headDim + "), not " + q.dtype() + " " + Arrays.toString(shape));
        }
        long[] strides = q.strides();
        if (strides[2] != 1 || strides[1] != headDim || strides[0] != (long) heads * headDim) {
            throw new IllegalArgumentException("the CUDA executor takes contiguous queries");
        }
    }

    private static int last(List<Span> spans) {
        Span span = spans.get(spans.size() - 1);
        return span.firstQuery() + span.queries();
    }

    /** Returns which kernels it uses. */
    KernelChoice choice() {
        return choice;
    }

    @Override
    public void close() {
        logsumexp.close();
        output.close();
        query.close();
        partialLogs.close();
        partials.close();
        plan.close();
        transfers.close();
        order.close();
    }
}
