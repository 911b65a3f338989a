package dev.kvasir.benchmarks.tiers;

import com.sun.nio.file.ExtendedOpenOption;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.disk.DiskGeometry;
import dev.kvasir.pool.disk.FileStore;
import dev.kvasir.pool.disk.OnMismatch;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.store.MemoryStore;
import dev.kvasir.pool.store.SegmentStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** The tier below the device that is measured. */
enum Below {
    HOST("host"),
    /** A file that the system keeps in its page cache. */
    DISK("disk, page cache"),
    /** The same past the page cache: what the disk itself does. */
    DISK_DIRECT("disk, O_DIRECT");

    private final String title;

    Below(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    Tier tier() {
        return this == HOST ? Tier.HOST : Tier.DISK;
    }

    /**
     * Opens an empty store.
     *
     * @param slots segments that it has room for
     * @param folder where a file is made, in place of one that was left over
     * @throws IOException if it can't be, such as where the file system has no O_DIRECT
     */
    SegmentStore open(KvLayout layout, int slots, Path folder) throws IOException {
        if (this == HOST) {
            return new MemoryStore(BufferSlotStorage.direct(layout, slots));
        }
        DiskGeometry geometry =
                new DiskGeometry(new byte[SegmentId.BYTES], layout.segmentBytes(), layout.segmentTokens(), slots);
        OpenOption[] extra = this == DISK ? new OpenOption[0] : new OpenOption[] {ExtendedOpenOption.DIRECT};
        Path file = file(folder);
        Files.deleteIfExists(file);
        try {
            return FileStore.open(file, geometry, OnMismatch.REFUSE, extra);
        } catch (UnsupportedOperationException e) {
            throw new IOException("the file system of " + folder + " has no O_DIRECT", e);
        }
    }

    /** Deletes the file, if there is one. */
    void delete(Path folder) throws IOException {
        Files.deleteIfExists(file(folder));
    }

    private static Path file(Path folder) {
        return folder.resolve("bench-segments.kv");
    }
}
