package dev.kvasir.pool.group;

import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.group.GroupMessage.End;
import dev.kvasir.pool.group.GroupMessage.Invite;
import dev.kvasir.pool.group.GroupMessage.Join;
import dev.kvasir.pool.group.GroupMessage.Lent;
import dev.kvasir.pool.group.GroupMessage.Start;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;

/**
 * Turns messages of groups into bytes and back: a byte for the kind, leader and number of the group, then the fields in order, little-endian, arrays after their length.
 * Stateless. Nothing is believed about lengths.
 */
final class GroupCodec {
    private static final byte INVITE = 1;
    private static final byte JOIN = 2;
    private static final byte START = 3;
    private static final byte LENT = 4;
    private static final byte END = 5;
    private static final int HEAD_BYTES = 1 + Integer.BYTES + Long.BYTES;

    private GroupCodec() {}

    static ByteBuffer encode(GroupMessage message) {
        ByteBuffer to;
        if (message instanceof Invite invite) {
            Shares shares = invite.shares();
            int[] members =
                    shares.members().stream().mapToInt(Integer::intValue).toArray();
            to = buffer(
                    INVITE,
                    message,
                    SegmentId.BYTES + 3 * Integer.BYTES + bytes(members.length) + bytes(invite.tokens().length));
            to.put(invite.root().bytes())
                    .putInt(shares.first())
                    .putInt(shares.last())
                    .putInt(shares.rounds());
            put(members, to);
            put(invite.tokens(), to);
        } else if (message instanceof Lent lent) {
            to = buffer(LENT, message, Integer.BYTES + 1 + Long.BYTES + bytes(lent.slots().length));
            to.putInt(lent.share()).put((byte) (lent.sealed() ? 1 : 0)).putLong(lent.loan());
            put(lent.slots(), to);
        } else {
            byte kind = message instanceof Join ? JOIN : message instanceof Start ? START : END;
            to = buffer(kind, message, 0);
        }
        return to.flip();
    }

    /** Reads a message; empty if it is none. */
    static Optional<GroupMessage> decode(ByteBuffer frame) {
        ByteBuffer from = frame.slice().order(ByteOrder.LITTLE_ENDIAN);
        try {
            byte kind = from.get();
            GroupId group = new GroupId(from.getInt(), from.getLong());
            GroupMessage message =
                    switch (kind) {
                        case INVITE -> invite(group, from);
                        case JOIN -> new Join(group);
                        case START -> new Start(group);
                        case LENT -> new Lent(group, from.getInt(), bool(from.get()), from.getLong(), ints(from));
                        case END -> new End(group);
                        default -> throw new IllegalArgumentException("no such kind");
                    };
            return from.hasRemaining() ? Optional.empty() : Optional.of(message);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Invite invite(GroupId group, ByteBuffer from) {
        byte[] root = new byte[SegmentId.BYTES];
        from.get(root);
        int first = from.getInt();
        int last = from.getInt();
        int rounds = from.getInt();
        int[] members = ints(from);
        Shares shares = new Shares(Arrays.stream(members).boxed().toList(), first, last, rounds);
        return new Invite(group, SegmentId.of(root), shares, ints(from));
    }

    private static ByteBuffer buffer(byte kind, GroupMessage message, int bytes) {
        return ByteBuffer.allocate(HEAD_BYTES + bytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(kind)
                .putInt(message.group().leader())
                .putLong(message.group().number());
    }

    private static int bytes(int values) {
        return Integer.BYTES + values * Integer.BYTES;
    }

    private static void put(int[] values, ByteBuffer to) {
        to.putInt(values.length);
        for (int value : values) {
            to.putInt(value);
        }
    }

    private static boolean bool(byte value) {
        if (value != 0 && value != 1) {
            throw new IllegalArgumentException("neither true nor false: " + value);
        }
        return value == 1;
    }

    /** The count is checked against what is left of the frame before anything is allocated for it. */
    private static int[] ints(ByteBuffer from) {
        int count = from.getInt();
        if (count < 0 || (long) count * Integer.BYTES > from.remaining()) {
            throw new IllegalArgumentException(count + " values aren't in " + from.remaining() + " bytes");
        }
        int[] values = new int[count];
        for (int i = 0; i < count; i++) {
            values[i] = from.getInt();
        }
        return values;
    }
}
