package dev.kvasir.engine.routing;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.TokenSink;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps what a request was told, and breaks the test when it is told so in a wrong order. */
final class Answer implements TokenSink {
    final List<Integer> tokens = new ArrayList<>();
    final List<Float> logprobs = new ArrayList<>();
    final List<TokenLogprobs> promptLogprobs = new ArrayList<>();

    float @Nullable [] embedding;

    @Nullable
    CachedTokens cachedTokens;

    @Nullable
    FinishReason reason;

    @Nullable
    RequestStats stats;

    boolean isEnded() {
        return reason != null;
    }

    @Override
    public void onPrefilled(CachedTokens cached, List<TokenLogprobs> prompt) {
        if (cachedTokens != null || isEnded()) {
            throw new AssertionError("prefilled twice, or after the end");
        }
        cachedTokens = cached;
        promptLogprobs.addAll(prompt);
    }

    @Override
    public void onToken(int token, @Nullable TokenLogprobs tokenLogprobs) {
        if (cachedTokens == null || isEnded()) {
            throw new AssertionError("a token before the prompt was computed, or after the end");
        }
        tokens.add(token);
        if (tokenLogprobs != null) {
            logprobs.add(tokenLogprobs.logprob());
        }
    }

    @Override
    public void onEmbedding(float[] values) {
        if (cachedTokens == null || embedding != null || isEnded()) {
            throw new AssertionError("an embedding before the prompt was computed, a second one, or one after the end");
        }
        embedding = values;
    }

    @Override
    public void onFinish(FinishReason why, RequestStats numbers) {
        if (isEnded()) {
            throw new AssertionError("ended twice");
        }
        reason = why;
        stats = numbers;
    }
}
