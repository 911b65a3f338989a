package dev.kvasir.benchmarks.wire;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Measures one pipe. Used by one thread. */
final class PipeBenchmark implements Pipe.Events {
    private static final long RETRY_NANOS = 20_000;
    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private final int segments;
    private final int queries;
    private final ByteBuffer segment;
    private final ByteBuffer query;
    private final Semaphore arrived = new Semaphore(0);
    private final Semaphore answered = new Semaphore(0);

    PipeBenchmark(int segmentBytes, int segments, int queryBytes, int queries) {
        this.segments = segments;
        this.queries = queries;
        this.segment = ByteBuffer.allocateDirect(segmentBytes);
        this.query = ByteBuffer.allocateDirect(queryBytes);
    }

    @Override
    public void onSegment() {
        arrived.release();
    }

    @Override
    public void onAnswer() {
        answered.release();
    }

    /** Sends segments and records how fast that went, from the first that is sent to the last that arrives, and what it took. */
    void rate(Pipe pipe, WireFigures to) throws InterruptedException {
        long cpu = PROCESS.getProcessCpuTime();
        long start = System.nanoTime();
        for (int i = 0; i < segments; i++) {
            sendSegment(pipe);
        }
        arrived.acquire(segments);
        double bytes = (double) segments * segment.remaining();
        to.gigabytesPerSecond().add(bytes / (System.nanoTime() - start));
        to.cpuSecondsPerGigabyte().add((PROCESS.getProcessCpuTime() - cpu) / bytes);
    }

    private void sendSegment(Pipe pipe) {
        while (!pipe.sendSegment(segment.duplicate(), () -> {})) {
            LockSupport.parkNanos(RETRY_NANOS);
        }
    }

    /** Sends queries, each when the last is answered, and records the round trips in nanoseconds. */
    void alone(Pipe pipe, Histogram nanos) throws InterruptedException {
        for (int i = 0; i < queries; i++) {
            long start = System.nanoTime();
            pipe.sendQuery(query.duplicate());
            answered.acquire();
            nanos.recordValue(System.nanoTime() - start);
        }
    }

    /** Does the same while another thread sends segments as fast as they go. */
    void beside(Pipe pipe, Histogram nanos) throws InterruptedException {
        int[] sent = {0};
        Thread sender = new Thread(
                () -> {
                    while (!Thread.currentThread().isInterrupted()) {
                        if (pipe.sendSegment(segment.duplicate(), () -> {})) {
                            sent[0]++;
                        } else {
                            LockSupport.parkNanos(RETRY_NANOS);
                        }
                    }
                },
                "segments");
        sender.start();
        arrived.acquire(); // it has begun
        alone(pipe, nanos);
        sender.interrupt();
        sender.join();
        arrived.acquire(sent[0] - 1);
    }
}
