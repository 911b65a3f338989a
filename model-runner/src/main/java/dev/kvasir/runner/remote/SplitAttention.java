package dev.kvasir.runner.remote;

import dev.kvasir.pool.Borrowed;
import dev.kvasir.pool.LayerWatch;
import dev.kvasir.runner.PartialAttention;
import dev.kvasir.runner.TensorRef;
import java.util.List;
import java.util.Map;

/** Attention over segments wherever they lie: one executor for what is here, other nodes for the rest. Belongs to the step thread. */
public final class SplitAttention implements PartialAttention {
    private final PartialAttention here;
    private final Queries queries;
    private final SpanSplit split;
    private final LayerWatch watch;

    /** Creates one for a node whose steps nobody watches. */
    public SplitAttention(PartialAttention here, Queries queries, Borrowed borrowed, int segmentTokens) {
        this(here, queries, borrowed, segmentTokens, LayerWatch.NOBODY);
    }

    /**
     * Creates one.
     *
     * @param here over this node's memory; its outputs must be memory that Java can read
     * @param queries the way to other nodes; each step's are its own
     * @param borrowed what segment tables' negative numbers stand for
     * @param watch told of each layer before attention begins, when its keys and values are written
     */
    public SplitAttention(
            PartialAttention here, Queries queries, Borrowed borrowed, int segmentTokens, LayerWatch watch) {
        this.watch = watch;
        this.here = here;
        this.queries = queries;
        this.split = new SpanSplit(borrowed, segmentTokens);
    }

    /** Returns whether any of the spans sees a segment of another node. */
    public static boolean isNeeded(List<Span> spans, int segmentTokens) {
        return spans.stream().anyMatch(span -> SpanSplit.hasLoans(span, segmentTokens));
    }

    @Override
    public Launch prepare(List<Span> spans) {
        SpanSplit.Parts parts = split.split(spans);
        Launch local = here.prepare(parts.here());
        Map<Integer, List<RemoteSpan>> elsewhere = parts.elsewhere();
        return (layer, query, output, logsumexp) -> attend(local, elsewhere, layer, query, output, logsumexp);
    }

    private void attend(
            Launch local,
            Map<Integer, List<RemoteSpan>> elsewhere,
            int layer,
            TensorRef query,
            TensorRef output,
            TensorRef logsumexp) {
        watch.onLayer(layer);
        try {
            elsewhere.forEach((node, spans) -> queries.send(node, layer, query, spans));
            // The others are at it meanwhile.
            local.attend(layer, query, output, logsumexp);
            queries.merge(output, logsumexp);
        } finally {
            queries.forget();
        }
    }
}
