package dev.kvasir.engine.wire;

import dev.kvasir.pool.Wire.Channel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What the two ends of a link say to each other about the link. Little-endian: a type of one byte, then what it has. */
sealed interface ControlMessage {
    /** Longest one, in bytes. */
    int MAX_BYTES = 16;

    /** Says that the other side was let in. */
    record Ready() implements ControlMessage {}

    /** Asks for an answer. */
    record Ping(long id) implements ControlMessage {}

    /** Answers a ping, and with it all before it. */
    record Pong(long id) implements ControlMessage {}

    /**
     * Allows to send more.
     *
     * @param bytes more than 0
     */
    record Credit(Channel channel, int bytes) implements ControlMessage {}

    /** Returns the message as bytes, in an array's buffer. */
    default ByteBuffer encode() {
        ByteBuffer to = ByteBuffer.allocate(MAX_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        if (this instanceof Ping ping) {
            to.put((byte) 1).putLong(ping.id());
        } else if (this instanceof Pong pong) {
            to.put((byte) 2).putLong(pong.id());
        } else if (this instanceof Credit credit) {
            to.put((byte) 3).put((byte) credit.channel().ordinal()).putInt(credit.bytes());
        } else {
            to.put((byte) 0);
        }
        return to.flip();
    }

    /** Reads one. */
    static ControlMessage decode(ByteBuffer text) throws DroppedException {
        ByteBuffer from = text.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (!from.hasRemaining()) {
            throw bad("none");
        }
        int type = from.get();
        int length = from.remaining();
        switch (type) {
            case 0 -> {
                if (length == 0) {
                    return new Ready();
                }
            }
            case 1 -> {
                if (length == Long.BYTES) {
                    return new Ping(from.getLong());
                }
            }
            case 2 -> {
                if (length == Long.BYTES) {
                    return new Pong(from.getLong());
                }
            }
            case 3 -> {
                if (length == 1 + Integer.BYTES) {
                    return credit(from.get(), from.getInt());
                }
            }
            default -> throw bad("type " + type);
        }
        throw bad("type " + type + " with " + length + " bytes");
    }

    private static Credit credit(int channel, int bytes) throws DroppedException {
        if (channel < 0 || channel >= Channel.values().length || bytes <= 0) {
            throw bad("credit of " + bytes + " bytes for channel " + channel);
        }
        return new Credit(Channel.values()[channel], bytes);
    }

    private static DroppedException bad(String what) {
        return new DroppedException(Drop.BAD_CONTROL, "control message: " + what);
    }
}
