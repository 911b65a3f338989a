package dev.kvasir.runner.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.Wire;
import dev.kvasir.pool.WireHub;
import dev.kvasir.runner.LostSegmentsException;
import dev.kvasir.runner.PartialAttention;
import dev.kvasir.runner.remote.QueryMessage.Query;
import dev.kvasir.runner.remote.SplitWorld.Step;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Queries that aren't answered as they should be: the segments are lost, and the next query is another one. */
class QueriesTest {
    private static final KvLayout LAYOUT = new KvLayout(2, 2, 4, 16, KvDtype.FLOAT32);
    private static final double TOLERANCE = 2e-5;
    private static final int HOLDER = 2;

    private final AtomicLong clock = new AtomicLong();
    private final WireHub hub = new WireHub(Runnable::run);
    private final Deque<Runnable> jobs = new ArrayDeque<>();
    private boolean queued; // queries wait in `jobs`
    private boolean closed; // no query is taken any more
    // Time passes by being looked at.
    private final SplitWorld world =
            new SplitWorld(new SplittableRandom(4), LAYOUT, 2, 2, hub, this::serve, 1_000, () -> clock.addAndGet(100));
    private final Step step = world.step(4, 200, 0.9);
    private final PartialAttention.Launch launch = world.split.prepare(step.split());

    private void serve(Runnable job) {
        if (closed) {
            throw new RejectedExecutionException();
        } else if (queued) {
            jobs.add(job);
        } else {
            job.run();
        }
    }

    /** Whatever went wrong before. */
    @AfterEach
    void theNextQueryIsAnswered() {
        queued = false;
        closed = false;
        if (!jobs.isEmpty()) {
            while (!jobs.isEmpty()) {
                jobs.remove().run(); // late answers
            }
            assertThat(world.distance(step, launch, 0)).isLessThan(TOLERANCE);
        }
        assertThat(world.distance(step, launch, 1)).isLessThan(TOLERANCE);
    }

    private void isLost(String why) {
        assertThatExceptionOfType(LostSegmentsException.class)
                .isThrownBy(() -> world.distance(step, launch, 0))
                .withMessageContaining(why);
        assertThat(world.silent).hasSize(1);
        assertThat(world.queries.counts().failed()).isEqualTo(1);
    }

    @Test
    void anAnswerThatIsTooLateIsNobodys() {
        queued = true;
        isLost("didn't answer");
        // Once more: then two layers' late answers come at once.
        assertThatExceptionOfType(LostSegmentsException.class).isThrownBy(() -> world.distance(step, launch, 1));
    }

    @Test
    void aHolderThatIsCutOffIsGivenUp() {
        hub.cut(HOLDER);
        isLost("node " + HOLDER + " didn't answer");
        hub.mend(HOLDER);
    }

    @Test
    void aBrokenLinkEndsTheWait() {
        Deque<Runnable> frames = new ArrayDeque<>();
        WireHub slow = new WireHub(frames::add);
        SplitWorld other =
                new SplitWorld(new SplittableRandom(5), LAYOUT, 1, 1, slow, Runnable::run, Long.MAX_VALUE, () -> {
                    if (!frames.isEmpty()) {
                        frames.clear();
                        slow.notice(HOLDER);
                    }
                    return 0;
                });
        Step lost = other.step(3, 200, 1);
        assertThatExceptionOfType(LostSegmentsException.class)
                .isThrownBy(() -> other.distance(lost, other.split.prepare(lost.split()), 0))
                .withMessageContaining("broke");
        assertThat(other.silent).containsExactly(HOLDER);
    }

    @Test
    void aNodeThatIsGoneCanNotBeAsked() {
        SplitWorld other = new SplitWorld(
                new SplittableRandom(5), LAYOUT, 1, 1, new WireHub(Runnable::run), Runnable::run, 1_000, () -> 0);
        Step lost = other.step(3, 200, 1);
        other.hub.leave(HOLDER);
        assertThatExceptionOfType(LostSegmentsException.class)
                .isThrownBy(() -> other.distance(lost, other.split.prepare(lost.split()), 0))
                .withMessageContaining("can't be sent");
    }

