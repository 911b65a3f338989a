package dev.kvasir.pool.disk;

import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.store.BadSegmentException;
import dev.kvasir.pool.store.SegmentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The disk tier's memory: a file whose segments are found again after a restart. One opener has the file to itself.
 *
 * <p>Nothing is forced to the disk while it serves. After {@code kill -9} all that {@link #write} has returned from is
 * there; after a power failure what the system had not written yet is missing or torn. A torn or flipped segment is
 * never taken for a whole one.
 *
 * <p>Threads that read and write must not be interrupted: Java closes a file whose reader is, and every later call
 * fails with an {@link IOException}.
 */
public final class FileStore implements SegmentStore {
    /*
     * A write is three: the header becomes a mark that says so, then the payload, then the header. Killed in between,
     * the process leaves the mark, which the next opening counts and clears. Without power the three may reach the disk
     * in any order or in parts; then the checksum in whichever header is there doesn't fit the bytes. So no order has
     * to be forced, which would cost a write two waits for the disk.
     *
     * What lies in a slot is remembered here, so that a read is one read: the checksum to expect isn't asked of the
     * disk that has to prove itself.
     */
    private final BlockFile file;
    private final DiskGeometry geometry;
    private final FileLayout layout;
    private final RecordCodec codec;
    private final List<Found> found;
    private final int damaged;
    private final Optional<String> freshReason;
    private final AtomicReferenceArray<@Nullable Content> contents; // by slot
    private final AtomicLong nextVersion;

    /** What lies in a slot. The identity is a digest of parent and tokens; the checksum covers the rest. */
    private record Content(SegmentId id, int identityCrc, int payloadCrc) {
        static Content of(SegmentHeader segment, int payloadCrc) {
            return new Content(segment.id(), RecordCodec.identityCrc(segment), payloadCrc);
        }

        boolean is(SegmentHeader segment) {
            return id.equals(segment.id()) && identityCrc == RecordCodec.identityCrc(segment);
        }
    }

    /** Opens what a file is, or is to become, a store; see {@link #open}. */
    FileStore(BlockFile file, String name, DiskGeometry geometry, OnMismatch onMismatch) throws IOException {
        this.file = file;
        this.geometry = geometry;
        this.layout = new FileLayout(geometry);
        this.codec = new RecordCodec(geometry);
        Opening.Result opened = new Opening(file, name, geometry).open(onMismatch);
        List<StoredRecord> records = opened.records();
        found = records.stream()
                .map(stored -> new Found(stored.slot(), stored.segment()))
                .toList();
        damaged = opened.damaged();
        freshReason = opened.freshReason();
        contents = new AtomicReferenceArray<>(geometry.slots());
        records.forEach(stored -> contents.set(stored.slot(), Content.of(stored.segment(), stored.payloadCrc())));
        nextVersion = new AtomicLong(
                records.isEmpty() ? 0 : records.get(records.size() - 1).version() + 1);
    }

    /**
     * Opens a store's file, which is created, readable by its owner only, and filled to its full length if it is
     * missing. One of another number of slots is brought to the asked one and keeps the segments that still fit.
     *
     * @param extra options for the file, such as {@code com.sun.nio.file.ExtendedOpenOption.DIRECT} for going past the
     *     system's cache
     * @throws IncompatibleStoreException if the file is of another model, layout, dtype or format or has a damaged
     *     header, and that is to be refused; or if it isn't a store's at all
     * @throws IOException if the file is open already, here or in another process, is a symbolic link or no regular
     *     file, is open to others than its owner, can't be read or written, or if the disk has no room for it; what was
     *     in it stays unless it was to be emptied
     */
    public static FileStore open(Path path, DiskGeometry geometry, OnMismatch onMismatch, OpenOption... extra)
            throws IOException {
        ChannelFile channel = ChannelFile.open(path, extra);
        try {
            BlockFile file = extra.length == 0 ? channel : new AlignedFile(channel);
            return new FileStore(file, path.toString(), geometry, onMismatch);
        } catch (IOException | RuntimeException e) {
            try {
                channel.abandon();
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    @Override
    public int slots() {
        return geometry.slots();
    }

    @Override
    public int segmentBytes() {
        return geometry.segmentBytes();
    }

    @Override
    public List<Found> found() {
        return found;
    }

    /** Returns how many records were torn or flipped when the store was opened, as far as headers tell. They have been cleared. */
    @Override
    public int damaged() {
        return damaged;
    }

    /** Returns what was wrong with the file when it was emptied on opening; empty if it wasn't. */
    public Optional<String> freshReason() {
        return freshReason;
    }

    @Override
    public void write(int slot, SegmentHeader header, ByteBuffer from) throws IOException {
        if (header.tokens().length != geometry.segmentTokens()) {
            throw new IllegalArgumentException(
                    "a segment here has " + geometry.segmentTokens() + " tokens, not " + header.tokens().length);
        }
        checkBuffer(from);
        contents.set(slot, null);
        int payloadCrc = crc(from);
        ByteBuffer block = ByteBuffer.allocate(layout.headerBytes());
        try {
            codec.putWriting(block);
            file.writeFully(block, layout.headerAt(slot));
            file.writeFully(from, layout.payloadAt(slot));
            codec.putSealed(new StoredRecord(slot, nextVersion.getAndIncrement(), header, payloadCrc), block.clear());
            file.writeFully(block, layout.headerAt(slot));
        } catch (IOException e) {
            try {
                clear(slot); // as well as can be: the next opening needn't count what was reported now
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
        contents.set(slot, Content.of(header, payloadCrc));
    }

    @Override
    public void read(int slot, SegmentHeader expected, ByteBuffer to) throws IOException {
        checkBuffer(to);
        Content content = contents.get(slot);
        if (content == null || !content.is(expected)) {
            throw new BadSegmentException("slot " + slot + " does not hold " + expected);
        }
        ByteBuffer read = to.duplicate();
        file.readFully(to, layout.payloadAt(slot));
        if (to.hasRemaining() || crc(read) != content.payloadCrc()) {
            throw new BadSegmentException("slot " + slot + " holds a damaged " + expected);
        }
    }

    @Override
    public void erase(int slot) throws IOException {
        contents.set(slot, null);
        clear(slot);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private void clear(int slot) throws IOException {
        file.writeFully(ByteBuffer.allocate(layout.headerBytes()), layout.headerAt(slot));
    }

    private void checkBuffer(ByteBuffer buffer) {
        if (buffer.remaining() != geometry.segmentBytes()) {
            throw new IllegalArgumentException(
                    "a segment here has " + geometry.segmentBytes() + " bytes, not " + buffer.remaining());
        }
    }

    private static int crc(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }
}
