package dev.kvasir.runner.remote;

import dev.kvasir.pool.Borrowed;
import dev.kvasir.runner.PartialAttention.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Takes the spans of a step apart: what is here, and what lies on each other node. */
final class SpanSplit {
    /*
     * Partial attention doesn't care where in a sequence a visible key stands, only whether a query may see it. Segments on loan are sealed, so they lie in the
     * past of every query of the step. Hence the local part of a span is the span of a sequence that never had the others: its slots move together, and
     * its positions are smaller by the tokens that are gone.
     */
    private final Borrowed borrowed;
    private final int segmentTokens;

    SpanSplit(Borrowed borrowed, int segmentTokens) {
        this.borrowed = borrowed;
        this.segmentTokens = segmentTokens;
    }

    /**
     * A step's spans, taken apart.
     *
     * @param here one for each given span, in their order; some may see nothing
     * @param elsewhere by node, in the order of the queries
     */
    record Parts(List<Span> here, Map<Integer, List<RemoteSpan>> elsewhere) {}

    static boolean hasLoans(Span span, int segmentTokens) {
        int segments = (span.keyTo() + segmentTokens - 1) / segmentTokens;
        for (int i = span.keyFrom() / segmentTokens; i < segments; i++) {
            if (span.slots()[i] < 0) {
                return true;
            }
        }
        return false;
    }

    Parts split(List<Span> spans) {
        List<Span> here = new ArrayList<>(spans.size());
        Map<Integer, List<RemoteSpan>> elsewhere = new LinkedHashMap<>();
        for (Span span : spans) {
            here.add(hasLoans(span, segmentTokens) ? split(span, elsewhere) : span);
        }
        return new Parts(here, elsewhere);
    }

    private Span split(Span span, Map<Integer, List<RemoteSpan>> elsewhere) {
        if (span.keyFrom() != 0) {
            throw new IllegalArgumentException("a span with loans begins at its first key, not at " + span.keyFrom());
        }
        int segments = (span.keyTo() + segmentTokens - 1) / segmentTokens;
        int[] slots = new int[segments];
        int kept = 0;
        Map<Integer, Loans> byNode = new LinkedHashMap<>();
        for (int i = 0; i < segments; i++) {
            int slot = span.slots()[i];
            if (slot >= 0) {
                slots[kept++] = slot;
                continue;
            }
            if ((i + 1) * segmentTokens > span.firstPosition()) {
                throw new IllegalArgumentException("segment " + i + " is on loan, but queries begin at position "
                        + span.firstPosition() + " within or before it");
            }
            byNode.computeIfAbsent(borrowed.segment(slot).node(), node -> new Loans())
                    .add(borrowed.segment(slot));
        }
        byNode.forEach((node, loans) -> elsewhere
                .computeIfAbsent(node, n -> new ArrayList<>())
                .add(loans.span(span.firstQuery(), span.queries())));
        int gone = (segments - kept) * segmentTokens;
        return new Span(
                span.firstQuery(),
                span.queries(),
                span.firstPosition() - gone,
                Arrays.copyOf(slots, kept),
                0,
                span.keyTo() - gone);
    }

    /** The segments of one node. */
    private static final class Loans {
        private final List<Borrowed.Segment> segments = new ArrayList<>();

        void add(Borrowed.Segment segment) {
            segments.add(segment);
        }

        RemoteSpan span(int firstQuery, int queries) {
            return new RemoteSpan(
                    firstQuery,
                    queries,
                    segments.stream().mapToLong(Borrowed.Segment::loan).toArray(),
                    segments.stream().mapToInt(Borrowed.Segment::slot).toArray());
        }
    }
}
