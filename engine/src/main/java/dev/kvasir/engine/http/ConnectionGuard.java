package dev.kvasir.engine.http;

import dev.kvasir.engine.config.HttpSettings;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds connections: how many there are, and how long one may stay with nothing to do. A connection that is sending a request's
 * head, however slowly, has nothing to do yet. Confined to its event loop, apart from the count.
 */
final class ConnectionGuard {
    private final AtomicInteger open;
    private final int limit;
    private final long idleNanos;
    private final Map<HttpConnection, State> connections = new HashMap<>();

    /** What a connection is doing. */
    private static final class State {
        int requests;
        long idleSince = System.nanoTime();
    }

    /**
     * Creates the guard of one event loop.
     *
     * @param open connections of all event loops
     */
    ConnectionGuard(Vertx vertx, AtomicInteger open, HttpSettings settings) {
        this.open = open;
        this.limit = settings.maxConnections();
        this.idleNanos = TimeUnit.SECONDS.toNanos(settings.idleSeconds());
        vertx.setPeriodic(1000, t -> closeIdle());
    }

    void onConnection(HttpConnection connection) {
        if (open.incrementAndGet() > limit) {
            open.decrementAndGet();
            connection.close();
            return;
        }
        connections.put(connection, new State());
        connection.closeHandler(v -> {
            connections.remove(connection);
            open.decrementAndGet();
        });
    }

    void busy(HttpConnection connection) {
        State state = connections.get(connection);
        if (state != null) {
            state.requests++;
        }
    }

    void idle(HttpConnection connection) {
        State state = connections.get(connection);
        if (state != null && --state.requests == 0) {
            state.idleSince = System.nanoTime();
        }
    }

    private void closeIdle() {
        long now = System.nanoTime();
        List<HttpConnection> idle = new ArrayList<>();
        connections.forEach((connection, state) -> {
            if (state.requests == 0 && now - state.idleSince >= idleNanos) {
                idle.add(connection);
            }
        });
        idle.forEach(HttpConnection::close);
    }
}
