package dev.kvasir.engine.routing;

import dev.kvasir.runner.Guide;
import dev.kvasir.runner.GuideSpec;
import dev.kvasir.scheduler.Scheduler;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What front and worker are made of.
 *
 * @param local this node's scheduler; one that runs nothing if {@code computes} is false
 * @param computes whether this node runs requests
 * @param wake says that the local scheduler has something to do
 * @param loop runs tasks on the loop, in order; may run nothing more once the node ends
 * @param nanoTime a monotonic clock, the local scheduler's
 * @param chooser whom requests go to
 * @param outgoing says a message to another node
 * @param guides compiles what a request of another node is guided by
 */
record RoutingParts(
        int self,
        Scheduler local,
        boolean computes,
        Runnable wake,
        Executor loop,
        LongSupplier nanoTime,
        RoutingTiming timing,
        RoutingCounters counters,
        Chooser chooser,
        Outgoing outgoing,
        GuideLoader guides) {
    /** Compiles guides off the loop. */
    interface GuideLoader {
        /** Compiles, and hands the guide on, on the loop; null if it can't be compiled here. */
        void load(GuideSpec spec, Consumer<@Nullable Guide> then);
    }

    /** Says a message to another node, or nothing if that isn't there. */
    interface Outgoing {
        void send(int node, RoutingMessage message);
    }
}
