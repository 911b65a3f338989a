package dev.kvasir.runner.cuda;

import dev.kvasir.pool.SlotStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * A pool's slots in device memory. Segments are copied out and in on streams of their own, through pinned memory, while steps compute on theirs: a copy waits only
 * for the zeroing of slots that was asked for before it. Who copies waits for the copy's end, so that a segment counts as moved when it has been. {@link
 * #bytes} and {@link #fill} are thread-safe; {@link #clear} is the step thread's.
 */
final class CudaKvStorage implements SlotStorage, AutoCloseable {
    private final CudaDevice device;
    private final CUstream compute;
    private final long pool; // address
    private final int slots;
    private final int slotBytes;
    private final CUevent cleared;
    private final Queue<Lane> idle = new ConcurrentLinkedQueue<>();

    /** A copy stream with its pinned memory: one for each thread that copies at the same time. */
    private static final class Lane implements AutoCloseable {
        final CudaDevice device;
        final CUstream stream;
        final PinnedBuffer staging;

        Lane(CudaDevice device) {
            this.device = device;
            stream = device.newStream();
            staging = new PinnedBuffer(device);
        }

        @Override
        public void close() {
            staging.close();
            device.destroy(stream);
        }
    }

    CudaKvStorage(CudaDevice device, CUstream compute, long pool, int slots, int slotBytes) {
        this.device = device;
        this.compute = compute;
        this.pool = pool;
        this.slots = slots;
        this.slotBytes = slotBytes;
        cleared = device.newEvent();
    }

    @Override
    public int slots() {
        return slots;
    }

    @Override
    public int slotBytes() {
        return slotBytes;
    }

    @Override
    public ByteBuffer slot(int slot) {
        throw new UnsupportedOperationException("slot " + slot + " lies in device memory, which Java can't see");
    }

    @Override
    public ByteBuffer bytes(int slot) {
        ByteBuffer copy = ByteBuffer.allocate(slotBytes).order(ByteOrder.nativeOrder());
        Lane lane = lane();
        try {
            ByteBuffer staged = lane.staging.reserve(slotBytes).limit(slotBytes);
            device.copyOut(lane.staging.pointer(), address(slot), slotBytes, lane.stream);
            device.synchronize(lane.stream);
            copy.put(staged);
        } finally {
            idle.add(lane);
        }
        return copy.flip();
    }

    @Override
    public void fill(int slot, Writer writer) throws IOException {
        Lane lane = lane();
        try {
            // Java first: if what is read is damaged, nothing of it reaches the device.
            writer.write(lane.staging.reserve(slotBytes).limit(slotBytes));
            device.copyIn(address(slot), lane.staging.pointer(), slotBytes, lane.stream);
            device.synchronize(lane.stream);
        } finally {
            idle.add(lane);
        }
    }

    @Override
    public void clear(int slot) {
        long address = address(slot);
        device.call(
                "cuMemsetD8Async",
                () -> JCudaDriver.cuMemsetD8Async(CudaDevice.at(address), (byte) 0, slotBytes, compute));
        device.call("cuEventRecord", () -> JCudaDriver.cuEventRecord(cleared, compute));
    }

    /** Zeroes all slots. */
    void clearAll() {
        device.call(
                "cuMemsetD8Async",
                () -> JCudaDriver.cuMemsetD8Async(CudaDevice.at(pool), (byte) 0, (long) slots * slotBytes, compute));
        device.call("cuEventRecord", () -> JCudaDriver.cuEventRecord(cleared, compute));
    }

    private Lane lane() {
        Lane known = idle.poll();
        Lane lane = known == null ? new Lane(device) : known;
        device.call("cuStreamWaitEvent", () -> JCudaDriver.cuStreamWaitEvent(lane.stream, cleared, 0));
        return lane;
    }

    private long address(int slot) {
        return pool + (long) Objects.checkIndex(slot, slots) * slotBytes;
    }

    @Override
    public void close() {
        for (Lane lane = idle.poll(); lane != null; lane = idle.poll()) {
            lane.close();
        }
        device.destroy(cleared);
    }
}
