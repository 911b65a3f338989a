package dev.kvasir.runner.remote;

import dev.kvasir.pool.Borrowed;
import dev.kvasir.pool.Wire;
import dev.kvasir.runner.LostSegmentsException;
import dev.kvasir.runner.TensorRef;
import dev.kvasir.runner.remote.QueryMessage.Reason;
import dev.kvasir.runner.remote.QueryMessage.Refused;
import dev.kvasir.runner.remote.QueryMessage.Result;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The queries that this node sends to others. The step thread sends those of a layer, computes its own part, and then waits for what the others
 * say, for a limited time. Whoever doesn't answer is given up with all that it lends.
 */
public final class Queries {
    /** Parks are so long: a wake-up that came before the parking isn't lost, but a wire may die without a word. */
    private static final long PARK_NANOS = 5_000_000;

    private final Wire wire;
    private final Borrowed borrowed;
    private final long patienceNanos;
    private final LongSupplier nanoTime;

    private final Map<Long, Pending> pending = new ConcurrentHashMap<>();
    private final List<Pending> ofLayer = new ArrayList<>(); // the step thread's
    private final LinkRates rates = new LinkRates();
    private long lastNumber;
    private final LongAdder sent = new LongAdder();
    private final LongAdder sentBytes = new LongAdder();
    private final LongAdder receivedBytes = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder waitNanos = new LongAdder();

    /** A query that is under way. */
    private static final class Pending {
        final int node;
        final List<RemoteSpan> spans;
        final int rows;
        final int outputRowBytes;
        final int logsumexpRowBytes;
        final long sentNanos;
        final Thread waiter = Thread.currentThread();
        volatile @Nullable ByteBuffer answer; // output, logsumexp
        volatile @Nullable String failure;
        volatile boolean noLoan; // the failure says that loans have ended, and the node is well

        Pending(int node, List<RemoteSpan> spans, int outputRowBytes, int logsumexpRowBytes, long nowNanos) {
            this.sentNanos = nowNanos;
            this.node = node;
            this.spans = spans;
            this.rows = spans.stream().mapToInt(RemoteSpan::queries).sum();
            this.outputRowBytes = outputRowBytes;
            this.logsumexpRowBytes = logsumexpRowBytes;
        }

        Set<Long> loans() {
            return spans.stream()
                    .flatMapToLong(span -> Arrays.stream(span.loans()))
                    .boxed()
                    .collect(Collectors.toSet());
        }

        boolean isOpen() {
            return answer == null && failure == null;
        }

        void fail(String why) {
            failure = why;
            LockSupport.unpark(waiter);
        }
    }

    /**
     * Creates one; {@link #onFrame} must be given the frames of channel QUERY that answer.
     *
     * @param borrowed told of those that don't answer
     * @param patienceNanos how long an answer is waited for
     */
    public Queries(Wire wire, Borrowed borrowed, long patienceNanos, LongSupplier nanoTime) {
        this.wire = wire;
        this.borrowed = borrowed;
        this.patienceNanos = patienceNanos;
        this.nanoTime = nanoTime;
        wire.onLost(node -> pending.values().forEach(query -> {
            if (query.node == node) {
                query.fail("the link to node " + node + " broke");
            }
        }));
    }

    /** Sends the queries of one layer to one node, in as many frames as they need. What is sent is to be {@linkplain #forget forgotten} with the layer. */
    void send(int node, int layer, TensorRef query, List<RemoteSpan> spans) {
        int answerBytes = rowBytes(query) + heads(query) * Float.BYTES;
        List<RemoteSpan> frame = new ArrayList<>();
        int left = wire.maxFrameBytes() - QueryCodec.headBytes(frame);
        for (RemoteSpan span : spans) {
            int from = 0;
            while (from < span.queries()) {
                // Output and queries have the same size, and an answer has a logsumexp for each head on top.
                int spanBytes = QueryCodec.headBytes(List.of(span));
                int count = Math.min((left - spanBytes) / answerBytes, span.queries() - from);
                if (count > 0) {
                    frame.add(span.part(from, count));
                    from += count;
                    left -= spanBytes + count * answerBytes;
                } else if (frame.isEmpty()) {
                    throw new IllegalStateException("a query over " + span.slots().length
                            + " segments doesn't fit a frame of " + wire.maxFrameBytes() + " bytes");
                } else {
                    sendFrame(node, layer, query, frame);
                    frame = new ArrayList<>();
                    left = wire.maxFrameBytes() - QueryCodec.headBytes(frame);
                }
            }
        }
        sendFrame(node, layer, query, frame);
    }

