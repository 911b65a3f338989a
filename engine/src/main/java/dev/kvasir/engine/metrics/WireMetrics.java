package dev.kvasir.engine.metrics;

import dev.kvasir.engine.wire.Drop;
import dev.kvasir.engine.wire.Refused;
import dev.kvasir.engine.wire.WireStats;
import dev.kvasir.engine.wire.WireStats.ChannelStats;
import dev.kvasir.pool.Wire.Channel;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** The numbers of the data plane. Thread-safe. */
public final class WireMetrics {
    private final MeterRegistry registry;
    private final Tags tags;
    private final Supplier<WireStats> stats;

    /**
     * Registers everything.
     *
     * @param model what every number of the model is tagged with
     * @param stats the wire's counts, read when somebody scrapes
     */
    public WireMetrics(MeterRegistry registry, String model, Supplier<WireStats> stats) {
        this.registry = registry;
        this.tags = Tags.of("model_name", model);
        this.stats = stats;
        bindLinks();
        for (Channel channel : Channel.values()) {
            bindChannel(channel);
        }
        for (Refused reason : Refused.values()) {
            counter(
                    "kvasir.wire.refused",
                    "connections that never became links, by reason",
                    tags.and("reason", name(reason)),
                    s -> s.refused(reason));
        }
        for (Drop reason : Drop.values()) {
            counter(
                    "kvasir.wire.dropped",
                    "what came over links and was dropped, by reason",
                    tags.and("reason", name(reason)),
                    s -> s.dropped(reason));
        }
    }

    private void bindLinks() {
        Gauge.builder("kvasir.wire.links.up", () -> stats.get().up())
                .description("links to other nodes")
                .tags(tags)
                .register(registry);
        counter("kvasir.wire.links", "links that there have been", tags, WireStats::links);
        counter("kvasir.wire.reconnects", "links to a node that had one before", tags, WireStats::reconnects);
        counter("kvasir.wire.lost", "links that broke", tags, WireStats::lost);
        counter("kvasir.wire.silent", "links given up because the node didn't answer", tags, WireStats::silent);
        counter("kvasir.wire.given.up", "frames that were taken and given up unsent", tags, WireStats::givenUp);
    }

    private void bindChannel(Channel channel) {
        Tags all = tags.and("channel", name(channel));
        Tags in = all.and("direction", "in");
        Tags out = all.and("direction", "out");
        String frames = "frames, by channel and direction";
        String bytes = "bytes of frames, by channel and direction";
        channel("kvasir.wire.frames", frames, in, channel, ChannelStats::framesIn);
        channel("kvasir.wire.frames", frames, out, channel, ChannelStats::framesOut);
        channel("kvasir.wire.bytes", bytes, in, channel, ChannelStats::bytesIn);
        channel("kvasir.wire.bytes", bytes, out, channel, ChannelStats::bytesOut);
        channel(
                "kvasir.wire.full",
                "frames not taken because too much waited or there was no link",
                all,
                channel,
                ChannelStats::full);
        channel(
                "kvasir.wire.credit.stalls",
                "times that frames waited until the other side had taken earlier ones",
                all,
                channel,
                ChannelStats::creditStalls);
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private void channel(String name, String what, Tags all, Channel channel, ToDoubleFunction<ChannelStats> value) {
        counter(name, what, all, s -> value.applyAsDouble(s.channel(channel)));
    }

    private void counter(String name, String what, Tags all, ToDoubleFunction<WireStats> value) {
        FunctionCounter.builder(name, stats, s -> value.applyAsDouble(s.get()))
                .description(what)
                .tags(all)
                .register(registry);
    }
}
