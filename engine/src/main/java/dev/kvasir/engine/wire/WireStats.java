package dev.kvasir.engine.wire;

import dev.kvasir.pool.Wire.Channel;
import java.util.Map;
import java.util.Objects;

/**
 * What a wire has counted since it was made.
 *
 * @param up links that there are now
 * @param links links that there have been
 * @param reconnects of these, links to a node that there had been one to before
 * @param lost links that broke, whoever's doing it was
 * @param silent of these, links that were given up because the node didn't answer
 * @param givenUp frames that were accepted and given back unsent
 * @param channels frames and bytes, for every channel
 * @param refused connections that never became links, for every reason
 * @param dropped what came over links and was dropped, for every reason
 */
public record WireStats(
        int up,
        long links,
        long reconnects,
        long lost,
        long silent,
        long givenUp,
        Map<Channel, ChannelStats> channels,
        Map<Refused, Long> refused,
        Map<Drop, Long> dropped) {
    public WireStats {
        channels = Map.copyOf(channels);
        refused = Map.copyOf(refused);
        dropped = Map.copyOf(dropped);
    }

    /**
     * What one channel has carried.
     *
     * @param framesIn frames that came whole
     * @param framesOut frames of which the last byte was handed to the socket
     * @param bytesIn of the frames that came, without what the wire adds
     * @param bytesOut of the frames that went out, without what the wire adds
     * @param full frames that weren't accepted because too much waited or there was no link
     * @param creditStalls how often frames had to wait until the other side had taken earlier ones
     */
    public record ChannelStats(
            long framesIn, long framesOut, long bytesIn, long bytesOut, long full, long creditStalls) {}

    /** Returns what a channel has carried. */
    public ChannelStats channel(Channel channel) {
        return Objects.requireNonNull(channels.get(channel));
    }

    /** Returns how many connections were refused for a reason. */
    public long refused(Refused reason) {
        return Objects.requireNonNull(refused.get(reason));
    }

    /** Returns how much was dropped for a reason. */
    public long dropped(Drop reason) {
        return Objects.requireNonNull(dropped.get(reason));
    }
}
