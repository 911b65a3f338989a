package dev.kvasir.runner.cuda;

import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.KvDevice;
import dev.kvasir.runner.PartialAttention;
import dev.kvasir.runner.TensorRef;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.UnaryOperator;
import jcuda.driver.CUstream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pool in the memory of a CUDA device, with the kernels that write and read it. */
public final class CudaKv implements KvDevice {
    private static final Logger LOG = LoggerFactory.getLogger(CudaKv.class);
    private static final int THREADS = 128;
    /** Blocks that share the copy of one slot. */
    private static final int COPY_BLOCKS = 8;

    private final CudaDevice device;
    private final DeviceLayout layout;
    private final DType dtype;
    private final int heads;
    private final int slots;
    private final CUstream stream;
    private final TorchOrder order;
    private final KernelLibrary kernels;
    private final CudaKvStorage storage;
    private final CudaAttention attention;
    private final CudaAttention.Pool pool;
    private final Transfers transfers;
    private final KernelArguments arguments = new KernelArguments();
    private final DeviceBuffer places;
    private final DeviceBuffer qk;
    private final DeviceBuffer v;
    private final DeviceBuffer query;
    private final DeviceBuffer dense;
    private final List<CudaAttention> others = new ArrayList<>();
    private final Deque<AutoCloseable> closing = new ArrayDeque<>(); // last opened first
    private int tokens; // of the step

    /**
     * Opens device 0 for one model after the other.
     *
     * @param budget bytes of device memory that may be taken
     * @throws RuntimeException if there is no device
     */
    public static Factory factory(long budget) {
        return (layout, heads, frequencies, positions, slots, pool) ->
                create(budget, layout, heads, frequencies, positions, slots, pool, UnaryOperator.identity());
    }

    static CudaKv create(
            long budget,
            KvLayout kv,
            int heads,
            double[] frequencies,
            int positions,
            int slots,
            @Nullable TensorRef pool,
            UnaryOperator<String> edit) {
        CudaDevice device = CudaDevice.open(0, budget);
        Deque<AutoCloseable> opened = new ArrayDeque<>();
        opened.push(device);
        try {
            return new CudaKv(device, kv, heads, frequencies, positions, slots, pool, edit, opened);
        } catch (RuntimeException e) {
            // What was taken until then goes back; why it failed is what counts.
            closeAll(opened, e);
            throw e;
        }
    }

    private CudaKv(
            CudaDevice device,
            KvLayout kv,
            int heads,
            double[] frequencies,
            int positions,
            int slots,
            @Nullable TensorRef lent,
            UnaryOperator<String> edit,
            Deque<AutoCloseable> opened) {
        this.device = device;
        this.heads = heads;
        this.slots = slots;
        layout = new DeviceLayout(kv, false);
        dtype = DType.valueOf(kv.dtype().name());
        stream = device.newStream();
        opened.push(() -> device.destroy(stream));
        kernels = new KernelLibrary(device, edit);
        opened.push(kernels);
        transfers = new Transfers(device, stream);
        opened.push(transfers);
        order = new TorchOrder(device);
        opened.push(order);
        long address = lent == null ? take(slots * layout.slotBytes(), opened) : lent.deviceAddress();
        long tableBytes = (long) positions * frequencies.length * Float.BYTES;
        long cosines = take(tableBytes, opened);
        long sines = take(tableBytes, opened);
        upload(frequencies, positions, cosines, sines);
        pool = new CudaAttention.Pool(layout, slots, address, cosines, sines, new boolean[0]);
        storage = new CudaKvStorage(device, stream, address, slots, kv.segmentBytes());
        opened.push(storage);
        storage.clearAll();
        places = buffer(opened);
        qk = buffer(opened);
        v = buffer(opened);
        query = buffer(opened);
        dense = buffer(opened);
        attention = new CudaAttention(device, stream, kernels, pool, heads / kv.kvHeads(), CudaAttention.SPLIT_KEYS);
        opened.push(attention);
        LOG.info(
                "attention: cuda ({}), {}; pool: {} slots of {} bytes in device memory{}",
                device.description(),
                attention.choice(),
                slots,
                layout.slotBytes(),
                lent == null ? "" : " that Torch lends");
        closing.addAll(opened);
    }

    private long take(long bytes, Deque<AutoCloseable> opened) {
        long address = device.allocate(bytes);
        opened.push(() -> device.free(address, bytes));
        return address;
    }

    private DeviceBuffer buffer(Deque<AutoCloseable> opened) {
        DeviceBuffer buffer = new DeviceBuffer(device);
        opened.push(buffer);
        return buffer;
    }

