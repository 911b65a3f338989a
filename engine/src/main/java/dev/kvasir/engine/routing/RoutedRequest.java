package dev.kvasir.engine.routing;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.TokenSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request at its front: what the client asked, what it has got, and where the rest is computed. Belongs to the loop; while it runs here, its sink belongs
 * to the step thread.
 *
 * <pre>
 * tokens that the client has
 *   [0, before)       of attempts that are over
 *   [before, count)   of this attempt
 * </pre>
 */
final class RoutedRequest {
    /** Where it is in its life. */
    enum State {
        /** Looks for a worker. */
        PLACING,
        /** In this node's scheduler. */
        HERE,
        /** At another node. */
        THERE,
        ENDED
    }

    final GenerationRequest request;
    private final TokenSink sink;

    // What the client has got
    private int[] tokens = new int[16]; // count of them are used
    private int count;
    private boolean prefilled;
    private boolean embedded;
    private CachedTokens cachedTokens = CachedTokens.NONE;

    // Where it is
    State state = State.PLACING;
    int placements; // attempts here and there
    int failures;
    int turn; // which search for a worker this is
    long placingSinceNanos;
    boolean isRetrying; // nobody took it, and it's tried again at:
    long retryNanos;
    final Set<Integer> tried = new HashSet<>(); // who isn't asked again in this search
    boolean isCounted; // among those that look for a worker

    // The attempt at another node
    int node;
    long attempt;
    boolean accepted;
    boolean heard; // its worker has said something of it
    long sentNanos;
    long heardNanos;
    private int before;
    private final List<TokenLogprobs> promptLogprobs = new ArrayList<>();

    // Numbers
    private int preemptions;
    private long scheduledNanos;
    private long firstTokenNanos;

    RoutedRequest(GenerationRequest request, TokenSink sink) {
        this.request = request;
        this.sink = sink;
    }

    /** Returns what is left of it. */
    GenerationRequest rest() {
        return count == 0 ? request : request.resumedAfter(Arrays.copyOf(tokens, count));
    }

    boolean hasTokens() {
        return count > 0;
    }

    /** Returns whether all tokens are there, and only the word of it was lost. */
    boolean isComplete() {
        return embedded || request.generated() + count >= request.maxTokens();
    }

    void beginAttempt(int worker, long number, long nowNanos) {
        state = State.THERE;
        node = worker;
        attempt = number;
        accepted = false;
        heard = false;
        sentNanos = nowNanos;
        heardNanos = nowNanos;
        before = count;
        promptLogprobs.clear();
    }

    /** Takes log-probabilities of the prompt; returns whether none is missing before them. */
    boolean onPromptLogprobs(RoutingMessage.PromptLogprobs part) {
        boolean follows = part.first() == promptLogprobs.size()
                && part.first() + part.logprobs().size() < request.prompt().length;
        if (follows) {
            promptLogprobs.addAll(part.logprobs());
        }
        return follows;
    }

    /** Returns whether nothing is missing before it. */
    boolean onPrefilled(RoutingMessage.Prefilled message) {
        if (message.logprobs() != promptLogprobs.size()) {
            return false;
        }
        tellPrefilled(message.cachedTokens(), promptLogprobs);
        return true;
    }

    /** Takes tokens; returns whether they are the next ones. */
    boolean onTokens(RoutingMessage.Tokens message, long nowNanos) {
        int length = message.tokens().length;
        if (!prefilled
                || message.first() != count - before
                || (long) request.generated() + count + length > request.maxTokens()) {
            return false;
        }
        if (firstTokenNanos == 0) {
            firstTokenNanos = nowNanos;
        }
        if (count + length > tokens.length) {
            tokens = Arrays.copyOf(tokens, Math.max(2 * tokens.length, count + length));
        }
        for (int i = 0; i < length; i++) {
            tokens[count++] = message.tokens()[i];
            sink.onToken(
                    message.tokens()[i],
                    message.logprobs().isEmpty() ? null : message.logprobs().get(i));
        }
        return true;
    }

    /** Takes the embedding; returns whether nothing is missing before it. */
    boolean onEmbedding(float[] values) {
        if (!prefilled || request.pooling() == null) {
            return false;
        }
        tellEmbedding(values);
        return true;
    }

    private void tellEmbedding(float[] values) {
        if (!embedded) {
            embedded = true;
            sink.onEmbedding(values);
        }
    }

    /** Takes the end of an attempt; returns whether nothing is missing before it. */
    boolean onFinished(RoutingMessage.Finished message) {
        boolean lacksEmbedding =
                request.pooling() != null && !embedded && message.ending() == RoutingMessage.Ending.STOP;
        if (message.tokens() != count - before || lacksEmbedding) {
            return false;
        }
        preemptions += message.preemptions();
        if (scheduledNanos == 0 && message.queueNanos() >= 0) {
            long scheduled = sentNanos + message.queueNanos();
            scheduledNanos = firstTokenNanos == 0 ? scheduled : Math.min(scheduled, firstTokenNanos);
        }
        return true;
    }

    /** Tells the sink the end. */
    void end(FinishReason reason, long nowNanos) {
        state = State.ENDED;
        sink.onFinish(
                reason,
                new RequestStats(
                        request.promptTokens(),
                        cachedTokens,
                        request.generated() + count,
                        preemptions,
                        request.arrivalNanos(),
                        scheduledNanos == 0 ? firstTokenNanos : scheduledNanos,
                        firstTokenNanos,
                        nowNanos));
    }

    private void tellPrefilled(CachedTokens cached, List<TokenLogprobs> logprobs) {
        if (!prefilled) {
            prefilled = true;
            cachedTokens = cached;
            sink.onPrefilled(cached, List.copyOf(logprobs));
        }
    }

    /**
     * Returns the sink of an attempt here; the client hears nothing twice.
     *
     * @param onEnd runs on the step thread when all is told
     */
    TokenSink sinkHere(Runnable onEnd) {
        return new TokenSink() {
            @Override
            public void onPrefilled(CachedTokens cached, List<TokenLogprobs> logprobs) {
                tellPrefilled(cached, logprobs);
            }

            @Override
            public void onToken(int token, @Nullable TokenLogprobs logprobs) {
                sink.onToken(token, logprobs);
            }

            @Override
            public void onEmbedding(float[] embedding) {
                tellEmbedding(embedding);
            }

            @Override
            public void onFinish(FinishReason reason, RequestStats stats) {
                try {
                    sink.onFinish(reason, whole(stats));
                } finally {
                    onEnd.run();
                }
            }
        };
    }

    /** Returns the numbers of the whole request from those of its last attempt, which was here. */
    private RequestStats whole(RequestStats last) {
        return new RequestStats(
                last.promptTokens(),
                cachedTokens,
                last.generatedTokens(),
                preemptions + last.preemptions(),
                last.arrivalNanos(),
                firstTokenNanos != 0 ? Math.min(firstTokenNanos, last.scheduledNanos()) : last.scheduledNanos(),
                firstTokenNanos != 0 ? firstTokenNanos : last.firstTokenNanos(),
                last.finishedNanos());
    }
}
