package dev.kvasir.engine.routing;

import dev.kvasir.engine.routing.RoutingMessage.Ending;
import dev.kvasir.pool.CachedTokens;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.TokenSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A request of another node's, here. The step thread leaves in it what comes; the loop takes all that has come and sends it, so that a loop that is busy
 * sends fewer and longer messages.
 */
final class WorkerRun implements TokenSink {
    private static final Logger log = LoggerFactory.getLogger(WorkerRun.class);

    private final int front;
    private final long attempt;
    private final RoutingParts parts;
    private final Consumer<WorkerRun> onEnd;

    // What has come and isn't sent; guarded by this
    private boolean isSending; // a task for that is on its way to the loop
    private @Nullable CachedTokens cachedTokens;
    private List<TokenLogprobs> promptLogprobs = List.of();
    private int[] tokens = new int[16]; // count of them are used
    private int count;
    private List<TokenLogprobs> logprobs = new ArrayList<>();
    private float @Nullable [] embedding;
    private @Nullable Finish finish;

    // The loop's
    private boolean abandoned;
    private int sent; // tokens

    WorkerRun(int front, long attempt, RoutingParts parts, Consumer<WorkerRun> onEnd) {
        this.front = front;
        this.attempt = attempt;
        this.parts = parts;
        this.onEnd = onEnd;
    }

    /** Returns its id in this node's scheduler, which no request of this node's own has. */
    String id() {
        return "node " + front + " attempt " + attempt;
    }

    int front() {
        return front;
    }

    long attempt() {
        return attempt;
    }

    /** Has nothing more sent. */
    void abandon() {
        abandoned = true;
    }

    boolean isAbandoned() {
        return abandoned;
    }

    @Override
    public synchronized void onPrefilled(CachedTokens cached, List<TokenLogprobs> prompt) {
        cachedTokens = cached;
        promptLogprobs = prompt;
        sendSoon();
    }

    @Override
    public synchronized void onToken(int token, @Nullable TokenLogprobs tokenLogprobs) {
        if (count == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * count);
        }
        tokens[count++] = token;
        if (tokenLogprobs != null) {
            logprobs.add(tokenLogprobs);
        }
        sendSoon();
    }

    @Override
    public synchronized void onEmbedding(float[] values) {
        embedding = values;
        sendSoon();
    }

    @Override
    public synchronized void onFinish(FinishReason reason, RequestStats stats) {
        finish = new Finish(reason, stats);
        sendSoon();
    }

    private void sendSoon() {
        if (!isSending) {
            isSending = true;
            try {
                parts.loop().execute(this::send);
            } catch (RejectedExecutionException e) {
                log.debug("the loop is gone, and with it who would send: {}", e.getMessage());
            }
        }
    }

    /** What the step thread has left. */
    private record Left(
            @Nullable CachedTokens cachedTokens,
            List<TokenLogprobs> promptLogprobs,
            int[] tokens,
            List<TokenLogprobs> logprobs,
            float @Nullable [] embedding,
            @Nullable Finish finish) {}

    private record Finish(FinishReason reason, RequestStats stats) {}

    private synchronized Left take() {
        isSending = false;
        Left left = new Left(cachedTokens, promptLogprobs, Arrays.copyOf(tokens, count), logprobs, embedding, finish);
        embedding = null;
        cachedTokens = null;
        promptLogprobs = List.of();
        count = 0;
        logprobs = new ArrayList<>();
        return left;
    }

    /** Sends all that has come, on the loop. */
    private void send() {
        Left left = take();
        if (!abandoned) {
            CachedTokens cached = left.cachedTokens();
            if (cached != null) {
                sendPrefilled(cached, left.promptLogprobs());
            }
            sendTokens(left.tokens(), left.logprobs());
            float[] values = left.embedding();
            if (values != null) {
                say(new RoutingMessage.Embedding(attempt, values));
            }
        }
        Finish ended = left.finish();
        if (ended != null) {
            if (!abandoned) {
                sendFinished(ended);
            }
            onEnd.accept(this);
        }
    }

    private void sendPrefilled(CachedTokens cached, List<TokenLogprobs> prompt) {
        for (int from = 0; from < prompt.size(); from += RoutingMessage.MOST_DELIVERED) {
            int to = Math.min(prompt.size(), from + RoutingMessage.MOST_DELIVERED);
            say(new RoutingMessage.PromptLogprobs(attempt, from, prompt.subList(from, to)));
        }
        say(new RoutingMessage.Prefilled(attempt, cached, prompt.size()));
    }

    private void sendTokens(int[] all, List<TokenLogprobs> allLogprobs) {
        for (int from = 0; from < all.length; from += RoutingMessage.MOST_DELIVERED) {
            int to = Math.min(all.length, from + RoutingMessage.MOST_DELIVERED);
            say(new RoutingMessage.Tokens(
                    attempt,
                    sent,
                    Arrays.copyOfRange(all, from, to),
                    allLogprobs.isEmpty() ? List.of() : allLogprobs.subList(from, to)));
            sent += to - from;
        }
    }

    private void sendFinished(Finish ended) {
        Ending ending =
                switch (ended.reason()) {
                    case STOP -> Ending.STOP;
                    case LENGTH -> Ending.LENGTH;
                    case ERROR -> Ending.ERROR;
                    case CANCELLED -> Ending.HANDED_BACK; // not by its front: this node's scheduler was closed
                };
        RequestStats stats = ended.stats();
        long queued = stats.scheduledNanos() == 0 ? -1 : Math.max(0, stats.scheduledNanos() - stats.arrivalNanos());
        say(new RoutingMessage.Finished(attempt, ending, sent, stats.preemptions(), queued));
    }

    private void say(RoutingMessage message) {
        parts.outgoing().send(front, message);
    }
}
