package dev.kvasir.engine.wire;

import dev.kvasir.pool.Wire.Channel;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** What a wire has counted. Thread-safe. */
final class WireCounters {
    private static final class PerChannel {
        private final LongAdder framesIn = new LongAdder();
        private final LongAdder framesOut = new LongAdder();
        private final LongAdder bytesIn = new LongAdder();
        private final LongAdder bytesOut = new LongAdder();
        private final LongAdder full = new LongAdder();
        private final LongAdder creditStalls = new LongAdder();

        WireStats.ChannelStats stats() {
            return new WireStats.ChannelStats(
                    framesIn.sum(), framesOut.sum(), bytesIn.sum(), bytesOut.sum(), full.sum(), creditStalls.sum());
        }
    }

    private final Map<Channel, PerChannel> channels = all(Channel.class, PerChannel::new);
    private final Map<Refused, LongAdder> refused = all(Refused.class, LongAdder::new);
    private final Map<Drop, LongAdder> dropped = all(Drop.class, LongAdder::new);
    private final Map<Integer, PerPeer> peers = new ConcurrentHashMap<>();
    private final LongAdder links = new LongAdder();
    private final LongAdder reconnects = new LongAdder();
    private final LongAdder lost = new LongAdder();
    private final LongAdder silent = new LongAdder();
    private final LongAdder givenUp = new LongAdder();

    /** Bytes of frames from and to one node. */
    private static final class PerPeer {
        private final Map<Channel, LongAdder> in = all(Channel.class, LongAdder::new);
        private final Map<Channel, LongAdder> out = all(Channel.class, LongAdder::new);
    }

    private static <K extends Enum<K>, V> Map<K, V> all(Class<K> keys, Supplier<V> value) {
        Map<K, V> map = new EnumMap<>(keys);
        for (K key : keys.getEnumConstants()) {
            map.put(key, value.get());
        }
        return map;
    }

    private PerChannel of(Channel channel) {
        return get(channels, channel);
    }

    private static <K, V> V get(Map<K, V> map, K key) {
        V value = map.get(key);
        if (value == null) {
            throw new IllegalStateException("nothing counts " + key);
        }
        return value;
    }

    void onFrameIn(int peer, Channel channel, int bytes) {
        of(channel).framesIn.increment();
        of(channel).bytesIn.add(bytes);
        get(peer(peer).in, channel).add(bytes);
    }

    void onFrameOut(int peer, Channel channel, int bytes) {
        of(channel).framesOut.increment();
        of(channel).bytesOut.add(bytes);
        get(peer(peer).out, channel).add(bytes);
    }

    private PerPeer peer(int number) {
        return peers.computeIfAbsent(number, node -> new PerPeer());
    }

    /** Forgets a node that has left for good. */
    void forget(int peer) {
        peers.remove(peer);
    }

    /** Returns by node's number what came from there and went there. */
    Map<Integer, Traffic> traffic() {
        Map<Integer, Traffic> traffic = new HashMap<>();
        peers.forEach((node, bytes) ->
                traffic.put(node, new Traffic(sums(Channel.class, bytes.in), sums(Channel.class, bytes.out))));
        return traffic;
    }

    void onFull(Channel channel) {
        of(channel).full.increment();
    }

    void onCreditStall(Channel channel) {
        of(channel).creditStalls.increment();
    }

    void onRefused(Refused reason) {
        get(refused, reason).increment();
    }

    void onDropped(Drop reason) {
        get(dropped, reason).increment();
    }

    void onLink(boolean again) {
        links.increment();
        if (again) {
            reconnects.increment();
        }
    }

    void onLost() {
        lost.increment();
    }

    void onSilent() {
        silent.increment();
    }

    void onGivenUp(int frames) {
        givenUp.add(frames);
    }

    /** @param up links that there are now */
    WireStats stats(int up) {
        Map<Channel, WireStats.ChannelStats> byChannel = new EnumMap<>(Channel.class);
        channels.forEach((channel, counts) -> byChannel.put(channel, counts.stats()));
        return new WireStats(
                up,
                links.sum(),
                reconnects.sum(),
                lost.sum(),
                silent.sum(),
                givenUp.sum(),
                byChannel,
                sums(Refused.class, refused),
                sums(Drop.class, dropped));
    }

    private static <K extends Enum<K>> Map<K, Long> sums(Class<K> keys, Map<K, LongAdder> counts) {
        Map<K, Long> sums = new EnumMap<>(keys);
        counts.forEach((key, count) -> sums.put(key, count.sum()));
        return sums;
    }
}
