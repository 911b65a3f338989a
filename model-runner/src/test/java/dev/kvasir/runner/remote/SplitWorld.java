package dev.kvasir.runner.remote;

import dev.kvasir.pool.Borrowed;
import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.LoanDesk;
import dev.kvasir.pool.Wire;
import dev.kvasir.pool.WireHub;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.runner.BufferTensor;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.PartialAttention;
import dev.kvasir.runner.PartialAttention.Span;
import dev.kvasir.runner.reference.ReferenceAttention;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;

/**
 * Segments of random numbers, each in one place of several nodes' memory, and once more in one memory for all: what is computed over the parts must be what is
 * computed over the whole. Node 1 asks.
 */
final class SplitWorld {
    static final int ASKING = 1;
    private static final long LOAN = 1_000;

    final SplittableRandom random;
    final KvLayout layout;
    final DType dtype;
    final int heads;
    final WireHub hub;
    final List<Node> nodes = new ArrayList<>(); // the first one asks
    final List<Integer> silent = new ArrayList<>(); // that were said to be
    final Queries queries;
    final SplitAttention split;
    final ReferenceAttention whole;
    private final BufferSlotStorage all;
    private final List<Borrowed.Segment> lent = new ArrayList<>(); // (~reference)
    private final LongSupplier nanoTime;
    private final Executor serving;
    private int used; // slots of `all`
    boolean breaks; // the next local part

    /**
     * @param patience nanoseconds of {@code nanoTime}
     * @param serving runs the queries of the other nodes
     */
    SplitWorld(
            SplittableRandom random,
            KvLayout layout,
            int group,
            int others,
            WireHub hub,
            Executor serving,
            long patience,
            LongSupplier nanoTime) {
        this.random = random;
        this.layout = layout;
        this.hub = hub;
        this.serving = serving;
        this.nanoTime = nanoTime;
        dtype = DType.valueOf(layout.dtype().name());
        heads = layout.kvHeads() * group;
        all = BufferSlotStorage.heap(layout, 400);
        whole = new ReferenceAttention(layout, all);
        for (int i = 0; i <= others; i++) {
            nodes.add(new Node(ASKING + i));
        }
        Node asking = nodes.get(0);
        queries = new Queries(asking.wire, new Loans(), patience, nanoTime);
        ReferenceAttention here = new ReferenceAttention(layout, asking.storage);
        PartialAttention local = spans -> {
            PartialAttention.Launch launch = here.prepare(spans);
            return (layer, query, output, logsumexp) -> {
                if (breaks) {
                    breaks = false;
                    throw new IllegalStateException("the device is out of order");
                }
                launch.attend(layer, query, output, logsumexp);
            };
        };
        split = new SplitAttention(local, queries, new Loans(), layout.segmentTokens());
        nodes.forEach(Node::listen);
    }

    static KvLayout layout(SplittableRandom random, KvDtype dtype) {
        int[] headDims = {1, 2, 6, 20, 64};
        return new KvLayout(
                random.nextInt(1, 3),
                random.nextInt(1, 4),
                headDims[random.nextInt(headDims.length)],
                16 << random.nextInt(2),
                dtype);
    }

    /** What the loans of node 1 are. */
    private final class Loans implements Borrowed {
        @Override
        public Segment segment(int reference) {
            return lent.get(~reference);
        }

        @Override
        public void onSilent(int node) {
            silent.add(node);
        }
    }

    /** One node. */
    final class Node {
        final int number;
        final Wire wire;
        final BufferSlotStorage storage = BufferSlotStorage.heap(layout, 400);
        private final Set<Long> ended = ConcurrentHashMap.newKeySet();
        final LoanDesk desk = (borrower, loan) ->
                borrower == ASKING && !ended.contains(loan) ? Optional.of(new Visit()) : Optional.empty();
        private int next;

        Node(int number) {
            this.number = number;
            wire = hub.join(number);
        }

        void endLoans() {
            ended.add(LOAN + number);
        }

