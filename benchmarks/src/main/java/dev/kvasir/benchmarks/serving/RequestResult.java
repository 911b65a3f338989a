package dev.kvasir.benchmarks.serving;

import org.jspecify.annotations.Nullable;

/**
 * What was seen of one request. Times are on the load clock, in nanoseconds.
 *
 * @param index which request of the run, from 0
 * @param dueNanos when it should have been sent; latencies count from here
 * @param sentNanos when it was sent
 * @param chunks arrival of each chunk with non-empty text
 * @param endNanos arrival of the last chunk of its choice, the finish reason's included; {@code dueNanos} if none came
 * @param usage what it cost: by the server's word, or counted
 * @param usageReported whether the server said so; if not, each chunk counted as one output token and the prompt as 0
 * @param failure why it is no measurement, in a few words that group failures of one kind; null for a success
 * @param detail more about the failure, for a human; null for a success
 */
record RequestResult(
        int index,
        long dueNanos,
        long sentNanos,
        ChunkTimes chunks,
        long endNanos,
        TokenUsage usage,
        boolean usageReported,
        @Nullable String failure,
        @Nullable String detail) {
    /** {@link #failure} of a request that this side gave up because the run was stopped. */
    static final String CANCELLED = "cancelled";

    /** Returns a request that never got an answer. */
    static RequestResult failed(int index, long dueNanos, long sentNanos, String failure, String detail) {
        TokenUsage none = new TokenUsage(0, 0, TokenUsage.UNKNOWN);
        return new RequestResult(index, dueNanos, sentNanos, ChunkTimes.NONE, dueNanos, none, false, failure, detail);
    }

    /** Returns the same as a failure, with what was received until then. */
    RequestResult withFailure(String kind, String message) {
        return new RequestResult(index, dueNanos, sentNanos, chunks, endNanos, usage, usageReported, kind, message);
    }

    /** Returns the same with no chunk but the first; all other times but the gaps can be had from that. */
    RequestResult withoutChunks() {
        return new RequestResult(
                index, dueNanos, sentNanos, chunks.first(), endNanos, usage, usageReported, failure, detail);
    }

    boolean isSuccess() {
        return failure == null;
    }

    /** Returns whether any text came; an answer that ends at once has no time to a first token. */
    boolean hasText() {
        return !chunks.isEmpty();
    }

    /** Returns how much later than due it was sent. */
    long lateNanos() {
        return sentNanos - dueNanos;
    }

    /** Returns time to first token: from due to the first non-empty chunk. Needs {@link #hasText}. */
    long ttftNanos() {
        return chunks.at(0) - dueNanos;
    }

    /** Returns end-to-end time: from due to the last chunk. */
    long e2eNanos() {
        return endNanos - dueNanos;
    }

    /** Returns whether there is a time per output token: it takes two. */
    boolean hasTpot() {
        return hasText() && usage.outputTokens() > 1;
    }

    /** Returns time per output token after the first: (E2E - TTFT) / (output tokens - 1). Needs {@link #hasTpot}. */
    long tpotNanos() {
        return (e2eNanos() - ttftNanos()) / (usage.outputTokens() - 1);
    }
}
