package dev.kvasir.scheduler.batching;

import static dev.kvasir.scheduler.batching.Harness.prompt;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Tier;
import dev.kvasir.scheduler.SchedulerStats;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What others may do to the pool, and when. */
class PoolTaskTest {
    private final Harness harness = Harness.withSlots(16);

    @Test
    void aTaskIsDoneByTheNextStep() {
        CompletableFuture<Thread> thread = ask(pool -> Thread.currentThread());
        assertThat(thread).isNotDone();
        assertThat(harness.scheduler.hasWork()).isTrue();
        assertThat(harness.step()).isTrue();
        assertThat(thread).isCompletedWithValue(Thread.currentThread());
        assertThat(harness.scheduler.hasWork()).isFalse();
        assertThat(harness.step()).isFalse();
    }

    @Test
    void whoHasTheAnswerFindsItInTheCounts() {
        harness.submit(prompt(1, 40), 5);
        harness.stepUntilIdle();
        CompletableFuture<SchedulerStats> seen =
                ask(pool -> pool.evict(Tier.DEVICE, 1)).thenApply(evicted -> harness.scheduler.stats());
        harness.step();
        assertThat(seen.join().pool().evicted()).isEqualTo(1);
        assertThat(seen.join().tier(Tier.DEVICE).counters().evictions()).isEqualTo(1);
    }

    @Test
    void whatIsReadByARunningRequestStays() {
        RecordingSink running = harness.submit(prompt(1, 40), 60);
        harness.stepUntilPrefilled(running);
        CompletableFuture<Integer> evicted = ask(pool -> pool.evict(Tier.DEVICE, Integer.MAX_VALUE));
        harness.step();
        assertThat(evicted).isCompletedWithValue(0);
        harness.stepUntilIdle();
        harness.assertServed(running);
    }

    @Test
    void whatACancelledRequestHeldCanBeEvictedAtOnce() {
        RecordingSink running = harness.submit(prompt(1, 40), 60);
        harness.stepUntilPrefilled(running);
        harness.scheduler.cancel(running.request.id());
        CompletableFuture<Integer> evicted = ask(pool -> pool.evict(Tier.DEVICE, Integer.MAX_VALUE));
        harness.step();
        assertThat(evicted.join()).isPositive();
        assertThat(harness.usage().free()).isEqualTo(16);
    }

    @Test
    void aTaskThatThrowsHarmsNobodyElse() {
        RecordingSink running = harness.submit(prompt(1, 40), 5);
        CompletableFuture<Integer> broken = ask(pool -> pool.evict(Tier.DISK, 1));
        CompletableFuture<Integer> whole = ask(pool -> pool.evict(Tier.DEVICE, 1));
        harness.stepUntilIdle();
        assertThatThrownBy(broken::join).hasRootCauseMessage("this pool has no tier DISK");
        assertThat(whole).isCompletedWithValue(0);
        harness.assertServed(running);
        assertThat(harness.errors).isEmpty();
    }

    @Test
    void whatFollowsATaskAndThrowsHarmsNobodyElse() {
        CompletableFuture<Integer> first = ask(pool -> 1);
        CompletableFuture<Void> broken = first.thenAccept(one -> {
            throw new IllegalStateException("a broken reader");
        });
        CompletableFuture<Integer> second = ask(pool -> 2);
        harness.step();
        assertThat(broken).isCompletedExceptionally();
        assertThat(second).isCompletedWithValue(2);
    }

    @Test
    void aTaskMayAskForAnother() {
        CompletableFuture<Integer> second = ask(pool -> 1).thenCompose(one -> ask(pool -> one + 1));
        harness.step();
        assertThat(second).isNotDone();
        harness.step();
        assertThat(second).isCompletedWithValue(2);
    }

    @Test
    void onlySoManyWait() {
        List<CompletableFuture<Integer>> waiting = new ArrayList<>();
        for (int i = 0; i < CommandInbox.MAX_TASKS; i++) {
            int answer = i;
            waiting.add(ask(pool -> answer));
        }
        CompletableFuture<Integer> tooMany = ask(pool -> -1);
        assertThat(refusal(tooMany)).isEqualTo("16 tasks wait for the pool already");
        harness.step();
        for (int i = 0; i < waiting.size(); i++) {
            assertThat(waiting.get(i)).isCompletedWithValue(i);
        }
        CompletableFuture<Integer> again = ask(pool -> 1);
        harness.step();
        assertThat(again).isCompletedWithValue(1);
    }

    @Test
    void aClosedSchedulerRefusesWhatWaitsAndWhatComes() {
        AtomicInteger ran = new AtomicInteger();
        CompletableFuture<Integer> waiting = ask(pool -> ran.incrementAndGet());
        harness.scheduler.close();
        assertThat(refusal(waiting)).isEqualTo("the scheduler was closed");
        assertThat(refusal(ask(pool -> ran.incrementAndGet()))).isEqualTo("the scheduler is closed");
        harness.step();
        assertThat(ran).hasValue(0);
    }

    /** Four threads ask while this one steps; each is answered once, and requests are served meanwhile. */
    @Test
    void tasksFromManyThreadsAreNeitherLostNorDoubled() throws InterruptedException {
        int threads = 4;
        int tasks = 100;
        AtomicInteger ran = new AtomicInteger();
        ConcurrentLinkedQueue<CompletableFuture<Integer>> answers = new ConcurrentLinkedQueue<>();
        CountDownLatch asked = new CountDownLatch(threads);
        List<Thread> askers = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < tasks; i++) {
                    CompletableFuture<Integer> answer = ask(pool -> {
                        pool.evict(Tier.DEVICE, 1);
                        return ran.incrementAndGet();
                    });
                    while (answer.isCompletedExceptionally()) { // too many were waiting
                        Thread.onSpinWait();
                        answer = ask(pool -> ran.incrementAndGet());
                    }
                    answers.add(answer);
                }
                asked.countDown();
            });
            thread.setDaemon(true); // it would spin for ever if this test failed
            askers.add(thread);
        }
        askers.forEach(Thread::start);
        List<RecordingSink> sinks = new ArrayList<>();
        while (asked.getCount() > 0 || harness.scheduler.hasWork()) {
            if (sinks.size() < 50 && harness.scheduler.stats().waiting() == 0) {
                sinks.add(harness.submit(prompt(sinks.size() % 3, 40), 5));
            }
            harness.step();
        }
        for (Thread thread : askers) {
            thread.join();
        }
        assertThat(ran).hasValue(threads * tasks);
        assertThat(answers.stream().map(CompletableFuture::join))
                .doesNotHaveDuplicates()
                .hasSize(threads * tasks);
        sinks.forEach(harness::assertServed);
        assertThat(harness.errors).isEmpty();
    }

    private <T> CompletableFuture<T> ask(Function<MemPool, T> task) {
        return harness.scheduler.withPool(task).toCompletableFuture();
    }

    private static String refusal(CompletableFuture<?> answer) {
        try {
            answer.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RejectedExecutionException refusal) {
                return String.valueOf(refusal.getMessage());
            }
            throw e;
        }
        throw new AssertionError("it was not refused");
    }
}
