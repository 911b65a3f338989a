package dev.kvasir.runner.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.Borrowed;
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
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/** A node that asks another one for the only segment of its sequence, and has one that the other asks for. All its values are its number. */
final class MutualNode implements Borrowed {
    final QueryServer server;
    private final int other;
    private final PartialAttention.Launch launch;
    private final BufferTensor query;
    private final BufferTensor output;
    private final BufferTensor logsumexp;

    MutualNode(int self, int other, WireHub hub, Executor serving, KvLayout layout) {
        this.other = other;
        Wire wire = hub.join(self);
        BufferSlotStorage storage = BufferSlotStorage.heap(layout, 2);
        BufferTensor values = BufferTensor.over(DType.FLOAT32, storage.slot(0), layout.segmentBytes() / 4);
        for (int i = 0; i < layout.segmentBytes() / 4; i++) {
            values.set(self, i);
        }
        PartialAttention attention = new ReferenceAttention(layout, storage);
        Queries queries = new Queries(wire, this, 60_000_000_000L, System::nanoTime);
        LoanDesk desk = (borrower, loan) -> Optional.of(new LoanDesk.Visit() {
            @Override
            public boolean has(int slot) {
                return slot == 0;
            }

            @Override
            public void close() {
                // It stays.
            }
        });
        server = new QueryServer(wire, desk, attention, layout, layout.kvHeads(), DType.FLOAT32, serving, failure -> {
            throw new AssertionError(failure);
        });
        QueryServer.listen(wire, server, queries);
        int size = layout.segmentTokens();
        launch = new SplitAttention(new ReferenceAttention(layout, storage), queries, this, size)
                .prepare(List.of(new Span(0, 1, size, new int[] {-1}, 0, size)));
        query = BufferTensor.zeros(DType.FLOAT32, 1, layout.kvHeads(), layout.headDim());
        output = BufferTensor.zeros(DType.FLOAT32, 1, layout.kvHeads(), layout.headDim());
        logsumexp = BufferTensor.zeros(DType.FLOAT32, 1, layout.kvHeads());
    }

    /** Asks, and checks the answer. */
    void ask() {
        output.set(0, 0, 0, 0);
        launch.attend(0, query, output, logsumexp);
        assertThat(output.get(0, 0, 0)).isEqualTo(other);
    }

    @Override
    public Segment segment(int reference) {
        return new Segment(other, 7, 0);
    }

    @Override
    public void onSilent(int node) {
        throw new AssertionError("node " + node + " is said to be silent");
    }
}
