package dev.kvasir.benchmarks.jmh;

import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.disk.DiskGeometry;
import dev.kvasir.pool.disk.FileStore;
import dev.kvasir.pool.disk.OnMismatch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Finding the segments of a disk tier again after a restart. Payloads are tiny, since none is read; the headers lie in
 * the system's page cache, so that this is what the processor has to do.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DiskRestartBenchmark {
    private static final int RECORDS = 10_000;
    private static final int SEGMENT_TOKENS = 64;
    private static final int SEGMENT_BYTES = 512;
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);
    private static final DiskGeometry GEOMETRY =
            new DiskGeometry(new byte[SegmentId.BYTES], SEGMENT_BYTES, SEGMENT_TOKENS, RECORDS);

    @SuppressWarnings("NullAway.Init") // set up by JMH
    private DiskFolder folder;

    /** Writes the segments. */
    @Setup(Level.Trial)
    public void fill() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        folder = new DiskFolder();
        try (FileStore store = open()) {
            for (int slot = 0; slot < RECORDS; slot++) {
                int[] tokens = random.ints(SEGMENT_TOKENS).toArray();
                SegmentHeader header = SegmentHeader.next(ROOT, ROOT, tokens, 0, tokens.length);
                store.write(slot, header, ByteBuffer.allocate(SEGMENT_BYTES));
            }
        }
    }

    /** Opens a file of 10,000 segments, and closes it. */
    @Benchmark
    public void open10k() throws IOException {
        try (FileStore store = open()) {
            if (store.found().size() != RECORDS) {
                throw new IllegalStateException("found " + store.found().size() + " segments, not " + RECORDS);
            }
        }
    }

    /** Deletes the file. */
    @TearDown(Level.Trial)
    public void delete() throws IOException {
        folder.close();
    }

    private FileStore open() throws IOException {
        return FileStore.open(folder.file(), GEOMETRY, OnMismatch.REFUSE);
    }
}
