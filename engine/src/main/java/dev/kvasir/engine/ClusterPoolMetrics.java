package dev.kvasir.engine;

import dev.kvasir.pool.cluster.ClusterPoolStats;
import dev.kvasir.runner.remote.Queries;
import dev.kvasir.runner.remote.QueryServer;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The numbers of what a node has to do with other nodes' segments. Thread-safe. */
final class ClusterPoolMetrics {
    private static final double NANOS = 1e9;

    private final MeterRegistry registry;
    private final Tags tags;

    private ClusterPoolMetrics(MeterRegistry registry, String model) {
        this.registry = registry;
        this.tags = Tags.of("model_name", model);
    }

    /**
     * Registers all of them.
     *
     * @param pool the pool's counts, a snapshot
     */
    static void register(
            MeterRegistry registry,
            String model,
            Supplier<ClusterPoolStats> pool,
            Queries queries,
            QueryServer server) {
        ClusterPoolMetrics metrics = new ClusterPoolMetrics(registry, model);
        metrics.pool(pool);
        metrics.queries(queries, server);
    }

    private void pool(Supplier<ClusterPoolStats> pool) {
        counter("kvasir.pool.borrowed", "segments that other nodes have lent", tags, pool, s -> s.get()
                .borrowed());
        counter("kvasir.pool.borrowed.lost", "of these, gone while used", tags, pool, s -> s.get()
                .lost());
        counter("kvasir.pool.lent", "segments lent to other nodes", tags, pool, s -> s.get()
                .lent());
        Gauge.builder("kvasir.pool.lent.slots", pool, s -> s.get().lentSlots())
                .description("slots that are lent now")
                .tags(tags)
                .register(registry);
        String reads = "holders asked for what they have of a prompt, by how it is read";
        counter("kvasir.pool.reads", reads, tags.and("way", "query"), pool, s -> s.get()
                .askedForLoans());
        counter("kvasir.pool.reads", reads, tags.and("way", "fetch"), pool, s -> s.get()
                .askedForCopies());
        counter("kvasir.pool.sent", "segments sent to other nodes", tags, pool, s -> s.get()
                .sent());
        counter("kvasir.pool.sent.bytes", "bytes of these", tags, pool, s -> s.get()
                .sentBytes());
        counter("kvasir.pool.sent.failed", "transfers that came to nothing", tags, pool, s -> s.get()
                .sendsFailed());
    }

    private void queries(Queries queries, QueryServer server) {
        counter("kvasir.queries", "queries sent to other nodes", tags, queries, q -> q.counts()
                .sent());
        String bytes = "bytes of queries and of their answers, by direction";
        counter("kvasir.queries.bytes", bytes, tags.and("direction", "out"), queries, q -> q.counts()
                .sentBytes());
        counter("kvasir.queries.bytes", bytes, tags.and("direction", "in"), queries, q -> q.counts()
                .receivedBytes());
        counter("kvasir.queries.failed", "queries without a result", tags, queries, q -> q.counts()
                .failed());
        counter(
                "kvasir.queries.wait.seconds",
                "time that steps have waited for answers after their own part",
                tags,
                queries,
                q -> q.counts().waitNanos() / NANOS);
        String answered = "queries of other nodes, by outcome";
        counter("kvasir.queries.served", answered, tags.and("outcome", "answered"), server, QueryServer::answered);
        counter("kvasir.queries.served", answered, tags.and("outcome", "refused"), server, QueryServer::refused);
        counter(
                "kvasir.queries.postponed",
                "queries of other nodes that came before the step had written what they ask for",
                tags,
                server,
                QueryServer::postponed);
    }

    private <T> void counter(String name, String what, Tags all, T of, ToDoubleFunction<T> value) {
        FunctionCounter.builder(name, of, value).description(what).tags(all).register(registry);
    }
}
