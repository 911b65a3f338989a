package dev.kvasir.engine.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.ArrayList;
import java.util.List;

/** The registry, with the JVM's and HTTP's numbers. Thread-safe. */
public final class Metrics implements AutoCloseable {
    /** Content type of {@link #scrape}. */
    public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<AutoCloseable> closeables = new ArrayList<>();

    public Metrics() {
        JvmGcMetrics gc = new JvmGcMetrics();
        closeables.add(gc);
        for (MeterBinder binder : List.of(
                gc, new JvmMemoryMetrics(), new JvmThreadMetrics(), new ProcessorMetrics(), new UptimeMetrics())) {
            binder.bindTo(registry);
        }
    }

    /** Returns the registry. */
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /**
     * Counts an answered HTTP request.
     *
     * @param handler the route's name, one of few: never what a client sent
     */
    public void httpRequest(String handler, String method, int status) {
        Counter.builder("kvasir.http.requests")
                .description("HTTP requests answered")
                .tag("handler", handler)
                .tag("method", method)
                .tag("status", String.valueOf(status))
                .register(registry)
                .increment();
    }

    /**
     * Counts what became of a file that had changed.
     *
     * @param what it is for, one of few
     * @param taken whether it was any good
     */
    public void reloaded(String what, boolean taken) {
        Counter.builder("kvasir.reloads")
                .description("files that had changed and were taken or refused")
                .tag("what", what)
                .tag("result", taken ? "taken" : "refused")
                .register(registry)
                .increment();
    }

    /**
     * Counts a request that was refused since its key has asked for more than it may.
     *
     * @param limit which limit, one of few
     */
    public void limited(String limit) {
        Counter.builder("kvasir.rate.limited")
                .description("requests refused by a key's limits")
                .tag("limit", limit)
                .register(registry)
                .increment();
    }

    /** Returns everything in Prometheus' text format. */
    public String scrape() {
        return registry.scrape(CONTENT_TYPE);
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable closeable : closeables) {
            closeable.close();
        }
        registry.close();
    }
}
