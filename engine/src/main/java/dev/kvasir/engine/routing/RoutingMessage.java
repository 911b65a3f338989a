package dev.kvasir.engine.routing;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.scheduler.GenerationRequest;
import java.util.List;

/** What front and worker say to each other. Arrays are handed over. */
sealed interface RoutingMessage {
    /** Most prompt tokens, and tokens generated before, of a request. */
    int MOST_TOKENS = 1 << 20;
    /** Most tokens that one message delivers, and most prompt tokens whose log-probabilities one message has. */
    int MOST_DELIVERED = 1024;
    /** Most numbers of an embedding. */
    int MOST_HIDDEN = 1 << 20;
    /** Most attempts that one message lists. */
    int MOST_LISTED = 1 << 16;

    /** Front to worker: run this. Id and arrival are the worker's own affair. */
    record Submit(long attempt, GenerationRequest request) implements RoutingMessage {}

    /** Worker to front: it's in the queue. */
    record Accepted(long attempt) implements RoutingMessage {}

    /** Worker to front: it's not. */
    record Refused(long attempt, Refusal why) implements RoutingMessage {}

    /** Worker to front: log-probabilities of the prompt from the {@code first} on, counted from 0; all parts come before {@link Prefilled}. */
    record PromptLogprobs(long attempt, int first, List<TokenLogprobs> logprobs) implements RoutingMessage {
        public PromptLogprobs {
            logprobs = List.copyOf(logprobs);
            check(first >= 0 && !logprobs.isEmpty() && logprobs.size() <= MOST_DELIVERED, "part", logprobs.size());
        }
    }

    /**
     * Worker to front: the prompt is computed.
     *
     * @param logprobs how many log-probabilities of the prompt were sent
     */
    record Prefilled(long attempt, CachedTokens cachedTokens, int logprobs) implements RoutingMessage {}

    /**
     * Worker to front: the next tokens.
     *
     * @param first how many came before in this attempt
     * @param logprobs of each token, or empty
     */
    record Tokens(long attempt, int first, int[] tokens, List<TokenLogprobs> logprobs) implements RoutingMessage {
        public Tokens {
            logprobs = List.copyOf(logprobs);
            check(first >= 0 && tokens.length > 0 && tokens.length <= MOST_DELIVERED, "tokens", tokens.length);
            check(logprobs.isEmpty() || logprobs.size() == tokens.length, "log-probabilities", logprobs.size());
        }
    }

    /**
     * Worker to front: the end.
     *
     * @param tokens how many were sent in this attempt
     * @param preemptions how often it lost its slots there
     * @param queueNanos how long it waited there, -1 if it never ran
     */
    record Finished(long attempt, Ending ending, int tokens, int preemptions, long queueNanos)
            implements RoutingMessage {
        public Finished {
            check(tokens >= 0 && preemptions >= 0 && queueNanos >= -1, "tokens", tokens);
        }
    }

    /** Worker to front: the prompt's embedding; comes after {@link Prefilled}, in place of tokens. */
    record Embedding(long attempt, float[] values) implements RoutingMessage {
        public Embedding {
            check(values.length > 0 && values.length <= MOST_HIDDEN, "numbers", values.length);
        }
    }

    /** Front to worker: nobody waits for it any more. */
    record Cancel(long attempt) implements RoutingMessage {}

    /** Front to worker: the attempts that are wanted; whatever else it has of this front's is not. */
    record Wanted(long[] attempts) implements RoutingMessage {
        public Wanted {
            check(attempts.length <= MOST_LISTED, "attempts", attempts.length);
        }
    }

    /** Worker to front: the attempts of this front's that live. */
    record Running(long[] attempts) implements RoutingMessage {
        public Running {
            check(attempts.length <= MOST_LISTED, "attempts", attempts.length);
        }
    }

    /** Why a worker doesn't take a request. */
    enum Refusal {
        QUEUE_FULL,
        /** It runs no requests, or is about to leave. */
        LEAVING,
        /** It can't hold so long a sequence. */
        TOO_LONG
    }

    /** How an attempt ended at its worker. */
    enum Ending {
        STOP,
        LENGTH,
        ERROR,
        /** The worker leaves, and somebody else is to go on. */
        HANDED_BACK
    }

    private static void check(boolean holds, String what, int count) {
        if (!holds) {
            throw new IllegalArgumentException("there can't be " + count + " " + what);
        }
    }
}
