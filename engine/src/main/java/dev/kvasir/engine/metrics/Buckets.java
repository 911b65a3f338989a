package dev.kvasir.engine.metrics;

import java.time.Duration;
import java.util.stream.DoubleStream;

/** Upper bounds of the histograms, in seconds; those of requests are vLLM's, so that its dashboards fit. */
final class Buckets {
    static final Duration[] FIRST_TOKEN = of(
            0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640,
            2560);
    static final Duration[] INTER_TOKEN =
            of(0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80);
    static final Duration[] REQUEST =
            of(0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680);
    static final Duration[] SEGMENT =
            of(0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400, 604800);

    private Buckets() {}

    private static Duration[] of(double... seconds) {
        return DoubleStream.of(seconds)
                .mapToObj(s -> Duration.ofNanos(Math.round(s * 1e9)))
                .toArray(Duration[]::new);
    }
}
