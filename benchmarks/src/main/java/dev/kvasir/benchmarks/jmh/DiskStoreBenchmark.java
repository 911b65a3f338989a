package dev.kvasir.benchmarks.jmh;

import com.sun.nio.file.ExtendedOpenOption;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.disk.DiskGeometry;
import dev.kvasir.pool.disk.FileStore;
import dev.kvasir.pool.disk.OnMismatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.OpenOption;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The disk tier's memory: a segment to the file and back, checksum included. {@code CACHE} is how a server does it,
 * through the system's page cache, which holds this small file whole; {@code DISK} goes past it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DiskStoreBenchmark {
    private static final int FILE_BYTES = 64 << 20;
    private static final int SEGMENT_TOKENS = 64;
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);

    /** Where the bytes come from and go to. */
    public enum Medium {
        CACHE,
        DISK
    }

    @Param({"393216", "1572864"})
    public int segmentBytes;

    @Param
    public Medium medium = Medium.CACHE;

    private SegmentHeader[] headers = {};
    private int next;

    @SuppressWarnings("NullAway.Init") // set up by JMH
    private DiskFolder folder;

    @SuppressWarnings("NullAway.Init")
    private FileStore store;

    @SuppressWarnings("NullAway.Init")
    private ByteBuffer segment;

    /** Fills every slot. */
    @Setup(Level.Trial)
    public void fill() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        segment = ByteBuffer.allocateDirect(segmentBytes + 4096)
                .alignedSlice(4096)
                .limit(segmentBytes);
        while (segment.hasRemaining()) {
            segment.putLong(random.nextLong());
        }
        headers = new SegmentHeader[FILE_BYTES / segmentBytes];
        folder = new DiskFolder();
        OpenOption[] extra = medium == Medium.DISK ? new OpenOption[] {ExtendedOpenOption.DIRECT} : new OpenOption[0];
        store = FileStore.open(
                folder.file(),
                new DiskGeometry(new byte[SegmentId.BYTES], segmentBytes, SEGMENT_TOKENS, headers.length),
                OnMismatch.REFUSE,
                extra);
        for (int slot = 0; slot < headers.length; slot++) {
            int[] tokens = random.ints(SEGMENT_TOKENS).toArray();
            headers[slot] = SegmentHeader.next(ROOT, ROOT, tokens, 0, tokens.length);
            store.write(slot, headers[slot], segment.rewind());
        }
    }

    /** Writes over the slot that was written longest ago. */
    @Benchmark
    public void write() throws IOException {
        int slot = turn();
        store.write(slot, headers[slot], segment.rewind());
    }

    /** Reads the slot that was read longest ago. */
    @Benchmark
    public void read() throws IOException {
        int slot = turn();
        store.read(slot, headers[slot], segment.rewind());
    }

    /** Deletes the file. */
    @TearDown(Level.Trial)
    public void delete() throws IOException {
        store.close();
        folder.close();
    }

    private int turn() {
        next = (next + 1) % headers.length;
        return next;
    }
}
