package dev.kvasir.engine.dashboard;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.serving.Node;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.TierSurvey;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Pictures of what the pool holds, for who looks. The step thread only copies what it knows of each slot, and not more than once a second however many look;
 * the rest is done by whoever asks. Thread-safe.
 */
public final class PoolPictures {
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Node node;
    private final LongSupplier nanoTime;
    private @Nullable CompletionStage<List<TierSurvey>> last; // guarded by this
    private long lastNanos;
    private volatile @Nullable TreePicture tree;

    PoolPictures(Node node, LongSupplier nanoTime) {
        this.node = node;
        this.nanoTime = nanoTime;
    }

    /** Returns every slot, as it is or was a second ago. */
    public synchronized CompletionStage<List<TierSurvey>> survey() {
        long now = nanoTime.getAsLong();
        CompletionStage<List<TierSurvey>> known = last;
        if (known == null
                || now - lastNanos > FRESH_NANOS
                || known.toCompletableFuture().isCompletedExceptionally()) {
            known = node.withPool(MemPool::survey);
            last = known;
            lastNanos = now;
        }
        return known;
    }

    /** Draws the slots: see {@link SlotPicture}. Takes a moment. */
    public byte[] slots(List<TierSurvey> survey) {
        return SlotPicture.of(survey);
    }

    /** Draws the tree: see {@link TreePicture}. Takes a moment. */
    public ObjectNode tree(List<TierSurvey> survey) {
        TreePicture picture = new TreePicture(survey);
        tree = picture;
        return picture.json();
    }

    /** Returns the text of the last segment of a run that was in the last picture of the tree; empty if it's gone. */
    public CompletionStage<Optional<ObjectNode>> content(String alias) {
        TreePicture picture = tree;
        Optional<SegmentId> id = picture == null ? Optional.empty() : picture.find(alias);
        if (id.isEmpty()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return node.withPool(pool -> pool.content(id.get())).thenApply(tokens -> tokens.map(this::text));
    }

    private ObjectNode text(int[] tokens) {
        Node.Serving serving = node.serving();
        String text = serving == null ? "" : serving.model().tokenizer().decode(tokens, false);
        return JsonNodeFactory.instance
                .objectNode()
                .put("tokens", tokens.length)
                .put("text", text);
    }
}
