package dev.kvasir.benchmarks.serving;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoadGeneratorTest {
    private static final long SECOND = 1_000_000_000;

    private final ScriptedClock clock = new ScriptedClock();
    private final Queue<RequestResult> results = new ConcurrentLinkedQueue<>();

    private RequestResult success(int index, long dueNanos) {
        TokenUsage usage = new TokenUsage(1, 1, 0);
        long now = clock.nanoTime();
        return new RequestResult(index, dueNanos, now, ChunkTimes.of(now), now, usage, true, null, null);
    }

    private static Call done(RequestResult result) {
        return new Call(CompletableFuture.completedFuture(result), () -> {});
    }

    private LoadGenerator generator(Sender sender) {
        return new LoadGenerator(sender, clock, results::add);
    }

    @Test
    void sendsEachBodyOnceInOrderAndStopsAtTheNumberOfRequests() {
        List<String> sent = new ArrayList<>();
        LoadGenerator generator = generator((index, due, body) -> {
            sent.add(index + ":" + body[0]);
            return done(success(index, due));
        });
        generator.run(new ClosedLoop(4, clock), LoadLimit.ofRequests(3), index -> new byte[] {(byte) (10 + index)});
        assertThat(sent).containsExactly("0:10", "1:11", "2:12");
        assertThat(results).hasSize(3);
    }

    @Test
    void aClosedLoopKeepsItsNumberInFlightAndNeverMore() {
        Queue<Runnable> inFlight = new ConcurrentLinkedQueue<>();
        List<Integer> levels = new ArrayList<>();
        LoadGenerator generator = generator((index, due, body) -> {
            CompletableFuture<RequestResult> answer = new CompletableFuture<>();
            inFlight.add(() -> answer.complete(success(index, due)));
            levels.add(inFlight.size());
            // The oldest ends when all places are taken, and the rest after the last one was sent.
            int leave = index == 19 ? 0 : 2;
            while (inFlight.size() > leave) {
                inFlight.remove().run();
            }
            return new Call(answer, () -> {});
        });
        generator.run(new ClosedLoop(3, clock), LoadLimit.ofRequests(20), index -> new byte[0]);
        assertThat(results).hasSize(20);
        assertThat(levels).startsWith(1, 2, 3, 3, 3).hasSize(20).allMatch(level -> level <= 3);
    }

    @Test
    void sendsNothingThatIsDueAfterTheDuration() {
        LoadGenerator generator = generator((index, due, body) -> done(success(index, due)));
        OpenLoop pace = new OpenLoop(10, new SplittableRandom(1), clock);
        generator.run(pace, new LoadLimit(Integer.MAX_VALUE, 30 * SECOND), index -> new byte[0]);
        assertThat(results).hasSizeBetween(220, 380).allMatch(result -> result.dueNanos() < 30 * SECOND);
    }

    @Test
    void tellsHowLateItSentWhenItWasHeldUp() {
        LoadGenerator generator = generator((index, due, body) -> {
            RequestResult result = success(index, due);
            if (index == 4) {
                clock.advance(3 * SECOND); // the sender hangs once
            }
            return done(result);
        });
        OpenLoop pace = new OpenLoop(100, new SplittableRandom(1), clock);
        generator.run(pace, LoadLimit.ofRequests(10), index -> new byte[0]);
        assertThat(results).filteredOn(result -> result.index() <= 4).allMatch(result -> result.lateNanos() == 0);
        // Due within the three seconds: sent late, and their latency says so though the server answered at once.
        assertThat(results)
                .filteredOn(result -> result.index() > 4)
                .hasSize(5)
                .allMatch(result -> result.lateNanos() > 2 * SECOND && result.ttftNanos() == result.lateNanos());
    }

    @Test
    void returnsTheTimeFromTheStartToTheLastAnswer() {
        clock.set(5 * SECOND);
        LoadGenerator generator = generator((index, due, body) -> {
            clock.advance(SECOND);
            return done(success(index, due));
        });
        long took = generator.run(new ClosedLoop(1, clock), LoadLimit.ofRequests(4), index -> new byte[0]);
        assertThat(took).isEqualTo(4 * SECOND);
    }

    @Test
    void stoppingGivesUpWhatIsInFlightAndSendsNoMore() throws InterruptedException {
        CountDownLatch bothSent = new CountDownLatch(2);
        AtomicInteger sent = new AtomicInteger();
        LoadGenerator generator = generator((index, due, body) -> {
            CompletableFuture<RequestResult> answer = new CompletableFuture<>();
            sent.incrementAndGet();
            bothSent.countDown();
            RequestResult givenUp = RequestResult.failed(index, due, due, RequestResult.CANCELLED, "");
            return new Call(answer, () -> answer.complete(givenUp));
        });
        Thread stopper = new Thread(() -> {
            try {
                bothSent.await();
                generator.stop();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        stopper.start();
        generator.run(new ClosedLoop(2, clock), LoadLimit.ofRequests(100), index -> new byte[0]);
        stopper.join();
        assertThat(sent).hasValue(2);
        assertThat(results).hasSize(2).allMatch(result -> RequestResult.CANCELLED.equals(result.failure()));
        assertThat(Thread.interrupted()).isFalse();
    }

    @Test
    void aGeneratorThatWasStoppedBeforeItBeganSendsNothing() {
        LoadGenerator generator = generator((index, due, body) -> done(success(index, due)));
        generator.stop();
        generator.run(new ClosedLoop(1, clock), LoadLimit.ofRequests(10), index -> new byte[0]);
        assertThat(results).isEmpty();
    }

    @Test
    void givesUpWhenNothingButFailuresComesBack() {
        LoadGenerator generator =
                generator((index, due, body) -> done(RequestResult.failed(index, due, due, "no connection", "")));
        generator.run(new ClosedLoop(1, clock), LoadLimit.ofRequests(10_000), index -> new byte[0]);
        assertThat(results).hasSize(LoadGenerator.HOPELESS);
        assertThat(generator.isHopeless()).isTrue();
    }

    @Test
    void goesOnWhenFailuresAreMixedWithSuccesses() {
        LoadGenerator generator = generator((index, due, body) ->
                done(index % 40 == 0 ? success(index, due) : RequestResult.failed(index, due, due, "HTTP 429", "")));
        generator.run(new ClosedLoop(1, clock), LoadLimit.ofRequests(200), index -> new byte[0]);
        assertThat(results).hasSize(200);
        assertThat(generator.isHopeless()).isFalse();
    }
}
