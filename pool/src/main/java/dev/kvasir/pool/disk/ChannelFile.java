package dev.kvasir.pool.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/** A file that is its owner's alone and that one opener has to itself, in this process and among all. */
final class ChannelFile implements BlockFile {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    /*
     * The files that this process has open, by what the file system calls them. A file lock alone wouldn't do: where it
     * belongs to the process, as POSIX has it, the second channel's close would give up the first one's lock. So a
     * second channel must not even be opened.
     */
    private static final Set<Object> OPEN = new HashSet<>(); // guarded by itself

    private final Path path;
    private final Object key;
    private final boolean created;
    private final FileChannel channel;

    private ChannelFile(Path path, Object key, boolean created, FileChannel channel) {
        this.path = path;
        this.key = key;
        this.created = created;
        this.channel = channel;
    }

    /**
     * Opens a file, which is created with its directory if it is missing.
     *
     * @param extra options beside reading and writing
     * @throws IOException if it is open already, here or in another process, is a symbolic link or no regular file, is
     *     open to others than its owner, or can't be opened
     */
    static ChannelFile open(Path path, OpenOption... extra) throws IOException {
        synchronized (OPEN) {
            boolean created = create(path);
            Object key = check(path);
            if (!OPEN.add(key)) {
                throw inUse(path, "in this process");
            }
            try {
                return new ChannelFile(path, key, created, lock(path, extra));
            } catch (IOException | RuntimeException e) {
                OPEN.remove(key); // and leave even a file of our making: another process may have got hold of it
                throw e;
            }
        }
    }

    @Override
    public int read(ByteBuffer to, long position) throws IOException {
        return channel.read(to, position);
    }

    @Override
    public int write(ByteBuffer from, long position) throws IOException {
        return channel.write(from, position);
    }

    @Override
    public long bytes() throws IOException {
        return channel.size();
    }

    @Override
    public void truncate(long bytes) throws IOException {
        channel.truncate(bytes);
    }

    @Override
    public void force() throws IOException {
        channel.force(true);
    }

    @Override
    public long usableBytes() throws IOException {
        return Files.getFileStore(path).getUsableSpace();
    }

    @Override
    public void close() throws IOException {
        synchronized (OPEN) {
            if (channel.isOpen()) { // once: somebody else may have opened it since
                try {
                    channel.close(); // and with it the lock
                } finally {
                    OPEN.remove(key);
                }
            }
        }
    }

    /** Closes a file that is of no use, and deletes it if it wasn't there before. */
    void abandon() throws IOException {
        try {
            if (created) {
                Files.deleteIfExists(path);
            }
        } finally {
            close();
        }
    }

    private static boolean create(Path path) throws IOException {
        Path directory = path.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IOException("a segment store cannot be the directory " + path);
        }
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory);
        }
        FileAttribute<?>[] attributes = isPosix(directory)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
        try {
            Files.createFile(path, attributes);
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /** Returns by what name the file system knows the file. */
    private static Object check(Path path) throws IOException {
        BasicFileAttributes attributes =
                Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (attributes.isSymbolicLink()) {
            throw new IOException("the segment store " + path + " is a symbolic link: name the file itself");
        }
        if (!attributes.isRegularFile()) {
            throw new IOException("the segment store " + path + " is not a regular file");
        }
        if (isPosix(path)) {
            Set<PosixFilePermission> extra = new TreeSet<>(
                    Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS)); // sorted for the message
            extra.removeIf(permission -> permission.name().startsWith("OWNER_"));
            if (!extra.isEmpty()) {
                throw new IOException("the segment store " + path + " is open to others (" + extra
                        + "): make it the owner's alone with chmod 600, or delete it");
            }
        }
        Object key = attributes.fileKey();
        return key == null ? path.toRealPath(LinkOption.NOFOLLOW_LINKS) : key;
    }

    private static FileChannel lock(Path path, OpenOption... extra) throws IOException {
        Set<OpenOption> options = new HashSet<>(Set.of(extra));
        options.add(StandardOpenOption.READ);
        options.add(StandardOpenOption.WRITE);
        options.add(LinkOption.NOFOLLOW_LINKS);
        FileChannel channel = FileChannel.open(path, options);
        try {
            if (channel.tryLock() == null) {
                throw inUse(path, "in another process");
            }
            return channel;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static IOException inUse(Path path, String where) {
        return new IOException("the segment store " + path + " is in use " + where + ": two cannot share one file");
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