    @Test
    void aLoanThatHasEndedIsRefused() {
        SplitWorld other = new SplitWorld(
                new SplittableRandom(5), LAYOUT, 1, 1, new WireHub(Runnable::run), Runnable::run, 1_000, () -> 0);
        Step lost = other.step(3, 200, 1);
        other.nodes.get(1).endLoans();
        assertThatExceptionOfType(LostSegmentsException.class)
                .isThrownBy(() -> other.distance(lost, other.split.prepare(lost.split()), 0))
                .withMessageContaining("NO_LOAN");
        assertThat(other.silent).containsExactly(HOLDER);
    }

    @Test
    void aServerThatIsBeingClosedRefuses() {
        closed = true;
        isLost("BUSY");
    }

    @Test
    void anAnswerOfAnotherSizeIsNone() {
        answerWith(number -> List.of(QueryCodec.head(number, 4), ByteBuffer.allocate(4)));
        isLost("something else");
    }

    @Test
    void whatIsNoAnswerAtAllIsIgnored() {
        answerWith(number -> List.of(ByteBuffer.wrap(new byte[] {2, 1, 3})));
        isLost("didn't answer");
    }

    @Test
    void anAnswerToAnotherQueryIsIgnored() {
        answerWith(number -> List.of(QueryCodec.head(number + 1_000, 0)));
        isLost("didn't answer");
    }

    private interface Reply {
        List<ByteBuffer> to(long number);
    }

    /** Has the holder answer once with something else. */
    private void answerWith(Reply reply) {
        SplitWorld.Node holder = world.nodes.get(1);
        holder.wire.listen(Wire.Channel.QUERY, (from, frame) -> {
            Query query = (Query) QueryCodec.decode(frame).orElseThrow();
            holder.listen();
            holder.wire.send(from, Wire.Channel.QUERY, reply.to(query.number()), () -> {});
        });
    }

    /** Nobody else may answer for a node. */
    @Test
    void whatAnotherNodeAnswersIsIgnored() {
        SplitWorld.Node holder = world.nodes.get(1);
        SplitWorld.Node other = world.nodes.get(2);
        holder.wire.listen(Wire.Channel.QUERY, (from, frame) -> {
            Query query = (Query) QueryCodec.decode(frame).orElseThrow();
            holder.listen();
            int bytes = query.queries().remaining();
            other.wire.send(
                    from,
                    Wire.Channel.QUERY,
                    List.of(QueryCodec.head(query.number(), bytes), ByteBuffer.allocate(bytes + query.rows() * 4 * 4)),
                    () -> {});
        });
        isLost("didn't answer");
    }

    /** What was asked for a layer whose own part failed must not be taken for the next one's. */
    @Test
    void queriesOfALayerThatFailedHereAreForgotten() {
        queued = true;
        world.breaks = true;
        assertThatIllegalStateException()
                .isThrownBy(() -> world.distance(step, launch, 0))
                .withMessageContaining("out of order");
        assertThat(world.silent).isEmpty();
    }

    /** Servers have threads of their own, so steps that wait for each other's answers go on. */
    @Test
    @Timeout(120)
    void twoNodesThatQueryEachOtherAtOnceGoOn() throws Exception {
        ExecutorService network = Executors.newSingleThreadExecutor();
        ExecutorService serving = Executors.newFixedThreadPool(2);
        ExecutorService steps = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> both = new ArrayList<>();
            CountDownLatch together = new CountDownLatch(2);
            WireHub shared = new WireHub(network);
            MutualNode one = new MutualNode(1, 2, shared, serving, LAYOUT);
            MutualNode two = new MutualNode(2, 1, shared, serving, LAYOUT);
            for (MutualNode node : List.of(one, two)) {
                both.add(steps.submit(() -> {
                    together.countDown();
                    together.await();
                    for (int round = 0; round < 2_000; round++) {
                        node.ask();
                    }
                    return null;
                }));
            }
            for (Future<?> each : both) {
                each.get(100, TimeUnit.SECONDS);
            }
            assertThat(one.server.answered()).isEqualTo(2_000);
            assertThat(two.server.answered()).isEqualTo(2_000);
        } finally {
            steps.shutdownNow();
            serving.shutdown();
            network.shutdown();
        }
    }
}
