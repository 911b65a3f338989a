package dev.kvasir.runner.remote;

import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.LoanDesk;
import dev.kvasir.pool.Wire;
import dev.kvasir.runner.BufferTensor;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.PartialAttention;
import dev.kvasir.runner.PartialAttention.Span;
import dev.kvasir.runner.remote.QueryMessage.Query;
import dev.kvasir.runner.remote.QueryMessage.Reason;
import dev.kvasir.runner.remote.QueryMessage.Refused;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Answers other nodes' queries by reading the segments that this node has lent them. It owns nothing and never waits for the step thread, so two nodes that
 * query each other can't hold each other up.
 */
public final class QueryServer {
    /*
     * One query after the other, on one thread: the executor behind it keeps state between prepare and attend, and attention over the segments of one
     * layer has too little work to share out. While a query is computed its loans are visited, so their slots keep what they hold.
     */

    /** Bytes of queries that may wait: those of a layer of one long step for each of some ten nodes. */
    private static final long MOST_WAITING_BYTES = 1 << 28;

    private final Wire wire;
    private final LoanDesk desk;
    private final PartialAttention attention;
    private final KvLayout layout;
    private final int heads;
    private final DType dtype;
    private final Executor executor;
    private final Consumer<Throwable> onError;
    private final AtomicLong waitingBytes = new AtomicLong();
    private final LongAdder answered = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder postponed = new LongAdder();

    /**
     * Creates one; {@link #onQuery} must be given the frames of channel QUERY that ask.
     *
     * @param attention over this node's memory; this server's alone
     * @param heads query heads of the model
     * @param dtype of its queries
     * @param executor runs one job after the other
     * @param onError told of what broke; the asking node is told that it failed
     */
    public QueryServer(
            Wire wire,
            LoanDesk desk,
            PartialAttention attention,
            KvLayout layout,
            int heads,
            DType dtype,
            Executor executor,
            Consumer<Throwable> onError) {
        this.wire = wire;
        this.desk = desk;
        this.attention = attention;
        this.layout = layout;
        this.heads = heads;
        this.dtype = dtype;
        this.executor = executor;
        this.onError = onError;
    }

    /** Listens to channel QUERY for a server and for the queries of the same node. */
    public static void listen(Wire wire, QueryServer server, Queries queries) {
        wire.listen(
                Wire.Channel.QUERY, (from, frame) -> QueryCodec.decode(frame).ifPresent(message -> {
                    if (message instanceof Query query) {
                        server.onQuery(from, query);
                    } else {
                        queries.onAnswer(from, message);
                    }
                }));
    }

    /** Takes a query, whose bytes are valid during the call only. On a thread of the wire's. */
    private void onQuery(int from, Query query) {
        if (query.heads() != heads
                || query.headDim() != layout.headDim()
                || query.dtype() != dtype
                || query.layer() < 0
                || query.layer() >= layout.layers()) {
            refuse(from, query, Reason.OTHER_SHAPE);
            return;
        }
        int bytes = query.queries().remaining();
        if (waitingBytes.addAndGet(bytes) > MOST_WAITING_BYTES) {
            waitingBytes.addAndGet(-bytes);
            refuse(from, query, Reason.BUSY);
            return;
        }
        ByteBuffer copy;
        try {
            copy = ByteBuffer.allocateDirect(bytes);
        } catch (OutOfMemoryError e) { // direct memory is short
            end(from, query, bytes, Reason.BUSY);
            return;
        }
        copy.put(query.queries()).flip();
        hand(from, query, copy);
    }

    /** Has a query answered by the executor. */
    private void hand(int from, Query query, ByteBuffer queries) {
        int bytes = queries.capacity();
        try {
            executor.execute(() -> {
                try {
                    if (answer(from, query, queries)) {
                        waitingBytes.addAndGet(-bytes);
                    }
                } catch (RuntimeException | OutOfMemoryError e) {
                    onError.accept(e);
                    end(from, query, bytes, Reason.FAILED);
                }
            });
        } catch (RejectedExecutionException e) { // this node is being closed
            end(from, query, bytes, Reason.BUSY);
        }
    }

    private void end(int from, Query query, int bytes, Reason reason) {
        waitingBytes.addAndGet(-bytes);
        refuse(from, query, reason);
    }

    /** Answers, or leaves word to be asked again when a step has written what is asked for. Returns whether it's been answered, if only by a refusal. */
    private boolean answer(int from, Query query, ByteBuffer queries) {
        Map<Long, LoanDesk.Visit> visits = new HashMap<>();
        try {
            for (RemoteSpan span : query.spans()) {
                if (!visit(from, span, visits)) {
                    refuse(from, query, Reason.NO_LOAN);
                    return true;
                }
            }
            for (LoanDesk.Visit visit : visits.values()) {
                if (visit.await(
                        query.layer(),
                        () -> hand(from, query, queries),
                        () -> end(from, query, queries.capacity(), Reason.NO_LOAN))) {
                    postponed.increment();
                    return false;
                }
            }
            int rows = query.rows();
            int headDim = query.headDim();
            int outputBytes = rows * heads * headDim * dtype.bytes();
            ByteBuffer output = ByteBuffer.allocateDirect(outputBytes).order(ByteOrder.nativeOrder());
            ByteBuffer logsumexp =
                    ByteBuffer.allocateDirect(rows * heads * Float.BYTES).order(ByteOrder.nativeOrder());
            attention
                    .prepare(spans(query.spans()))
                    .attend(
                            query.layer(),
                            BufferTensor.over(dtype, queries, rows, heads, headDim),
                            BufferTensor.over(dtype, output, rows, heads, headDim),
                            BufferTensor.over(DType.FLOAT32, logsumexp, rows, heads));
            answered.increment();
            wire.send(
                    from,
                    Wire.Channel.QUERY,
                    List.of(QueryCodec.head(query.number(), outputBytes), output, logsumexp),
                    () -> {});
            return true;
        } finally {
            visits.values().forEach(LoanDesk.Visit::close);
        }
    }

    private boolean visit(int borrower, RemoteSpan span, Map<Long, LoanDesk.Visit> visits) {
        for (int i = 0; i < span.slots().length; i++) {
            LoanDesk.Visit visit = visits.get(span.loans()[i]);
            if (visit == null) {
                Optional<LoanDesk.Visit> opened = desk.visit(borrower, span.loans()[i]);
                if (opened.isEmpty()) {
                    return false;
                }
                visit = opened.get();
                visits.put(span.loans()[i], visit);
            }
            if (!visit.has(span.slots()[i])) {
                return false;
            }
        }
        return true;
    }

    /** All of a segment is in the past of every query: each span is that of queries right behind its segments. */
    private List<Span> spans(List<RemoteSpan> asked) {
        List<Span> spans = new ArrayList<>(asked.size());
        for (RemoteSpan span : asked) {
            int keys = span.slots().length * layout.segmentTokens();
            spans.add(new Span(span.firstQuery(), span.queries(), keys, span.slots(), 0, keys));
        }
        return spans;
    }

    private void refuse(int to, Query query, Reason reason) {
        refused.increment();
        wire.send(to, Wire.Channel.QUERY, List.of(QueryCodec.encode(new Refused(query.number(), reason))), () -> {});
    }

    /** Returns how many queries were answered. */
    public long answered() {
        return answered.sum();
    }

    /** Returns how often one had to wait for a step to write what it asks for; no thread did. */
    public long postponed() {
        return postponed.sum();
    }

    /** Returns how many were refused, for whatever reason. */
    public long refused() {
        return refused.sum();
    }
}
