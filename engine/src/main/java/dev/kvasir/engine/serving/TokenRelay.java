package dev.kvasir.engine.serving;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.TokenSink;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries one request's events from the step thread to its owner's thread, in order. The owner can {@link #hold} them while its
 * reader is slow; past {@code limit} held events it is told.
 */
final class TokenRelay implements TokenSink {
    private static final Logger log = LoggerFactory.getLogger(TokenRelay.class);

    private final Executor owner;
    private final Consumer<TokenEvent> receiver;
    private final Runnable onOverflow;
    private final int limit;
    private final LongSupplier nanoTime;

    private final Queue<TokenEvent> events = new ConcurrentLinkedQueue<>();
    private final AtomicInteger pending = new AtomicInteger();
    private final AtomicBoolean hopping = new AtomicBoolean();
    private boolean held; // owner's thread

    TokenRelay(Executor owner, Consumer<TokenEvent> receiver, Runnable onOverflow, int limit, LongSupplier nanoTime) {
        this.owner = owner;
        this.receiver = receiver;
        this.onOverflow = onOverflow;
        this.limit = limit;
        this.nanoTime = nanoTime;
    }

    @Override
    public void onPrefilled(CachedTokens cachedTokens, List<TokenLogprobs> promptLogprobs) {
        offer(new TokenEvent.Prefilled(cachedTokens, promptLogprobs));
    }

    @Override
    public void onToken(int token, @Nullable TokenLogprobs logprobs) {
        offer(new TokenEvent.Token(token, logprobs, nanoTime.getAsLong()));
    }

    @Override
    public void onEmbedding(float[] embedding) {
        offer(new TokenEvent.Embedding(embedding));
    }

    @Override
    public void onFinish(FinishReason reason, RequestStats stats) {
        offer(new TokenEvent.Finished(reason, stats));
    }

    /** Leaves events where they are until {@link #resume}. Owner's thread. */
    void hold() {
        held = true;
        if (pending.get() > limit) {
            owner.execute(this::overflow); // they came before anybody held them
        }
    }

    /** Delivers what was held and what comes. Owner's thread. */
    void resume() {
        if (held) {
            held = false;
            drain();
        }
    }

    private void offer(TokenEvent event) {
        events.add(event);
        try {
            if (pending.incrementAndGet() == limit + 1) {
                owner.execute(this::overflow);
            }
            if (hopping.compareAndSet(false, true)) {
                owner.execute(this::hop);
            }
        } catch (RejectedExecutionException e) {
            // The owner's thread is gone with the server; nobody reads on, and the step thread must not break.
            log.debug("events of a request were dropped: {}", e.getMessage());
        }
    }

    private void hop() {
        hopping.set(false);
        drain();
    }

    private void drain() {
        TokenEvent event;
        while (!held && (event = events.poll()) != null) {
            pending.decrementAndGet();
            receiver.accept(event);
        }
    }

    private void overflow() {
        if (held) {
            onOverflow.run();
        }
    }
}
