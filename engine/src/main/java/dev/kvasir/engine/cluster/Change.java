package dev.kvasir.engine.cluster;

import dev.kvasir.pool.SegmentId;
import java.nio.ByteBuffer;

/** What one node says of one segment. */
record Change(SegmentId id, Kind kind) {
    static final int BYTES = SegmentId.BYTES + 1;

    /** What becomes of it there. */
    enum Kind {
        WITHDRAWN,
        HELD,
        REPLICA
    }

    static Change held(SegmentId id, boolean replica) {
        return new Change(id, replica ? Kind.REPLICA : Kind.HELD);
    }

    static Change read(ByteBuffer from) {
        SegmentId id = new SegmentId(from.getLong(), from.getLong(), from.getLong(), from.getLong());
        return new Change(id, Kind.values()[from.get()]);
    }

    void write(ByteBuffer to) {
        to.putLong(id.w0()).putLong(id.w1()).putLong(id.w2()).putLong(id.w3()).put((byte) kind.ordinal());
    }

    /** Makes the change; returns whether it was one. */
    boolean applyTo(HeldSet set) {
        return kind == Kind.WITHDRAWN ? set.remove(id) : set.put(id, kind == Kind.REPLICA);
    }
}
