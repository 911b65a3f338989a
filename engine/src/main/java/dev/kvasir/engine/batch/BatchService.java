package dev.kvasir.engine.batch;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files and batches of one directory, which one process has at a time. */
public final class BatchService implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BatchService.class);

    private final FileChannel lock;
    private final FileStore files;
    private final Batches batches;

    private BatchService(FileChannel lock, FileStore files, Batches batches) {
        this.lock = lock;
        this.files = files;
        this.batches = batches;
    }

    /**
     * Opens a directory.
     *
     * @param seconds the time, since 1970
     * @return nothing if another process has it, or it can't be written; that is logged
     */
    public static Optional<BatchService> open(Path directory, BatchLimits limits, LongSupplier seconds) {
        FileChannel channel = null;
        try {
            Disk.directory(directory);
            channel = FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isLocked(channel)) {
                log.warn("another process has {}: no files and batches here; give each its own batches.dir", directory);
                channel.close();
                return Optional.empty();
            }
            SecureRandom random = new SecureRandom();
            FileStore files = new FileStore(directory.resolve("files"), limits, seconds, random);
            ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
                Thread created = new Thread(task, "batches");
                created.setDaemon(true);
                return created;
            });
            Batches batches = new Batches(directory.resolve("batches"), files, limits, seconds, random, thread);
            return Optional.of(new BatchService(channel, files, batches));
        } catch (IOException e) {
            log.error("no files and batches here: {} can't be used", directory, e);
            closeQuietly(channel);
            return Optional.empty();
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock held = channel.tryLock(); // let go when the channel is closed, or the process ends
            return held != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    public FileStore files() {
        return files;
    }

    public Batches batches() {
        return batches;
    }

    @Override
    public void close() {
        batches.stop();
        closeQuietly(lock);
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            log.debug("a lock didn't close: {}", e.getMessage());
        }
    }
}
