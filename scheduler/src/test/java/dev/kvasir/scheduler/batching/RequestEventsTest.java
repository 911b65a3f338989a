package dev.kvasir.scheduler.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.PrefillGroups;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.RequestEvents;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.scheduler.elastic.NodeChoice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who listens hears everything of a request, in order. */
class RequestEventsTest {
    private final List<String> heard = new ArrayList<>();
    private long nanos;

    private final RequestEvents events = new RequestEvents() {
        @Override
        public void onQueued(GenerationRequest request, long nowNanos) {
            heard.add(request.id() + " queued");
        }

        @Override
        public void onAdmitted(
                GenerationRequest request, CachedTokens cached, int lookedUp, long fetchNanos, long nowNanos) {
            heard.add(request.id() + " admitted, " + cached.total() + " of " + lookedUp);
            assertThat(fetchNanos).isLessThanOrEqualTo(nowNanos);
        }

        @Override
        public void onComputed(String id, int from, int to, long beganNanos, long nowNanos) {
            heard.add(id + " " + from + "-" + to);
            assertThat(beganNanos).isLessThan(nowNanos);
        }

        @Override
        public void onPreempted(String id, long nowNanos) {
            heard.add(id + " preempted");
        }

        @Override
        public void onFinished(String id, FinishReason reason, RequestStats stats) {
            heard.add(id + " " + reason);
        }
    };

    private ContinuousScheduler scheduler(int slots) {
        FakeModelRunner runner = new FakeModelRunner(16, slots);
        return new ContinuousScheduler(
                new SchedulerConfig(64, 8, 100, 32, 512),
                runner,
                new LocalMemPool(runner.kvLayout(), 0, runner.kvStorage(), new LruPolicy()),
                PrefillGroups.NONE,
                NodeChoice.ALONE,
                () -> nanos++,
                e -> {
                    throw new AssertionError(e);
                },
                events);
    }

    private static void submit(ContinuousScheduler scheduler, String id, int[] prompt, int maxTokens) {
        GenerationRequest request = new GenerationRequest(
                id, Harness.TENANT_A, prompt, SamplingParams.GREEDY, maxTokens, 0, Harness.IGNORE_END, -1, 0);
        scheduler.submit(request, new RecordingSink(request));
    }

    private static void run(ContinuousScheduler scheduler) {
        while (scheduler.hasWork()) {
            scheduler.step();
        }
    }

    @Test
    void ofItsChunksItsTokensAndItsEnd() {
        ContinuousScheduler scheduler = scheduler(16);
        submit(scheduler, "a", Harness.prompt(1, 40), 3);
        run(scheduler);
        submit(scheduler, "b", Harness.prompt(1, 40), 1);
        run(scheduler);
        assertThat(heard)
                .containsExactly(
                        "a queued",
                        "a admitted, 0 of 40",
                        "a 0-32",
                        "a 32-40",
                        "a 40-41",
                        "a 41-42",
                        "a LENGTH", //
                        "b queued",
                        "b admitted, 32 of 40",
                        "b 32-40",
                        "b LENGTH");
    }

    @Test
    void ofWhatItLost() {
        ContinuousScheduler scheduler = scheduler(8);
        submit(scheduler, "a", Harness.prompt(1, 30), 60);
        submit(scheduler, "b", Harness.prompt(2, 30), 60);
        run(scheduler);
        assertThat(heard).contains("b preempted", "a LENGTH", "b LENGTH");
        assertThat(heard.stream().filter(line -> line.startsWith("b admitted"))).hasSize(1); // the first time alone
    }
}
