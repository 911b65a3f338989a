package dev.kvasir.engine.routing;

import dev.kvasir.engine.routing.RoutingCounters.Count;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;

/** Registers the numbers of routing. */
public final class RoutingMetrics {
    private final MeterRegistry registry;
    private final RoutingCounters counters;

    private RoutingMetrics(MeterRegistry registry, RoutingCounters counters) {
        this.registry = registry;
        this.counters = counters;
    }

    /** Registers them all. */
    public static void bind(MeterRegistry registry, RoutedScheduler scheduler) {
        RoutingMetrics metrics = new RoutingMetrics(registry, scheduler.counters());
        Tags policy = Tags.of("policy", scheduler.policy());
        String routed = "kvasir.routing.requests";
        metrics.count(routed, "requests by the node that ran them", policy.and("target", "here"), Count.ROUTED_HERE);
        metrics.count(routed, "requests by the node that ran them", policy.and("target", "away"), Count.ROUTED_AWAY);
        metrics.count("kvasir.routing.attempts", "requests sent to other nodes", Tags.empty(), Count.ATTEMPTS);
        metrics.count("kvasir.routing.resumes", "requests gone on elsewhere", Tags.empty(), Count.RESUMES);
        metrics.count("kvasir.routing.relayed.tokens", "tokens of other nodes", Tags.empty(), Count.RELAYED_TOKENS);
        metrics.count("kvasir.routing.served", "requests run for other nodes", Tags.empty(), Count.SERVED);
        metrics.count("kvasir.routing.orphans", "of these, left by their front", Tags.empty(), Count.ORPHANS);
        metrics.count("kvasir.routing.given.up", "requests that no node could run", Tags.empty(), Count.GIVEN_UP);
        for (Count count : Count.values()) {
            String name = count.name().toLowerCase(Locale.ROOT);
            if (name.startsWith("dropped_")) {
                metrics.count("kvasir.routing.dropped", "messages dropped", reason(name, "dropped_"), count);
            } else if (name.startsWith("failed_")) {
                metrics.count("kvasir.routing.failed.attempts", "attempts lost", reason(name, "failed_"), count);
            } else if (count == Count.REFUSED || count == Count.HANDED_BACK) {
                metrics.count("kvasir.routing.returned", "attempts that workers didn't end", reason(name, ""), count);
            }
        }
        Gauge.builder("kvasir.routing.live", scheduler, RoutedScheduler::live)
                .description("requests of this node's door, wherever they run")
                .register(registry);
        Gauge.builder("kvasir.routing.placing", scheduler, RoutedScheduler::placing)
                .description("of these, requests that look for a node")
                .register(registry);
    }

    private static Tags reason(String name, String prefix) {
        return Tags.of("reason", name.substring(prefix.length()));
    }

    private void count(String name, String what, Tags tags, Count count) {
        FunctionCounter.builder(name, counters, c -> c.get(count))
                .description(what)
                .tags(tags)
                .register(registry);
    }
}
