package dev.kvasir.scheduler;

import dev.kvasir.pool.CachedTokens;

/**
 * Told of what becomes of single requests, on the step thread, where {@link SchedulerStats} only count: for who shows where a request's time went. Must be
 * quick and must not call the scheduler. Times are on the scheduler's clock.
 */
public interface RequestEvents {
    /** Nobody listens. */
    RequestEvents NONE = new RequestEvents() {};

    /** The step thread has taken a request from its inbox. */
    default void onQueued(GenerationRequest request, long nowNanos) {}

    /**
     * A request was admitted for the first time.
     *
     * @param cached what was reused of its prompt
     * @param lookedUp prompt tokens that were looked up for that, none if the request wants all of them computed
     * @param fetchNanos when what lower tiers and other nodes have was looked for; {@code nowNanos} if it wasn't
     */
    default void onAdmitted(
            GenerationRequest request, CachedTokens cached, int lookedUp, long fetchNanos, long nowNanos) {}

    /** A step has computed tokens {@code [from, to)} of a request's prompt and answer. */
    default void onComputed(String id, int from, int to, long beganNanos, long nowNanos) {}

    /** A request lost its slots; it waits again. */
    default void onPreempted(String id, long nowNanos) {}

    /** A request has ended. */
    default void onFinished(String id, FinishReason reason, RequestStats stats) {}
}