    // Tables of (positions, headDim / 2), a part at a time: staging is small.
    private void upload(double[] frequencies, int positions, long cosines, long sines) {
        int step = Math.max(1, (1 << 18) / frequencies.length);
        for (int first = 0; first < positions; first += step) {
            int count = Math.min(step, positions - first);
            long bytes = (long) count * frequencies.length * Float.BYTES;
            transfers.begin(2 * bytes, 0);
            ByteBuffer c = transfers.staged(0, bytes);
            ByteBuffer s = transfers.staged(bytes, bytes);
            for (int p = first; p < first + count; p++) {
                for (double frequency : frequencies) {
                    c.putFloat((float) Math.cos(p * frequency));
                    s.putFloat((float) Math.sin(p * frequency));
                }
            }
            long at = (long) first * frequencies.length * Float.BYTES;
            transfers.copyStaged(cosines + at, bytes, 0);
            transfers.copyStaged(sines + at, bytes, bytes);
            device.synchronize(stream);
        }
    }

    @Override
    public SlotStorage storage() {
        return storage;
    }

    @Override
    public void begin(Places step) {
        tokens = step.positions().length;
        long bytes = 3L * tokens * Integer.BYTES;
        transfers.begin(bytes, 0);
        IntBuffer to = transfers.staged(0, bytes).asIntBuffer();
        for (int t = 0; t < tokens; t++) {
            check(step.slots()[t], step.offsets()[t]);
            to.put(step.positions()[t]).put(step.slots()[t]).put(step.offsets()[t]);
        }
        places.reserve(bytes);
        transfers.copyStaged(places.address(), bytes, 0);
        device.synchronize(stream);
    }

    @Override
    public TensorRef append(int layer, TensorRef qkRef, TensorRef vRef) {
        KvLayout kv = layout.kv();
        long qkBytes = (long) tokens * (heads + kv.kvHeads()) * kv.headDim() * dtype.bytes();
        long vBytes = (long) tokens * kv.kvHeads() * kv.headDim() * dtype.bytes();
        long queryBytes = qkBytes - vBytes;
        boolean isLent = qkRef.deviceAddress() != 0 && vRef.deviceAddress() != 0;
        query.reserve(queryBytes);
        if (isLent) {
            order.afterTorch(stream);
        } else {
            qk.reserve(qkBytes);
            v.reserve(vBytes);
            transfers.begin(qkBytes + vBytes, 0);
            transfers.in(qkRef, qkBytes, qk.address(), 0);
            transfers.in(vRef, vBytes, v.address(), qkBytes);
        }
        String name = "append_rotated_" + attention.choice().suffix();
        arguments
                .begin()
                .add(isLent ? qkRef.deviceAddress() : qk.address())
                .add(isLent ? vRef.deviceAddress() : v.address())
                .add(query.address())
                .add(pool.address() + layer * layout.layerBytes())
                .add(layout.slotBytes() / dtype.bytes())
                .add(places.address())
                .add(pool.cosines())
                .add(pool.sines())
                .add(heads)
                .add(kv.kvHeads())
                .add(kv.headDim())
                .add(kv.segmentTokens())
                .launch(device, kernels.function("append_rotated", name), tokens, 1, THREADS, stream, name);
        if (!isLent) {
            device.synchronize(stream); // staged memory is used again by whoever comes next
        }
        return new DeviceTensor(dtype, new long[] {tokens, heads, kv.headDim()}, query.address());
    }

    @Override
    public void fetch(TensorRef queries, TensorRef to) {
        DeviceTensor from = (DeviceTensor) queries;
        long bytes = from.bytes();
        transfers.begin(0, bytes);
        transfers.out(from.address(), bytes, 0);
        device.synchronize(stream);
        to.buffer().slice(0, Math.toIntExact(bytes)).put(transfers.arrived(0, bytes));
    }

    @Override
    public PartialAttention attention() {
        return attention;
    }

    @Override
    public PartialAttention newAttention() {
        CUstream own = device.newStream();
        // A stream and a library of its own: the libraries aren't for two threads.
        KernelLibrary library = new KernelLibrary(device);
        CudaAttention made = new CudaAttention(
                device, own, library, pool, heads / layout.kv().kvHeads(), CudaAttention.SPLIT_KEYS);
        closing.push(() -> device.destroy(own));
        closing.push(library);
        closing.push(made);
        others.add(made);
        return made;
    }

