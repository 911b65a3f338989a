package dev.kvasir.engine.dashboard;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** Has the dashboard look at everything once a second. */
public final class DashboardVerticle extends VerticleBase {
    private static final long PERIOD_MILLIS = 1000;

    private final Dashboard dashboard;

    public DashboardVerticle(Dashboard dashboard) {
        this.dashboard = dashboard;
    }

    @Override
    public Future<?> start() {
        vertx.setPeriodic(PERIOD_MILLIS, timer -> dashboard.tick());
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        dashboard.close();
        return Future.succeededFuture();
    }
}
