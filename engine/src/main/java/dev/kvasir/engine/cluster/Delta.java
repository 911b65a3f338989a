package dev.kvasir.engine.cluster;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a node holds since its last delta and no longer holds; a message on the event bus, big-endian.
 *
 * <pre>
 * version 1 | number 4 | life 16 | delta's number 8 | count 4 | count x (segment 32, kind 1) | seal 16
 * </pre>
 *
 * @param sequence its number: 1 for a node's first, then one more each time
 */
record Delta(Incarnation incarnation, long sequence, List<Change> changes) {
    /** Changes of one delta at most. */
    static final int MOST = 4096;

    private static final byte VERSION = 1;
    private static final int FIXED = 1 + Incarnation.BYTES + 8 + 4 + Seal.BYTES;
    static final int LONGEST = FIXED + MOST * Change.BYTES;

    Delta {
        changes = List.copyOf(changes);
        if (changes.size() > MOST || sequence < 1) {
            throw new IllegalArgumentException("delta " + sequence + " has " + changes.size() + " changes");
        }
    }

    byte[] encode(Seal seal) {
        ByteBuffer to =
                ByteBuffer.allocate(FIXED + changes.size() * Change.BYTES).put(VERSION);
        incarnation.write(to);
        to.putLong(sequence).putInt(changes.size());
        changes.forEach(change -> change.write(to));
        return seal.close(to);
    }

    /**
     * Reads one.
     *
     * @throws RefusedException if it is none, or not sealed
     */
    static Delta decode(byte[] bytes, Seal seal) throws RefusedException {
        ByteBuffer from = RefusedException.open(bytes, FIXED, LONGEST, VERSION, seal, new byte[0]);
        try {
            Incarnation incarnation = Incarnation.read(from);
            long sequence = from.getLong();
            int count = from.getInt();
            if (count < 0 || count * (long) Change.BYTES != from.remaining()) {
                throw new IllegalArgumentException(count + " changes in " + from.remaining() + " bytes");
            }
            List<Change> changes = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                changes.add(Change.read(from));
            }
            return new Delta(incarnation, sequence, changes);
        } catch (RuntimeException e) {
            throw RefusedException.value(e);
        }
    }
}