    /** Copies slots to other slots: compaction. No slot may be both source and target. */
    public void copySlots(int[] from, int[] to) {
        int[] moves = new int[2 * from.length];
        for (int i = 0; i < from.length; i++) {
            check(from[i], 0);
            check(to[i], 0);
            moves[2 * i] = from[i];
            moves[2 * i + 1] = to[i];
        }
        if (from.length == 0) {
            return;
        }
        stagePlaces(moves);
        arguments
                .begin()
                .add(pool.address())
                .add(layout.slotBytes() / 16)
                .add(places.address())
                .launch(
                        device,
                        kernels.function("move_tokens", "copy_slots"),
                        from.length,
                        COPY_BLOCKS,
                        THREADS,
                        stream,
                        "copy_slots");
        device.synchronize(stream);
    }

    /**
     * Copies the keys and values of some tokens, all layers, out of their slots.
     *
     * @param rowSlots slot of each token
     * @param offsets its place in the slot
     * @return (tokens, layers, 2, kvHeads, headDim) in the pool's dtype
     */
    public ByteBuffer gatherTokens(int[] rowSlots, int[] offsets) {
        long bytes = (long) rowSlots.length * tokenBytes();
        dense.reserve(bytes);
        moveTokens("gather_tokens", rowSlots, offsets);
        transfers.begin(0, bytes);
        transfers.out(dense.address(), bytes, 0);
        device.synchronize(stream);
        return ByteBuffer.allocate(Math.toIntExact(bytes))
                .order(java.nio.ByteOrder.nativeOrder())
                .put(transfers.arrived(0, bytes))
                .flip();
    }

    /** Writes keys and values of some tokens, as {@link #gatherTokens} gives them, into slots. */
    public void scatterTokens(int[] rowSlots, int[] offsets, ByteBuffer from) {
        long bytes = (long) rowSlots.length * tokenBytes();
        if (from.remaining() != bytes) {
            throw new IllegalArgumentException(
                    from.remaining() + " bytes for " + rowSlots.length + " tokens of " + tokenBytes());
        }
        dense.reserve(bytes);
        transfers.begin(bytes, 0);
        transfers.staged(0, bytes).put(from.duplicate());
        transfers.copyStaged(dense.address(), bytes, 0);
        device.synchronize(stream);
        moveTokens("scatter_tokens", rowSlots, offsets);
        device.synchronize(stream);
    }

    private void moveTokens(String name, int[] rowSlots, int[] offsets) {
        int[] rows = new int[2 * rowSlots.length];
        for (int i = 0; i < rowSlots.length; i++) {
            check(rowSlots[i], offsets[i]);
            rows[2 * i] = rowSlots[i];
            rows[2 * i + 1] = offsets[i];
        }
        if (rows.length == 0) {
            return;
        }
        stagePlaces(rows);
        arguments
                .begin()
                .add(pool.address())
                .add(layout.slotBytes() / 16)
                .add(places.address())
                .add(dense.address())
                .add(layout.planes())
                .add(layout.rowVectors())
                .add(layout.kv().segmentTokens())
                .launch(device, kernels.function("move_tokens", name), rowSlots.length, 1, THREADS, stream, name);
    }

    private int tokenBytes() {
        return layout.planes() * layout.kv().headDim() * dtype.bytes();
    }

    private void stagePlaces(int[] values) {
        long bytes = (long) values.length * Integer.BYTES;
        transfers.begin(bytes, 0);
        transfers.staged(0, bytes).asIntBuffer().put(values);
        places.reserve(bytes);
        transfers.copyStaged(places.address(), bytes, 0);
        device.synchronize(stream);
    }

    private void check(int slot, int offset) {
        if (slot < 0 || slot >= slots || offset < 0 || offset >= layout.kv().segmentTokens()) {
            throw new IllegalArgumentException("token " + offset + " of slot " + slot + " of " + slots);
        }
    }

    @Override
    public boolean isLost() {
        return device.failure() != null;
    }

    CudaDevice device() {
        return device;
    }

    @Override
    public void close() {
        RuntimeException failed = new IllegalStateException("the CUDA device didn't close");
        closeAll(closing, failed);
        // On a lost device nothing can be given back; the process's end does that.
        if (failed.getSuppressed().length > 0 && !isLost()) {
            throw failed;
        }
    }

    private static void closeAll(Deque<AutoCloseable> opened, RuntimeException to) {
        while (!opened.isEmpty()) {
            try {
                opened.pop().close();
            } catch (Exception e) {
                to.addSuppressed(e);
            }
        }
    }
}