    private void sendFrame(int node, int layer, TensorRef query, List<RemoteSpan> spans) {
        int rowBytes = rowBytes(query);
        Pending sending = new Pending(node, spans, rowBytes, heads(query) * Float.BYTES, nanoTime.getAsLong());
        ofLayer.add(sending);
        // A copy: the tensor is gone with the layer, the frame maybe later.
        ByteBuffer memory = query.buffer().order(ByteOrder.nativeOrder());
        ByteBuffer copy = ByteBuffer.allocateDirect(sending.rows * rowBytes);
        for (RemoteSpan span : spans) {
            copy.put(memory.slice(span.firstQuery() * rowBytes, span.queries() * rowBytes));
        }
        copy.flip();
        long number = ++lastNumber;
        ByteBuffer head = QueryCodec.head(number, layer, query.dtype(), heads(query), (int) query.shape()[2], spans);
        sent.increment();
        sentBytes.add((long) head.remaining() + copy.remaining());
        pending.put(number, sending);
        if (!wire.send(node, Wire.Channel.QUERY, List.of(head, copy), () -> {})) {
            sending.fail("node " + node + " can't be sent anything");
        }
    }

    private static int heads(TensorRef query) {
        return (int) query.shape()[1];
    }

    private static int rowBytes(TensorRef query) {
        return heads(query) * (int) query.shape()[2] * query.dtype().bytes();
    }

    /**
     * Waits for the answers and merges them.
     *
     * @throws LostSegmentsException if one is missing
     */
    void merge(TensorRef output, TensorRef logsumexp) {
        long begun = nanoTime.getAsLong();
        for (Pending query : ofLayer) {
            while (query.isOpen()) {
                long left = patienceNanos - (nanoTime.getAsLong() - begun);
                if (left <= 0) {
                    query.fail("node " + query.node + " didn't answer for " + patienceNanos + " ns");
                } else {
                    LockSupport.parkNanos(this, Math.min(left, PARK_NANOS));
                }
            }
            ByteBuffer answer = query.answer;
            if (answer == null) {
                failed.increment();
                if (query.noLoan) {
                    borrowed.onEnded(query.node, query.loans());
                } else {
                    borrowed.onSilent(query.node);
                }
                throw new LostSegmentsException(String.valueOf(query.failure));
            }
            waitNanos.add(nanoTime.getAsLong() - begun);
            int row = 0;
            for (RemoteSpan span : query.spans) {
                RowMerge.merge(
                        output,
                        logsumexp,
                        span.firstQuery(),
                        span.queries(),
                        part(answer, row * query.outputRowBytes, span.queries() * query.outputRowBytes),
                        part(
                                answer,
                                query.rows * query.outputRowBytes + row * query.logsumexpRowBytes,
                                span.queries() * query.logsumexpRowBytes));
                row += span.queries();
            }
        }
    }

    /** Forgets the queries of the layer, answered or not: an answer that is still to come is to no other layer's query. */
    void forget() {
        pending.values().removeAll(ofLayer);
        ofLayer.clear();
    }

    private static ByteBuffer part(ByteBuffer whole, int from, int bytes) {
        return whole.slice(from, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Takes an answer in; anything else is ignored. On a thread of the wire's. */
    void onAnswer(int from, QueryMessage message) {
        Pending query = pending.get(message.number());
        if (query == null || query.node != from || !query.isOpen()) {
            return; // too late
        }
        if (message instanceof Result result
                && result.output().remaining() == query.rows * query.outputRowBytes
                && result.logsumexp().remaining() == query.rows * query.logsumexpRowBytes) {
            ByteBuffer answer = ByteBuffer.allocate(query.rows * (query.outputRowBytes + query.logsumexpRowBytes));
            answer.put(result.output()).put(result.logsumexp()).flip();
            receivedBytes.add(answer.remaining());
            rates.learn(
                    from,
                    answer.remaining() + (long) query.rows * query.outputRowBytes,
                    nanoTime.getAsLong() - query.sentNanos);
            query.answer = answer;
            LockSupport.unpark(query.waiter);
        } else if (message instanceof Refused refused) {
            query.noLoan = refused.reason() == Reason.NO_LOAN;
            query.fail("node " + from + " refused: " + refused.reason());
        } else {
            query.fail("node " + from + " answered something else");
        }
    }

    /** Returns how fast other nodes are reached. */
    public LinkRates rates() {
        return rates;
    }

    /** Returns the counts so far. */
    public Counts counts() {
        return new Counts(sent.sum(), sentBytes.sum(), receivedBytes.sum(), failed.sum(), waitNanos.sum());
    }

    /**
     * What has been asked.
     *
     * @param sent frames with queries
     * @param sentBytes of these
     * @param receivedBytes of answers
     * @param failed queries without a result
     * @param waitNanos time from the end of a node's own part to the last answer, summed up over layers
     */
    public record Counts(long sent, long sentBytes, long receivedBytes, long failed, long waitNanos) {}
}
