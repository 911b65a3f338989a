package dev.kvasir.scheduler.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.Scheduler.Submission;
import dev.kvasir.scheduler.SchedulerConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class CommandInboxTest {
    private static final int THREADS = 4;
    private static final int REQUESTS = 200;
    private static final int MAX_QUEUED = 16;

    /** Four threads submit and cancel while this one steps; each accepted request ends once, and the bound holds. */
    @Test
    void submissionsAndCancellationsFromManyThreadsAreNeitherLostNorDoubled() throws InterruptedException {
        Harness harness = new Harness(16, 16, new SchedulerConfig(16, 4, MAX_QUEUED, 16, 128));
        ConcurrentLinkedQueue<RecordingSink> accepted = new ConcurrentLinkedQueue<>();
        CountDownLatch submitted = new CountDownLatch(THREADS);
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            // Ids are dealt out here, because the harness belongs to this thread.
            List<GenerationRequest> requests = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                requests.add(harness.request(Harness.prompt(i % 3, 1 + i % 50), 5));
            }
            Thread thread = new Thread(() -> {
                for (GenerationRequest request : requests) {
                    RecordingSink sink = new RecordingSink(request);
                    while (harness.scheduler.submit(request, sink) == Submission.QUEUE_FULL) {
                        Thread.onSpinWait();
                    }
                    accepted.add(sink);
                    if (request.prompt().length % 3 == 0) {
                        harness.scheduler.cancel(request.id());
                    }
                }
                submitted.countDown();
            });
            thread.setDaemon(true); // it would spin for ever if this test failed
            threads.add(thread);
        }
        threads.forEach(Thread::start);
        while (submitted.getCount() > 0 || harness.scheduler.hasWork()) {
            harness.step();
            // A preempted sequence waits too, without having been refused a place.
            assertThat(harness.scheduler.stats().waiting()).isLessThanOrEqualTo(MAX_QUEUED + 4);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        harness.stepUntilIdle();
        assertThat(accepted).hasSize(THREADS * REQUESTS);
        for (RecordingSink sink : accepted) {
            assertThat(sink.isFinished()).isTrue();
            if (sink.reason != FinishReason.CANCELLED) {
                harness.assertServed(sink);
            }
        }
        assertThat(harness.errors).isEmpty();
    }
}