        void listen() {
            QueryServer server = new QueryServer(
                    wire, desk, new ReferenceAttention(layout, storage), layout, heads, dtype, serving, failure -> {
                        throw new AssertionError(failure);
                    });
            Queries own = number == ASKING ? queries : new Queries(wire, new Loans(), 1, nanoTime);
            QueryServer.listen(wire, server, own);
        }
    }

    private static final class Visit implements LoanDesk.Visit {
        @Override
        public boolean has(int slot) {
            return true;
        }

        @Override
        public void close() {
            // Nothing moves here.
        }
    }

    /** A step: spans as the whole memory has them, and as the nodes do. */
    record Step(List<Span> whole, List<Span> split, int queries) {}

    /** Returns a step of several sequences: decodes and chunks, whose past lies anywhere. */
    Step step(int rows, int longest, double remote) {
        List<Span> wholes = new ArrayList<>();
        List<Span> splits = new ArrayList<>();
        int query = 0;
        for (int row = 0; row < rows; row++) {
            int count = random.nextInt(3) > 0 ? 1 : random.nextInt(1, 40);
            int first = random.nextInt(longest);
            int size = layout.segmentTokens();
            int segments = (first + count + size - 1) / size;
            int[] slots = new int[segments];
            int[] references = new int[segments];
            for (int i = 0; i < segments; i++) {
                boolean sealed = (i + 1) * size <= first;
                Node node =
                        sealed && random.nextDouble() < remote ? nodes.get(random.nextInt(nodes.size())) : nodes.get(0);
                slots[i] = used++;
                int slot = node.next++;
                fill(slots[i], node.storage, slot);
                references[i] = slot;
                if (node.number != ASKING) {
                    lent.add(new Borrowed.Segment(node.number, LOAN + node.number, slot));
                    references[i] = ~(lent.size() - 1);
                }
            }
            wholes.add(new Span(query, count, first, slots, 0, first + count));
            splits.add(new Span(query, count, first, references, 0, first + count));
            query += count;
        }
        return new Step(wholes, splits, query);
    }

    private void fill(int slot, BufferSlotStorage storage, int at) {
        int elements = layout.segmentBytes() / dtype.bytes();
        BufferTensor one = BufferTensor.over(dtype, all.slot(slot), elements);
        BufferTensor other = BufferTensor.over(dtype, storage.slot(at), elements);
        for (int i = 0; i < elements; i++) {
            double value = random.nextDouble(-2, 2);
            one.set(value, i);
            other.set(value, i);
        }
    }

    BufferTensor queries(int count) {
        BufferTensor query = BufferTensor.zeros(dtype, count, heads, layout.headDim());
        for (int q = 0; q < count; q++) {
            for (int h = 0; h < heads; h++) {
                for (int d = 0; d < layout.headDim(); d++) {
                    query.set(random.nextDouble(-2, 2), q, h, d);
                }
            }
        }
        return query;
    }

    /** Returns the largest difference between the parts and the whole, of one layer. */
    double distance(Step step, PartialAttention.Launch launch, int layer) {
        BufferTensor query = queries(step.queries);
        BufferTensor output = BufferTensor.zeros(dtype, step.queries + 1, heads, layout.headDim());
        BufferTensor logsumexp = BufferTensor.zeros(DType.FLOAT32, step.queries + 1, heads);
        launch.attend(layer, query, output, logsumexp);
        BufferTensor truth = BufferTensor.zeros(dtype, step.queries, heads, layout.headDim());
        BufferTensor trueLogs = BufferTensor.zeros(DType.FLOAT32, step.queries, heads);
        whole.prepare(step.whole).attend(layer, query, truth, trueLogs);
        double most = 0;
        for (int q = 0; q < step.queries; q++) {
            for (int h = 0; h < heads; h++) {
                most = max(most, logsumexp.get(q, h) - trueLogs.get(q, h));
                for (int d = 0; d < layout.headDim(); d++) {
                    most = max(most, output.get(q, h, d) - truth.get(q, h, d));
                }
            }
        }
        return most;
    }

    private static double max(double most, double difference) {
        return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(most, Math.abs(difference));
    }
}
