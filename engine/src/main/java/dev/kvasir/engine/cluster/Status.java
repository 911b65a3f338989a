package dev.kvasir.engine.cluster;

import dev.kvasir.engine.cluster.HeldSet.Checksum;
import dev.kvasir.engine.config.ClusterSettings.Role;
import dev.kvasir.pool.NodeStatus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * What a node says of itself about once a second; an entry of the map {@code kvasir.nodes}, big-endian.
 *
 * <pre>
 * version 1 | number 4 | life 16 | sequence 8 | member 16 | model 32 | role 1 | flags 1 | slots, free, running, waiting 16 | access rate 8
 * | delta 8 | held 4 | sum of held 8 | length of host 1 | host | port 2 | seal 16
 * </pre>
 *
 * @param incarnation who says it
 * @param sequence greater by at least one each time
 * @param member Hazelcast's name of the process, another one after a merge
 * @param model digest of what must be the same for segments to be of use; handed over
 * @param role what the node does
 * @param leaving whether it is about to end: it's gone already
 * @param status how it is
 * @param delta number of the last delta that it has sent
 * @param held what it holds after that
 * @param address where its data plane listens
 */
record Status(
        Incarnation incarnation,
        long sequence,
        UUID member,
        byte[] model,
        Role role,
        boolean leaving,
        NodeStatus status,
        long delta,
        Checksum held,
        NodeAddress address) {
    static final int MODEL_BYTES = 32;

    private static final int FIXED = 1 + Incarnation.BYTES + 8 + 16 + MODEL_BYTES + 2 + 16 + 8 + 8 + 4 + 8 + 1 + 2;
    static final int SHORTEST = FIXED + 1 + Seal.BYTES;
    static final int LONGEST = FIXED + NodeAddress.LONGEST_HOST + Seal.BYTES;

    private static final byte VERSION = 1;
    private static final int CAN_COMPUTE = 1;
    private static final int DRAINING = 2;
    private static final int LEAVING = 4;

    byte[] encode(Seal seal) {
        byte[] host = address.host().getBytes(StandardCharsets.US_ASCII);
        ByteBuffer to = ByteBuffer.allocate(FIXED + host.length + Seal.BYTES).put(VERSION);
        incarnation.write(to);
        to.putLong(sequence);
        Incarnation.write(to, member);
        to.put(model);
        int flags =
                (status.canCompute() ? CAN_COMPUTE : 0) | (status.draining() ? DRAINING : 0) | (leaving ? LEAVING : 0);
        to.put((byte) role.ordinal()).put((byte) flags);
        to.putInt(status.slots())
                .putInt(status.freeSlots())
                .putInt(status.running())
                .putInt(status.waiting());
        to.putDouble(status.accessRate());
        to.putLong(delta).putInt(held.count()).putLong(held.sum());
        to.put((byte) host.length).put(host).putShort((short) address.port());
        return seal.close(to);
    }

    /**
     * Reads one.
     *
     * @throws RefusedException if it is none, or not sealed
     */
    static Status decode(byte[] bytes, Seal seal) throws RefusedException {
        ByteBuffer from = RefusedException.open(bytes, SHORTEST, LONGEST, VERSION, seal, new byte[0]);
        try {
            Incarnation incarnation = Incarnation.read(from);
            long sequence = from.getLong();
            UUID member = Incarnation.readUuid(from);
            byte[] model = new byte[MODEL_BYTES];
            from.get(model);
            Role role = Role.values()[from.get()];
            int flags = from.get();
            NodeStatus status = new NodeStatus(
                    incarnation.node(),
                    from.getInt(),
                    from.getInt(),
                    from.getInt(),
                    from.getInt(),
                    from.getDouble(),
                    (flags & CAN_COMPUTE) != 0,
                    (flags & DRAINING) != 0);
            long delta = from.getLong();
            Checksum held = new Checksum(from.getInt(), from.getLong());
            byte[] host = new byte[from.get() & 0xff];
            from.get(host);
            NodeAddress address =
                    new NodeAddress(new String(host, StandardCharsets.US_ASCII), from.getShort() & 0xffff);
            RefusedException.checkEnd(from);
            return new Status(
                    incarnation, sequence, member, model, role, (flags & LEAVING) != 0, status, delta, held, address);
        } catch (RuntimeException e) {
            throw RefusedException.value(e);
        }
    }

    /** Returns whether the other serves the same model. */
    boolean isOfModel(byte[] other) {
        return Arrays.equals(model, other);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Status that
                && incarnation.equals(that.incarnation)
                && sequence == that.sequence
                && member.equals(that.member)
                && Arrays.equals(model, that.model)
                && role == that.role
                && leaving == that.leaving
                && status.equals(that.status)
                && delta == that.delta
                && held.equals(that.held)
                && address.equals(that.address);
    }

    @Override
    public int hashCode() {
        return incarnation.hashCode() * 31 + Long.hashCode(sequence);
    }

    @Override
    public String toString() {
        return "Status[" + status + ", sequence " + sequence + ", delta " + delta + ", " + held + ", " + address + "]";
    }
}
