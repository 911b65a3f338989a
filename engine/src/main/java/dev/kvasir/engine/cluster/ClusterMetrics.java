package dev.kvasir.engine.cluster;

import dev.kvasir.engine.cluster.ClusterCounters.Count;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;

/** The numbers of the cluster's metadata. */
public final class ClusterMetrics {
    private static final String DROPPED = "DROPPED_";

    private ClusterMetrics() {}

    /** Registers everything; what is counted is read when somebody scrapes. */
    public static void bind(MeterRegistry registry, ClusterNode node) {
        Gauge.builder("kvasir.cluster.peers", node, ClusterNode::peers)
                .description("other nodes that serve the same model")
                .register(registry);
        for (Count count : Count.values()) {
            if (count.name().startsWith(DROPPED)) {
                String reason = count.name().substring(DROPPED.length()).toLowerCase(Locale.ROOT);
                counter(
                        registry,
                        node,
                        count,
                        "kvasir.cluster.dropped",
                        "messages and entries of other members that were no good, by reason",
                        Tags.of("reason", reason));
            } else {
                String name = count.name().toLowerCase(Locale.ROOT).replace('_', '.');
                counter(registry, node, count, "kvasir.cluster." + name, "events of the directory", Tags.empty());
            }
        }
    }

    private static void counter(
            MeterRegistry registry, ClusterNode node, Count count, String name, String what, Tags tags) {
        FunctionCounter.builder(name, node, n -> n.counters().get(count))
                .description(what)
                .tags(tags)
                .register(registry);
    }
}
