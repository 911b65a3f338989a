package dev.kvasir.engine.serving;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.RequestStats;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the step thread says about one request, on its way to the request's owner. */
sealed interface TokenEvent {
    record Prefilled(CachedTokens cachedTokens, List<TokenLogprobs> promptLogprobs) implements TokenEvent {}

    record Token(int token, @Nullable TokenLogprobs logprobs, long nanos) implements TokenEvent {}

    record Embedding(float[] values) implements TokenEvent {}

    record Finished(FinishReason reason, RequestStats stats) implements TokenEvent {}
}
