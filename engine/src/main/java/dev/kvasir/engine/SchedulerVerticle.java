package dev.kvasir.engine;

import dev.kvasir.engine.serving.StepThread;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** Owns the step thread: starts it with the node, ends it with it. */
final class SchedulerVerticle extends VerticleBase {
    /** A step that runs is waited for; it can't be interrupted. */
    private static final long LONGEST_STEP_MILLIS = 60_000;

    private final StepThread steps;

    SchedulerVerticle(StepThread steps) {
        this.steps = steps;
    }

    @Override
    public Future<?> start() {
        steps.start();
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        steps.stop();
        return context.executeBlocking(() -> steps.join(LONGEST_STEP_MILLIS));
    }
}
