package dev.kvasir.pool.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Opens a file as a store: checks what it is, finds its records, brings it to its length. */
final class Opening {
    private static final int ZEROS_BYTES = 1 << 20;

    private final BlockFile file;
    private final String name;
    private final DiskGeometry geometry;
    private final FileLayout layout;
    private final RecordCodec codec;
    private final List<StoredRecord> records = new ArrayList<>();
    private final List<Integer> useless = new ArrayList<>(); // slots
    private int damaged;

    /**
     * What was found.
     *
     * @param records whole by their headers, the latest last, no segment twice
     * @param damaged how many others there were that had been begun
     * @param freshReason why what lay there before was thrown away
     */
    record Result(List<StoredRecord> records, int damaged, Optional<String> freshReason) {}

    Opening(BlockFile file, String name, DiskGeometry geometry) {
        this.file = file;
        this.name = name;
        this.geometry = geometry;
        this.layout = new FileLayout(geometry);
        this.codec = new RecordCodec(geometry);
    }

    Result open(OnMismatch onMismatch) throws IOException {
        FileHeader.Verdict verdict = examine();
        if (verdict.difference().isPresent()) {
            if (onMismatch == OnMismatch.REFUSE) {
                throw incompatible(verdict.difference().get() + "; delete it to start afresh");
            }
            file.truncate(0);
        }
        if (verdict.slots() == 0) {
            writeFileHeader(0); // a store of no slots, should the next steps be cut short
            file.force();
        }
        scan(Math.min(verdict.slots(), geometry.slots()));
        resize(verdict.slots());
        for (int slot : useless) {
            file.writeFully(ByteBuffer.allocate(layout.headerBytes()), layout.headerAt(slot));
        }
        return new Result(records, damaged, verdict.difference());
    }

    private FileHeader.Verdict examine() throws IOException {
        ByteBuffer block = ByteBuffer.allocate(FileLayout.BLOCK_BYTES);
        file.readFully(block, 0);
        block.flip();
        boolean blank = block.equals(ByteBuffer.allocate(block.limit()));
        boolean small = file.bytes() <= block.limit();
        if (!FileHeader.isStore(block) && !(small && blank)) {
            throw incompatible("is none: name another file, or delete it");
        }
        if (small) { // new, or its creation was cut short: there's nothing to lose
            return new FileHeader.Verdict(Optional.empty(), 0);
        }
        return FileHeader.compare(block, geometry);
    }

    private void scan(int slots) throws IOException {
        long fileBytes = file.bytes();
        ByteBuffer headers = AlignedFile.allocate(FileLayout.GROUP_SLOTS * layout.headerBytes());
        for (int first = 0; first < slots; first += FileLayout.GROUP_SLOTS) {
            int count = Math.min(FileLayout.GROUP_SLOTS, slots - first);
            headers.clear().limit(count * layout.headerBytes());
            file.readFully(headers, layout.headerAt(first));
            int whole = headers.position() / layout.headerBytes(); // fewer than count if the file was cut off
            for (int i = 0; i < whole; i++) {
                look(headers.slice(i * layout.headerBytes(), layout.headerBytes()), first + i, fileBytes);
            }
        }
        records.sort(Comparator.comparingLong(StoredRecord::version));
        dropDuplicates();
    }

    private void look(ByteBuffer header, int slot, long fileBytes) {
        if (codec.isEmpty(header)) {
            return;
        }
        Optional<StoredRecord> found = codec.get(header, slot);
        if (found.isPresent() && layout.payloadEnd(slot) <= fileBytes) {
            records.add(found.get());
        } else {
            damaged++;
            useless.add(slot);
        }
    }

    /** Of two records of one segment the later is kept. The other must go, or it would come back once that one is erased. */
    private void dropDuplicates() {
        Set<Object> seen = new HashSet<>();
        for (int i = records.size() - 1; i >= 0; i--) {
            if (!seen.add(records.get(i).segment().id())) {
                useless.add(records.remove(i).slot());
            }
        }
    }

    /** Brings the file from what its header says to what it should be. Cut short at any point, it is a file of one of the two sizes, or nearly. */
    private void resize(int slots) throws IOException {
        if (slots == geometry.slots() && file.bytes() == layout.fileBytes(slots)) {
            return;
        }
        if (slots > geometry.slots()) {
            writeFileHeader(geometry.slots());
        }
        // [0, kept)          records that fit, and headers of the last group that stand for nothing
        // [kept, fileBytes)  whatever was there is cut off: it must read as zeros
        int keptSlots = Math.min(slots, geometry.slots());
        long kept = FileLayout.roundDown(Math.min(file.bytes(), layout.fileBytes(keptSlots)));
        file.truncate(kept);
        try {
            if (keptSlots % FileLayout.GROUP_SLOTS != 0) {
                fillWithZeros(layout.headerAt(keptSlots), Math.min(kept, layout.payloadsAt(keptSlots)));
            }
            reserve(kept, layout.fileBytes(geometry.slots()));
        } catch (IOException e) {
            try {
                file.truncate(kept); // give back what was no use
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
        if (slots < geometry.slots()) {
            writeFileHeader(geometry.slots());
        }
        file.force(); // or a power failure could leave a store of no slots
    }

    private void reserve(long from, long to) throws IOException {
        String failure = "cannot reserve " + (to - from) + " bytes for the segment store " + name;
        long usable = file.usableBytes();
        if (usable < to - from) {
            throw new IOException(failure + ": its disk has " + usable + " left");
        }
        try {
            fillWithZeros(from, to);
            file.force(); // some file systems tell only now that they are full
        } catch (IOException e) {
            throw new IOException(failure + ": " + e.getMessage(), e);
        }
    }

    private void fillWithZeros(long from, long to) throws IOException {
        ByteBuffer zeros = AlignedFile.allocate(ZEROS_BYTES);
        for (long at = from; at < to; at += zeros.capacity()) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), to - at));
            file.writeFully(zeros, at);
        }
    }

    private void writeFileHeader(int slots) throws IOException {
        file.writeFully(FileHeader.encode(geometry, slots), 0);
    }

    private IncompatibleStoreException incompatible(String what) {
        return new IncompatibleStoreException("the segment store " + name + " " + what);
    }
}
