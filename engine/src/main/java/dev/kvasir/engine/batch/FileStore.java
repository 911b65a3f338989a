package dev.kvasir.engine.batch;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.JsonBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files of all tenants. What a client names is looked up in a map and never becomes a path. Thread-safe. */
public final class FileStore {
    static final String PREFIX = "file-";
    private static final String JSON = ".json";
    private static final Logger log = LoggerFactory.getLogger(FileStore.class);
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path directory;
    private final BatchLimits limits;
    private final LongSupplier seconds;
    private final RandomGenerator random;

    // Guarded by this
    private final Map<String, StoredFile> files = new LinkedHashMap<>(); // by id, oldest first
    private final Map<String, Integer> readers = new HashMap<>(); // batches that read a file, by its id
    private final Map<String, Long> uploading = new HashMap<>(); // bytes on their way, by tenant

    /** Writes the content of a file. */
    interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    /**
     * Opens a directory, and removes what was never whole there.
     *
     * @param seconds the time, since 1970
     */
    FileStore(Path directory, BatchLimits limits, LongSupplier seconds, RandomGenerator random) throws IOException {
        this.directory = Disk.directory(directory);
        this.limits = limits;
        this.seconds = seconds;
        this.random = random;
        load();
    }

    private void load() throws IOException {
        List<StoredFile> found = new ArrayList<>();
        Set<String> whole = new HashSet<>();
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            entries.forEach(all::add);
        }
        for (Path path : all) {
            String name = path.getFileName().toString();
            if (name.endsWith(JSON)) {
                StoredFile file = StoredFile.of(MAPPER.readTree(path.toFile()));
                if (Ids.is(PREFIX, file.id()) && name.equals(file.id() + JSON) && Files.exists(content(file.id()))) {
                    found.add(file);
                    whole.add(name);
                    whole.add(file.id());
                }
            }
        }
        for (Path path : all) {
            String name = path.getFileName().toString();
            if (!whole.contains(name) && name.startsWith(PREFIX)) {
                Files.deleteIfExists(path); // an upload that was cut, or a deletion
            }
        }
        found.sort(Comparator.comparingLong(StoredFile::createdSeconds).thenComparing(StoredFile::id));
        found.forEach(file -> files.put(file.id(), file));
    }

    /** An upload that is under way. Not thread-safe; ends with {@link #finish} or {@link #abort}. */
    public final class Upload {
        private final String id;
        private final String tenant;
        private final FileChannel channel;
        private long bytes;
        private boolean over;

        private Upload(String id, String tenant) throws IOException {
            this.id = id;
            this.tenant = tenant;
            channel = FileChannel.open(content(id), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        }

        /**
         * Writes more.
         *
         * @throws ApiError 413 when a limit is reached, 507 when the disk takes no more
         */
        public void write(byte[] more) {
            if (bytes + more.length > limits.maxFileBytes()) {
                throw tooLong();
            }
            reserve(tenant, more.length);
            bytes += more.length;
            try {
                Disk.writeFully(channel, ByteBuffer.wrap(more));
            } catch (IOException e) {
                log.warn("an upload couldn't be written", e);
                throw Disk.error(e);
            }
        }

        /** Makes it a file. */
        public StoredFile finish(String filename, String purpose) {
            try {
                channel.force(true);
                channel.close();
                StoredFile file = new StoredFile(id, tenant, filename, purpose, bytes, seconds.getAsLong());
                commit(file);
                over = true;
                giveBack(tenant, bytes);
                return file;
            } catch (IOException e) {
                log.warn("an upload couldn't be kept", e);
                throw Disk.error(e);
            } finally {
                abort();
            }
        }

        /** Forgets it, unless it is a file already. */
        public void abort() {
            if (over) {
                return;
            }
            over = true;
            giveBack(tenant, bytes);
            try {
                channel.close();
                Files.deleteIfExists(content(id));
            } catch (IOException e) {
                log.warn("an upload that was given up couldn't be removed", e);
            }
        }
    }

    /**
     * Begins an upload.
     *
     * @throws ApiError if the tenant has too many files, or the disk takes no more
     */
    public Upload upload(String tenant) {
        synchronized (this) {
            long own = files.values().stream()
                    .filter(file -> file.tenant().equals(tenant))
                    .count();
            if (own >= limits.tenantFiles()) {
                throw ApiError.fileTooLarge("There are " + own + " files already, as many as may be"
                        + " (batches.tenantFiles): delete some.");
            }
        }
        try {
            return new Upload(newId(), tenant);
        } catch (IOException e) {
            log.warn("an upload couldn't begin", e);
            throw Disk.error(e);
        }
    }

    /** Checks a length that a client has announced. */
    public void checkLength(long bytes) {
        if (bytes > limits.maxFileBytes()) {
            throw tooLong();
        }
    }

    private ApiError tooLong() {
        return ApiError.fileTooLarge("The file is longer than the " + limits.maxFileBytes()
                + " bytes that this server takes (batches.maxFileBytes).");
    }

    /** Returns an id for a file that is to come. */
    String newId() {
        return Ids.create(PREFIX, random);
    }

    private synchronized void reserve(String tenant, long more) {
        long stored = files.values().stream()
                .filter(file -> file.tenant().equals(tenant))
                .mapToLong(StoredFile::bytes)
                .sum();
        long coming = uploading.merge(tenant, more, Long::sum);
        if (stored + coming > limits.tenantBytes()) {
            uploading.merge(tenant, -more, Long::sum);
            throw ApiError.fileTooLarge("All files together would have more than the " + limits.tenantBytes()
                    + " bytes that they may have (batches.tenantBytes): delete some.");
        }
    }

    private synchronized void giveBack(String tenant, long bytes) {
        uploading.merge(tenant, -bytes, Long::sum);
        uploading.remove(tenant, 0L);
    }

    private void commit(StoredFile file) throws IOException {
        Disk.replace(directory.resolve(file.id() + JSON), JsonBody.bytes(file.stored()));
        synchronized (this) {
            files.put(file.id(), file);
        }
    }

    /** Writes a file under a known id, over what a process that was killed may have left of it. */
    StoredFile put(String id, String tenant, String filename, String purpose, Content content) throws IOException {
        Path temporary = directory.resolve(id + Disk.TEMPORARY);
        long bytes;
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            content.writeTo(channel);
            channel.force(true);
            bytes = channel.size();
        } catch (IOException e) {
            Files.deleteIfExists(temporary); // its room may be what is missing
            throw e;
        }
        Disk.move(temporary, content(id));
        StoredFile file = new StoredFile(id, tenant, filename, purpose, bytes, seconds.getAsLong());
        commit(file);
        return file;
    }

    /** Returns a tenant's files, newest first. */
    public synchronized List<StoredFile> list(String tenant) {
        List<StoredFile> own = new ArrayList<>();
        files.values().stream().filter(file -> file.tenant().equals(tenant)).forEach(file -> own.add(0, file));
        return own;
    }

    /** Returns a tenant's file; another's is as none. */
    public synchronized Optional<StoredFile> find(String tenant, String id) {
        return Optional.ofNullable(files.get(id)).filter(file -> file.tenant().equals(tenant));
    }

    /** Returns where a file's content is. */
    public Path content(StoredFile file) {
        return content(file.id());
    }

    private Path content(String id) {
        if (!Ids.is(PREFIX, id)) {
            throw new IllegalArgumentException("no id of a file");
        }
        return directory.resolve(id);
    }

    /** Says that a batch reads a file, which can't be deleted until {@link #release}; empty if there is no such file. */
    synchronized Optional<StoredFile> retain(String tenant, String id) {
        Optional<StoredFile> file = find(tenant, id);
        file.ifPresent(found -> readers.merge(id, 1, Integer::sum));
        return file;
    }

    synchronized void release(String id) {
        readers.computeIfPresent(id, (key, count) -> count == 1 ? null : count - 1);
    }

    /**
     * Deletes a tenant's file.
     *
     * @return whether there was one
     * @throws ApiError 409 while a batch reads it
     */
    public boolean delete(String tenant, String id) {
        synchronized (this) { // and not while the disk is busy: event loops look files up
            if (find(tenant, id).isEmpty()) {
                return false;
            }
            if (readers.containsKey(id)) {
                throw ApiError.conflict("A batch that isn't over reads this file; cancel it first.");
            }
            files.remove(id);
        }
        try {
            // Its name first: without it the content is nobody's, and goes at the next start.
            Files.deleteIfExists(directory.resolve(id + JSON));
            Files.deleteIfExists(content(id));
        } catch (IOException e) {
            log.warn("a file couldn't be deleted", e);
            throw Disk.error(e);
        }
        return true;
    }
}
