package dev.kvasir.engine.http;

import dev.kvasir.engine.config.KeyLimits;
import dev.kvasir.engine.openai.ApiError;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What one key may still ask for: token buckets that hold a minute's worth and fill steadily, and a count of what runs. Thread-safe.
 *
 * <p>A prompt's tokens are taken before it is submitted. How many tokens its answer will have nobody knows: they are taken when it's over, even if there
 * are less, and what came next waits until they are made up for.
 */
final class KeyBudget {
    /** What limited a request. */
    enum Limit {
        REQUESTS,
        TOKENS,
        CONCURRENCY
    }

    /** No limits. */
    static final KeyBudget NONE = new KeyBudget(new KeyLimits(0, 0, 0), () -> 0, limit -> {}, new AtomicInteger());

    private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);

    private final KeyLimits limits;
    private final @Nullable Bucket requests;
    private final @Nullable Bucket tokens;
    private final AtomicInteger running;
    private final Consumer<Limit> onLimited;

    /**
     * Creates a full one.
     *
     * @param onLimited told whenever something is refused
     * @param running requests of this key that are being answered
     */
    KeyBudget(KeyLimits limits, LongSupplier nanoTime, Consumer<Limit> onLimited, AtomicInteger running) {
        this.limits = limits;
        this.onLimited = onLimited;
        this.running = running;
        TimeMeter clock = new TimeMeter() {
            @Override
            public long currentTimeNanos() {
                return nanoTime.getAsLong();
            }

            @Override
            public boolean isWallClockBased() {
                return false;
            }
        };
        requests = bucket(limits.requestsPerMinute(), clock);
        tokens = bucket(limits.tokensPerMinute(), clock);
    }

    private static @Nullable Bucket bucket(int perMinute, TimeMeter clock) {
        return perMinute <= 0
                ? null
                : Bucket.builder()
                        .addLimit(limit -> limit.capacity(perMinute).refillGreedy(perMinute, Duration.ofMinutes(1)))
                        .withCustomTimePrecision(clock)
                        .build();
    }

    KeyLimits limits() {
        return limits;
    }

    /** Returns the count of what runs, for the budget that follows this one. */
    AtomicInteger running() {
        return running;
    }

    /**
     * Begins a request: says in its answer's headers what is left.
     *
     * @throws ApiError 429
     */
    void begin(MultiMap headers) {
        if (running.incrementAndGet() > limits.concurrent() && limits.concurrent() > 0) {
            running.decrementAndGet();
            onLimited.accept(Limit.CONCURRENCY);
            throw ApiError.rateLimited("This key may have " + limits.concurrent()
                    + " requests at once, and so many are being answered; try again when one is over.");
        }
        if (requests != null) {
            ConsumptionProbe probe = requests.tryConsumeAndReturnRemaining(1);
            write(headers, "requests", limits.requestsPerMinute(), probe.getRemainingTokens());
            if (!probe.isConsumed()) {
                running.decrementAndGet();
                onLimited.accept(Limit.REQUESTS);
                retryAfter(headers, probe.getNanosToWaitForRefill());
                throw ApiError.rateLimited(
                        "This key may have " + limits.requestsPerMinute() + " requests in a minute; try again later.");
            }
        }
        if (tokens != null) {
            write(headers, "tokens", limits.tokensPerMinute(), tokens.getAvailableTokens());
        }
    }

    /** A request goes on although its answer is over; {@link #end} ends it once more. */
    void goOn() {
        running.incrementAndGet();
    }

    /** A request that began is over. */
    void end() {
        running.decrementAndGet();
    }

    /**
     * Takes a prompt's tokens, and says in the answer's headers what is left.
     *
     * @throws ApiError 429
     */
    void takePrompt(int count, MultiMap headers) {
        if (tokens == null) {
            return;
        }
        if (count > limits.tokensPerMinute()) {
            onLimited.accept(Limit.TOKENS);
            headers.set("x-should-retry", "false"); // OpenAI's libraries heed it
            throw ApiError.rateLimited("The prompt has " + count + " tokens, and this key may have "
                    + limits.tokensPerMinute() + " in a minute: it can't be served however long you wait.");
        }
        ConsumptionProbe probe = tokens.tryConsumeAndReturnRemaining(Math.max(1, count));
        write(headers, "tokens", limits.tokensPerMinute(), probe.getRemainingTokens());
        if (!probe.isConsumed()) {
            onLimited.accept(Limit.TOKENS);
            retryAfter(headers, probe.getNanosToWaitForRefill());
            throw ApiError.rateLimited("This key may have " + limits.tokensPerMinute() + " tokens in a minute, "
                    + Math.max(0, probe.getRemainingTokens()) + " are left and the prompt has " + count
                    + "; try again later.");
        }
    }

    /** Gives a prompt's tokens back: nothing was computed for them. */
    void giveBackPrompt(int count) {
        if (tokens != null) {
            tokens.addTokens(Math.max(1, count));
        }
    }

    /** Takes the tokens of an answer, even if there are less. */
    void takeAnswer(int count) {
        if (tokens != null && count > 0) {
            tokens.consumeIgnoringRateLimits(count);
        }
    }

    private static void write(MultiMap headers, String what, int limit, long left) {
        long remaining = Math.max(0, left);
        headers.set("x-ratelimit-limit-" + what, String.valueOf(limit));
        headers.set("x-ratelimit-remaining-" + what, String.valueOf(remaining));
        // Until the bucket is full again.
        headers.set("x-ratelimit-reset-" + what, duration((long) ((double) (limit - left) / limit * MINUTE_NANOS)));
    }

    private static void retryAfter(MultiMap headers, long nanos) {
        long millis = Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos + 999_999));
        headers.set("retry-after", String.valueOf((millis + 999) / 1000));
        headers.set("retry-after-ms", String.valueOf(millis));
    }

    /** Returns a time as OpenAI writes it: {@code 17ms}, {@code 1.5s}, {@code 6m0s}. */
    static String duration(long nanos) {
        long millis = TimeUnit.NANOSECONDS.toMillis(nanos + 999_999);
        if (millis < 1000) {
            return millis + "ms";
        }
        if (millis < 60_000) {
            return millis / 1000
                    + (millis % 1000 == 0
                            ? "s"
                            : "." + String.valueOf(1000 + millis % 1000).substring(1) + "s");
        }
        return millis / 60_000 + "m" + millis % 60_000 / 1000 + "s";
    }
}
