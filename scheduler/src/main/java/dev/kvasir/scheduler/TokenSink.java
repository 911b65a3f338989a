package dev.kvasir.scheduler;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.runner.TokenLogprobs;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a request's tokens go. Called on the step thread: an implementation hands over and returns at once. */
public interface TokenSink {
    /**
     * The prompt is computed; comes once, before the first token or the embedding.
     *
     * @param cachedTokens prompt tokens that were reused, not computed
     * @param promptLogprobs of the prompt tokens from the second on, if asked for; else empty
     */
    void onPrefilled(CachedTokens cachedTokens, List<TokenLogprobs> promptLogprobs);

    /** One generated token. An end token is not delivered. */
    void onToken(int token, @Nullable TokenLogprobs logprobs);

    /**
     * The prompt's embedding, (hidden), as it comes from the model: not normalised. Comes once, in place of tokens, for a request with a {@code pooling}.
     *
     * @param embedding handed over
     */
    default void onEmbedding(float[] embedding) {
        throw new IllegalStateException("an embedding of " + embedding.length + " numbers for who asked for tokens");
    }

    /** The end; nothing comes after it. */
    void onFinish(FinishReason reason, RequestStats stats);
}
