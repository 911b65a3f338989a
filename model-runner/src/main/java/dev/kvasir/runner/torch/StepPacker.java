package dev.kvasir.runner.torch;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDManager;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.runner.PartialAttention.Span;
import dev.kvasir.runner.StepInput;
import dev.kvasir.runner.StepRow;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Lays a batch out for TorchScript and checks that it names existing tokens, positions and slots. */
final class StepPacker {
    private final KvLayout layout;
    private final int slots;
    private final int vocab;
    private final int positions;
    private final GrowingBuffer meta;

    /**
     * Creates a packer.
     *
     * @param positions how many positions the rotary tables have
     */
    StepPacker(PtNDManager manager, KvLayout layout, int slots, int vocab, int positions) {
        this.layout = layout;
        this.slots = slots;
        this.vocab = vocab;
        this.positions = positions;
        meta = new GrowingBuffer(manager, DataType.INT64, 3 * 1024);
    }

    /** Lays out a step; valid until the next call. */
    PackedStep pack(StepInput input) {
        List<StepRow> given = input.rows();
        // Decodes of similar context side by side can share one padded attention call.
        int[] order = IntStream.range(0, given.size())
                .boxed()
                .sorted(Comparator.<Integer>comparingInt(i -> given.get(i).newTokens() == 1 ? 0 : 1)
                        .thenComparingInt(i ->
                                given.get(i).newTokens() == 1 ? -given.get(i).to() : 0))
                .mapToInt(Integer::intValue)
                .toArray();
        int tokens = given.stream().mapToInt(StepRow::newTokens).sum();
        meta.reserve(3 * tokens);
        ByteBuffer buffer = meta.buffer();
        List<StepRow> rows = new ArrayList<>(order.length);
        List<Span> spans = new ArrayList<>(order.length);
        int[] firstToken = new int[order.length];
        int at = 0;
        for (int r = 0; r < order.length; r++) {
            StepRow row = given.get(order[r]);
            check(row);
            firstToken[r] = at;
            for (int i = row.from(); i < row.to(); i++, at++) {
                buffer.putLong(at * Long.BYTES, row.tokens()[i]);
                buffer.putLong((tokens + at) * Long.BYTES, i);
                buffer.putLong((2 * tokens + at) * Long.BYTES, poolRow(row.slots(), i));
            }
            rows.add(row);
            spans.add(new Span(firstToken[r], row.newTokens(), row.from(), row.slots(), 0, row.to()));
        }
        return new PackedStep(order, rows, firstToken, tokens, meta.tensor(), spans);
    }

    // The pool seen as rows of headDim elements: where position's key of head 0 in layer 0 lies.
    private long poolRow(int[] table, int position) {
        int segment = layout.segmentTokens();
        long slotRows = 2L * layout.layers() * layout.kvHeads() * segment;
        return table[position / segment] * slotRows + position % segment;
    }

    private void check(StepRow row) {
        int segments = layout.segmentsFor(row.to());
        if (row.slots().length < segments || row.to() > positions) {
            throw new IllegalArgumentException("a row of " + row.to() + " tokens has " + row.slots().length
                    + " slots of " + layout.segmentTokens() + " tokens and " + positions + " positions");
        }
        for (int s = 0; s < segments; s++) {
            boolean onLoan = row.slots()[s] < 0 && (s + 1) * layout.segmentTokens() <= row.from();
            if (!onLoan && (row.slots()[s] < 0 || row.slots()[s] >= slots)) {
                throw new IllegalArgumentException("slot " + row.slots()[s] + " of " + slots);
            }
        }
        for (int i = row.from(); i < row.to(); i++) {
            if (row.tokens()[i] < 0 || row.tokens()[i] >= vocab) {
                throw new IllegalArgumentException("token " + row.tokens()[i] + " of a vocabulary of " + vocab);
            }
        }
    }
}
