package dev.kvasir.engine.wire;

import io.vertx.core.Vertx;

/** Runs things later, on the event loop from which it is asked to. */
final class Timers {
    /** Something that is to run, once. */
    interface Timer {
        /** Has it not run, if it hasn't. */
        void cancel();
    }

    private final Vertx vertx;

    Timers(Vertx vertx) {
        this.vertx = vertx;
    }

    Timer after(long millis, Runnable what) {
        long id = vertx.setTimer(Math.max(1, millis), ignored -> what.run());
        return () -> vertx.cancelTimer(id);
    }
}
