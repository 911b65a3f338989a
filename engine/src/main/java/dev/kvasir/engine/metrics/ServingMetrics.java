package dev.kvasir.engine.metrics;

import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.SchedulerStats;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The numbers of one served model. Thread-safe. */
public final class ServingMetrics {
    /** How a request ended, as its client saw it. */
    public enum Outcome {
        STOP,
        LENGTH,
        ABORT,
        ERROR
    }

    private final MeterRegistry registry;
    private final Tags model;
    private final Timer firstToken;
    private final Timer interToken;
    private final Timer endToEnd;
    private final Timer queue;
    private final Timer prefill;
    private final Timer decode;
    private final Map<Outcome, Counter> ended = new EnumMap<>(Outcome.class);
    private final List<TierMetrics> tiers;
    private final Latencies latencies = new Latencies();

    /**
     * Registers everything.
     *
     * @param stats the scheduler's counts, read when somebody scrapes
     */
    public ServingMetrics(MeterRegistry registry, String modelName, Supplier<SchedulerStats> stats) {
        this.registry = registry;
        this.model = Tags.of("model_name", modelName);
        firstToken = timer("kvasir.time.to.first.token", "arrival to first token", Buckets.FIRST_TOKEN);
        interToken = timer("kvasir.inter.token.latency", "gap between two tokens of a request", Buckets.INTER_TOKEN);
        endToEnd = timer("kvasir.e2e.request.latency", "arrival to end", Buckets.REQUEST);
        queue = timer("kvasir.request.queue.time", "arrival to first scheduling", Buckets.REQUEST);
        prefill = timer("kvasir.request.prefill.time", "first scheduling to first token", Buckets.REQUEST);
        decode = timer("kvasir.request.decode.time", "first token to end", Buckets.REQUEST);
        for (Outcome outcome : Outcome.values()) {
            String reason = outcome.name().toLowerCase(Locale.ROOT);
            ended.put(
                    outcome,
                    Counter.builder("kvasir.request.success")
                            .description("requests ended, by reason")
                            .tags(model.and("finished_reason", reason))
                            .register(registry));
        }
        bind(stats);
        tiers = stats.get().tiers().stream()
                .map(report -> new TierMetrics(registry, model, report.tier(), stats))
                .toList();
    }

    /** Makes what has only now come up be counted, such as a new reason of failure. To be called before a scrape. */
    public void refresh() {
        tiers.forEach(TierMetrics::discoverFailures);
    }

    /** Returns the times of the last minute. */
    public Latencies latencies() {
        return latencies;
    }

    private void bind(Supplier<SchedulerStats> stats) {
        gauge("kvasir.num.requests.running", "requests that run", stats, SchedulerStats::running);
        gauge("kvasir.num.requests.waiting", "requests that wait", stats, SchedulerStats::waiting);
        counter("kvasir.num.preemptions", "sequences that lost their slots", stats, SchedulerStats::preemptions);
        counter("kvasir.prompt.tokens", "prompt tokens admitted", stats, SchedulerStats::promptTokens);
        counter("kvasir.generation.tokens", "tokens generated", stats, SchedulerStats::generatedTokens);
        counter("kvasir.steps", "steps that computed something", stats, SchedulerStats::steps);
        counter("kvasir.step.seconds", "time of all steps", stats, s -> s.stepNanos() / 1e9);
        counter("kvasir.runner.seconds", "of this, inside the model runner", stats, s -> s.runnerNanos() / 1e9);
    }

    /** Records the time between two tokens of a request. */
    public void interToken(long nanos) {
        interToken.record(nanos, TimeUnit.NANOSECONDS);
        latencies.record(Latencies.Kind.INTER_TOKEN, nanos);
    }

    /** Records a request that ended. */
    public void requestEnded(RequestStats stats, Outcome outcome) {
        Counter counter = ended.get(outcome);
        if (counter != null) {
            counter.increment();
        }
        between(endToEnd, stats.arrivalNanos(), stats.finishedNanos());
        latencies.record(Latencies.Kind.END_TO_END, stats.finishedNanos() - stats.arrivalNanos());
        if (stats.scheduledNanos() != 0) {
            between(queue, stats.arrivalNanos(), stats.scheduledNanos());
        }
        if (stats.firstTokenNanos() != 0) {
            between(firstToken, stats.arrivalNanos(), stats.firstTokenNanos());
            latencies.record(Latencies.Kind.FIRST_TOKEN, stats.firstTokenNanos() - stats.arrivalNanos());
            between(prefill, stats.scheduledNanos(), stats.firstTokenNanos());
            between(decode, stats.firstTokenNanos(), stats.finishedNanos());
        }
    }

    private static void between(Timer timer, long fromNanos, long toNanos) {
        timer.record(Math.max(0, toNanos - fromNanos), TimeUnit.NANOSECONDS);
    }

    private Timer timer(String name, String what, Duration[] buckets) {
        return Timer.builder(name)
                .description(what)
                .tags(model)
                .serviceLevelObjectives(buckets)
                .register(registry);
    }

    private void gauge(
            String name, String what, Supplier<SchedulerStats> stats, ToDoubleFunction<SchedulerStats> value) {
        Gauge.builder(name, () -> value.applyAsDouble(stats.get()))
                .description(what)
                .tags(model)
                .register(registry);
    }

    private void counter(
            String name, String what, Supplier<SchedulerStats> stats, ToDoubleFunction<SchedulerStats> value) {
        FunctionCounter.builder(name, stats, s -> value.applyAsDouble(s.get()))
                .description(what)
                .tags(model)
                .register(registry);
    }
}
