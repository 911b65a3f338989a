package dev.kvasir.engine;

import dev.kvasir.pool.group.GroupStats;
import dev.kvasir.scheduler.elastic.ElasticChoice;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The numbers of prompts that several nodes compute together. Thread-safe. */
final class GroupMetrics {
    private GroupMetrics() {}

    /**
     * Registers all of them.
     *
     * @param groups their counts, a snapshot
     * @param choice what decides, null if nothing does
     */
    static void register(
            MeterRegistry registry, String model, Supplier<GroupStats> groups, @Nullable ElasticChoice choice) {
        Tags tags = Tags.of("model_name", model);
        String outcomes = "prompts that this node has had computed by several nodes, by what became of that";
        counter(registry, "kvasir.prefill.groups", outcomes, tags.and("outcome", "computed"), groups, s -> s.get()
                .computed());
        counter(registry, "kvasir.prefill.groups", outcomes, tags.and("outcome", "failed"), groups, s -> s.get()
                .failed());
        String joined = "prompts of other nodes that this one has computed a part of";
        counter(registry, "kvasir.prefill.groups.joined", joined, tags, groups, s -> s.get()
                .joined());
        String tokens = "tokens that this node has computed of prompts of several nodes";
        counter(registry, "kvasir.prefill.groups.tokens", tokens, tags, groups, s -> s.get()
                .sharedTokens());
        if (choice != null) {
            String decided = "long prompts, by how many nodes were to compute them";
            counter(
                    registry,
                    "kvasir.elastic.prompts",
                    decided,
                    tags.and("nodes", "one"),
                    choice,
                    ElasticChoice::alone);
            counter(
                    registry,
                    "kvasir.elastic.prompts",
                    decided,
                    tags.and("nodes", "several"),
                    choice,
                    ElasticChoice::together);
        }
    }

    private static <T> void counter(
            MeterRegistry registry, String name, String what, Tags tags, T of, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, of, value).description(what).tags(tags).register(registry);
    }
}
