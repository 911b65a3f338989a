package dev.kvasir.benchmarks.tiers;

import com.sun.nio.file.ExtendedOpenOption;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.local.BufferSlotStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.IntConsumer;

/** What copies of a segment's size cost with no pool around them: memory to memory, and a file past the page cache. */
final class PlainCopies {
    private static final int SEGMENTS = 128;
    private static final int BLOCK = 4096;
    private static final int WARM_UPS = 3;

    private final KvLayout layout;
    private final SlotStorage device;
    private final Executor threads;
    private final int runs;
    private final int segments;

    /**
     * Times plain copies.
     *
     * @param device memory that is copied from
     * @param threads the same as a pool has
     * @param runs how often each is timed
     */
    PlainCopies(KvLayout layout, SlotStorage device, Executor threads, int runs) {
        this.layout = layout;
        this.device = device;
        this.threads = threads;
        this.runs = runs;
        this.segments = Math.min(SEGMENTS, device.slots() / 2);
    }

    /** Times memory to memory, by one thread and by all. */
    List<Figure> memory() {
        BufferSlotStorage host = BufferSlotStorage.direct(layout, segments);
        IntConsumer copy = slot -> host.slot(slot).put(device.slot(slot));
        return List.of(
                Figure.of("plain", "memcpy, one thread", layout.segmentBytes(), time(copy, Runnable::run)),
                Figure.of("plain", "memcpy, the pool's threads", layout.segmentBytes(), time(copy, threads)));
    }

    /**
     * Times writing and reading records one after the other, past the page cache.
     *
     * @throws IOException if the file system can't do that
     */
    List<Figure> disk(Path folder) throws IOException {
        int record = (layout.segmentBytes() + BLOCK - 1) / BLOCK * BLOCK;
        ThreadLocal<ByteBuffer> buffers = ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(record + BLOCK)
                .alignedSlice(BLOCK)
                .limit(record)
                .slice());
        Path file = folder.resolve("bench-plain.bin");
        try (FileChannel channel = FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                ExtendedOpenOption.DIRECT)) {
            IntConsumer write = slot -> io(() -> channel.write(buffers.get().clear(), (long) slot * record));
            IntConsumer read = slot -> io(() -> channel.read(buffers.get().clear(), (long) slot * record));
            return List.of(
                    Figure.of("plain", "write a record, O_DIRECT", record, time(write, threads)),
                    Figure.of("plain", "read a record, O_DIRECT", record, time(read, threads)));
        } catch (UnsupportedOperationException e) {
            throw new IOException("the file system of " + folder + " has no O_DIRECT", e);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private interface Transfer {
        int run() throws IOException;
    }

    private void io(Transfer transfer) {
        try {
            int bytes = transfer.run();
            if (bytes < layout.segmentBytes()) {
                throw new IOException("only " + bytes + " bytes of a record went through");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns nanoseconds of a segment, each the mean over all segments of one run. */
    private List<Long> time(IntConsumer job, Executor executor) {
        List<Long> nanos = new ArrayList<>();
        for (int run = -WARM_UPS; run < runs; run++) {
            long begun = System.nanoTime();
            CompletableFuture<?>[] jobs = new CompletableFuture<?>[segments];
            for (int i = 0; i < segments; i++) {
                int slot = i;
                jobs[i] = CompletableFuture.runAsync(() -> job.accept(slot), executor);
            }
            CompletableFuture.allOf(jobs).join();
            if (run >= 0) {
                nanos.add((System.nanoTime() - begun) / segments);
            }
        }
        return nanos;
    }
}
