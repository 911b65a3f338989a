package dev.kvasir.runner.torch;

import dev.kvasir.runner.PartialAttention.Span;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Turns spans into what {@code attention.py} loops over: groups of single-query spans, chunks of many-query spans, and an int64
 * buffer with their segment tables.
 */
final class AttentionPacker {
    /*
     * Neighbouring decodes of similar context share one padded call: faster than a call per row from about eight rows on, while one
     * padded call over everything is far slower (temporaries of tens of megabytes a layer). Figures: docs/decisions/0003.
     */
    private static final int GROUP_TOKENS = 1 << 14;
    private static final double GROUP_WASTE = 0.3;

    private final int segmentTokens;
    private final int rowElements;
    private final List<long[]> groups = new ArrayList<>();
    private final List<long[]> chunks = new ArrayList<>();
    private final List<int[]> blind = new ArrayList<>();
    private int maxSegments;
    private int end;

    /**
     * Creates a packer.
     *
     * @param kvHeads heads whose K and V a gather copies
     */
    AttentionPacker(int segmentTokens, int kvHeads, int headDim) {
        this.segmentTokens = segmentTokens;
        this.rowElements = 2 * kvHeads * segmentTokens * headDim;
    }

    /** Returns how many int64 values {@link #pack} writes at most. */
    static int bound(List<Span> spans, int segmentTokens) {
        int values = 0;
        int widest = 0;
        for (Span span : spans) {
            int segments = span.keyTo() / segmentTokens + 1;
            widest = Math.max(widest, segments);
            values += 2 * segments + 2;
        }
        // A group pads its tables to the widest row; the waste limit keeps that within the factor above plus two
        // segments.
        return values + 4 * spans.size() + 2 * widest;
    }

    /** Packs {@code spans}, writing tables from {@code offset} on. */
    void pack(List<Span> spans, ByteBuffer meta, int offset) {
        groups.clear();
        chunks.clear();
        blind.clear();
        maxSegments = 1;
        end = offset;
        for (int i = 0; i < spans.size(); ) {
            Span span = spans.get(i);
            if (visibleEnd(span) <= span.keyFrom()) {
                blind.add(new int[] {span.firstQuery(), span.queries()});
                i++;
            } else if (span.queries() == 1) {
                int rows = groupSize(spans, i);
                packGroup(spans.subList(i, i + rows), meta);
                i += rows;
            } else {
                packChunk(span, meta);
                i++;
            }
        }
    }

    /** Returns the groups, seven numbers each. */
    long[] groups() {
        return flatten(groups);
    }

    /** Returns the chunks, nine numbers each. */
    long[] chunks() {
        return flatten(chunks);
    }

    /** Returns the spans that see nothing: first query and count. */
    List<int[]> blind() {
        return blind;
    }

    /** Returns the elements of the largest gather. */
    int scratchElements() {
        return Math.multiplyExact(maxSegments, rowElements);
    }

    /** Returns the index behind the last int64 value written. */
    int end() {
        return end;
    }

    private static int visibleEnd(Span span) {
        return Math.min(span.keyTo(), span.firstPosition() + span.queries());
    }

    private int firstSegment(Span span) {
        return span.keyFrom() / segmentTokens;
    }

    private int segments(Span span) {
        return (visibleEnd(span) - 1) / segmentTokens + 1 - firstSegment(span);
    }

    private int groupSize(List<Span> spans, int first) {
        long used = 0;
        int widest = 0;
        int count = 0;
        for (int i = first; i < spans.size(); i++) {
            Span span = spans.get(i);
            int keys = visibleEnd(span) - span.keyFrom();
            if (span.queries() != 1
                    || keys <= 0
                    || (count > 0 && span.firstQuery() != spans.get(i - 1).firstQuery() + 1)) {
                break;
            }
            int wider = Math.max(widest, segments(span));
            long gathered = (long) (count + 1) * wider * segmentTokens;
            // Two segments of grace: a row always gathers its last segment whole, and that is no waste of grouping.
            boolean wasteful = gathered > (1 + GROUP_WASTE) * (used + keys) + 2L * (count + 1) * segmentTokens;
            if (count > 0 && (gathered > GROUP_TOKENS || wasteful)) {
                break;
            }
            widest = wider;
            used += keys;
            count++;
        }
        return count;
    }

    private void packGroup(List<Span> rows, ByteBuffer meta) {
        int widest = 0;
        for (Span span : rows) {
            widest = Math.max(widest, segments(span));
        }
        int table = end;
        for (Span span : rows) {
            int first = firstSegment(span);
            int last = first + segments(span) - 1;
            for (int s = 0; s < widest; s++) {
                // Pads with the row's own last slot: masked, and its memory holds numbers.
                put(meta, span.slots()[Math.min(first + s, last)]);
            }
        }
        int bounds = end;
        for (Span span : rows) {
            put(meta, span.keyFrom() - firstSegment(span) * segmentTokens);
        }
        for (Span span : rows) {
            put(meta, visibleEnd(span) - firstSegment(span) * segmentTokens);
        }
        Span head = rows.get(0);
        int from = head.keyFrom() - firstSegment(head) * segmentTokens;
        groups.add(new long[] {
            head.firstQuery(), rows.size(), table, widest, bounds, from, visibleEnd(head) - head.keyFrom()
        });
        maxSegments = Math.max(maxSegments, rows.size() * widest);
    }

    private void packChunk(Span span, ByteBuffer meta) {
        int first = firstSegment(span);
        int segments = segments(span);
        int base = first * segmentTokens;
        int table = end;
        for (int s = 0; s < segments; s++) {
            put(meta, span.slots()[first + s]);
        }
        // [keyFrom, pastTo)   the past: every query sees all of it
        // [ownFrom, ownTo)    the chunk's own positions: causal
        int pastTo = Math.min(visibleEnd(span), span.firstPosition());
        int past = Math.max(0, pastTo - span.keyFrom());
        int ownFrom = Math.max(span.keyFrom(), span.firstPosition());
        int own = Math.max(0, visibleEnd(span) - ownFrom);
        chunks.add(new long[] {
            span.firstQuery(),
            span.queries(),
            table,
            segments,
            span.keyFrom() - base,
            past,
            own == 0 ? 0 : ownFrom - base,
            own,
            span.firstPosition() - ownFrom
        });
        maxSegments = Math.max(maxSegments, segments);
    }

    private void put(ByteBuffer meta, long value) {
        meta.putLong(end * Long.BYTES, value);
        end++;
    }

    private static long[] flatten(List<long[]> entries) {
        int width = entries.isEmpty() ? 0 : entries.get(0).length;
        long[] flat = new long[entries.size() * width];
        for (int i = 0; i < entries.size(); i++) {
            System.arraycopy(entries.get(i), 0, flat, i * width, width);
        }
        return flat;
    }
}
