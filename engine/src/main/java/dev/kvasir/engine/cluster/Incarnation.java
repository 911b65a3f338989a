package dev.kvasir.engine.cluster;

import java.nio.ByteBuffer;
import java.util.UUID;

/** A node from its start to its end: its number, and 128 random bits that tell if another had the same number. */
record Incarnation(int node, UUID life) {
    static final int BYTES = Integer.BYTES + 2 * Long.BYTES;

    Incarnation {
        if (node < 1) {
            throw new IllegalArgumentException("no node has the number " + node);
        }
    }

    static Incarnation read(ByteBuffer from) {
        return new Incarnation(from.getInt(), readUuid(from));
    }

    void write(ByteBuffer to) {
        to.putInt(node);
        write(to, life);
    }

    static UUID readUuid(ByteBuffer from) {
        return new UUID(from.getLong(), from.getLong());
    }

    static void write(ByteBuffer to, UUID uuid) {
        to.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
    }
}
