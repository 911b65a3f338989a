package dev.kvasir.scheduler.batching;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.TokenSink;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps what a request was told, and breaks the test when it is told so in a wrong order. */
final class RecordingSink implements TokenSink {
    final GenerationRequest request;
    final List<Integer> tokens = new ArrayList<>();
    final List<Float> logprobs = new ArrayList<>();
    final List<TokenLogprobs> promptLogprobs = new ArrayList<>();
    int cachedTokens = -1;
    float @Nullable [] embedding;

    @Nullable
    FinishReason reason;

    @Nullable
    RequestStats stats;

    /** Throws when it is given this many tokens; -1 for never. */
    int throwsAtToken = -1;

    RecordingSink(GenerationRequest request) {
        this.request = request;
    }

    boolean isFinished() {
        return reason != null;
    }

    boolean isPrefilled() {
        return cachedTokens >= 0;
    }

    @Override
    public void onPrefilled(CachedTokens cached, List<TokenLogprobs> logprobsOfPrompt) {
        if (isPrefilled() || isFinished()) {
            throw new AssertionError(request.id() + " was prefilled twice, or after its end");
        }
        cachedTokens = cached.total();
        promptLogprobs.addAll(logprobsOfPrompt);
        if (throwsAtToken == 0) {
            throw new IllegalStateException("a broken sink");
        }
    }

    @Override
    public void onToken(int token, @Nullable TokenLogprobs tokenLogprobs) {
        if (!isPrefilled() || isFinished()) {
            throw new AssertionError(request.id() + " got a token before its prompt was computed, or after its end");
        }
        tokens.add(token);
        if (tokenLogprobs != null) {
            logprobs.add(tokenLogprobs.logprob());
        }
        if (throwsAtToken == tokens.size()) {
            throw new IllegalStateException("a broken sink");
        }
    }

    @Override
    public void onEmbedding(float[] values) {
        if (!isPrefilled() || isFinished() || embedding != null) {
            throw new AssertionError(request.id() + " got its embedding in a wrong order");
        }
        embedding = values;
    }

    @Override
    public void onFinish(FinishReason finishReason, RequestStats requestStats) {
        if (isFinished()) {
            throw new AssertionError(request.id() + " ended twice");
        }
        reason = finishReason;
        stats = requestStats;
    }
}
