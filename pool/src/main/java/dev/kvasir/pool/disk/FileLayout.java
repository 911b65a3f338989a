package dev.kvasir.pool.disk;

/** Where in the file things lie; see the package's picture. All positions and lengths are multiples of {@link #BLOCK_BYTES}. */
final class FileLayout {
    /** What disks and page caches write at once, and what unbuffered I/O asks for. */
    static final int BLOCK_BYTES = 4096;

    /** Headers that lie together: 256 KiB, enough to read them at the disk's full rate. */
    static final int GROUP_SLOTS = 64;

    private final int headerBytes;
    private final long payloadBytes;
    private final long groupBytes;

    FileLayout(DiskGeometry geometry) {
        headerBytes = (int) roundUp(RecordCodec.bytes(geometry.segmentTokens()));
        payloadBytes = roundUp(geometry.segmentBytes());
        groupBytes = GROUP_SLOTS * (headerBytes + payloadBytes);
    }

    /** Returns the bytes of a record's header with its padding. */
    int headerBytes() {
        return headerBytes;
    }

    /** Returns where a record's header begins. Those of a group follow each other. */
    long headerAt(int slot) {
        return groupAt(slot) + (long) (slot % GROUP_SLOTS) * headerBytes;
    }

    /** Returns where a record's payload begins. */
    long payloadAt(int slot) {
        return payloadsAt(slot) + slot % GROUP_SLOTS * payloadBytes;
    }

    /** Returns where a record's payload and its padding end. */
    long payloadEnd(int slot) {
        return payloadAt(slot) + payloadBytes;
    }

    /** Returns where the payloads of a slot's group begin, right behind its headers. */
    long payloadsAt(int slot) {
        return groupAt(slot) + (long) GROUP_SLOTS * headerBytes;
    }

    /** Returns the length of a file of so many slots. */
    long fileBytes(int slots) {
        return slots == 0 ? BLOCK_BYTES : payloadEnd(slots - 1);
    }

    static long roundUp(long bytes) {
        return (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    }

    static long roundDown(long bytes) {
        return bytes / BLOCK_BYTES * BLOCK_BYTES;
    }

    private long groupAt(int slot) {
        return BLOCK_BYTES + slot / GROUP_SLOTS * groupBytes;
    }
}
