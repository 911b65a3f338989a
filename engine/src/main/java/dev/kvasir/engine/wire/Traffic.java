package dev.kvasir.engine.wire;

import dev.kvasir.pool.Wire.Channel;
import java.util.Map;

/** Bytes of frames between this node and another one since the link's beginning, by channel, without what the wire adds. */
public record Traffic(Map<Channel, Long> in, Map<Channel, Long> out) {
    public Traffic {
        in = Map.copyOf(in);
        out = Map.copyOf(out);
    }
}
