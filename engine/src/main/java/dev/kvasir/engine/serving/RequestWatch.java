package dev.kvasir.engine.serving;

import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.Scheduler;

/** Told of the requests that come in by this node's door, on whatever thread; must be quick. Times are on the scheduler's clock. */
public interface RequestWatch {
    /** Nobody watches. */
    RequestWatch NONE = new RequestWatch() {};

    /** A request is read, tokenised and about to be submitted. */
    default void onSubmitted(GenerationRequest request, long nowNanos) {}

    /** It wasn't taken. */
    default void onRefused(String id, Scheduler.Submission why) {}

    /** It has ended. */
    default void onEnded(String id, FinishReason reason, RequestStats stats) {}
}
