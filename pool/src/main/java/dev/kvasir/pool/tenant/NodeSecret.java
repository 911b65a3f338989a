package dev.kvasir.pool.tenant;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;

/** The file that keeps a node's secret: 32 random bytes, readable by its owner only. */
public final class NodeSecret {
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private NodeSecret() {}

    /**
     * Returns the secret in {@code file}, which is created with its directory if it is missing.
     *
     * @throws IOException if it can't be read or written, is not a file of 32 bytes, or others may read it
     */
    public static byte[] loadOrCreate(Path file, SecureRandom random) throws IOException {
        try {
            return load(file);
        } catch (NoSuchFileException missing) {
            create(file, random);
            return load(file);
        }
    }

    private static byte[] load(Path file) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException("the node secret " + file + " is not a regular file");
        }
        if (isPosix(file)) {
            Set<PosixFilePermission> extra =
                    new TreeSet<>(Files.getPosixFilePermissions(file)); // sorted for the message
            extra.removeIf(permission -> permission.name().startsWith("OWNER_"));
            if (!extra.isEmpty()) {
                throw new IOException("the node secret " + file + " is open to others (" + extra
                        + "): make it the owner's alone with chmod 600, or delete it to get a new one");
            }
        }
        byte[] secret;
        try (InputStream in = Files.newInputStream(file)) {
            secret = in.readNBytes(TenantSalts.BYTES + 1); // one more, to see that there is none
        }
        if (secret.length != TenantSalts.BYTES) {
            throw new IOException("the node secret " + file + " has "
                    + (secret.length > TenantSalts.BYTES ? "more than " + TenantSalts.BYTES : secret.length)
                    + " bytes, not " + TenantSalts.BYTES + ": restore it, or delete it to get a new one");
        }
        return secret;
    }

    /** Writes beside the file and moves, so that a crash leaves no half a secret behind. */
    private static void create(Path file, SecureRandom random) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IOException("the node secret cannot be the directory " + file);
        }
        Files.createDirectories(directory);
        byte[] secret = new byte[TenantSalts.BYTES];
        random.nextBytes(secret);
        FileAttribute<?>[] attributes = isPosix(directory)
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
        Path written = Files.createTempFile(directory, "node-secret", ".new", attributes);
        try {
            try (FileChannel channel = FileChannel.open(written, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(secret);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(written, file);
        } catch (FileAlreadyExistsException e) {
            // Another process was faster: its secret counts.
        } finally {
            Files.deleteIfExists(written);
        }
    }

    private static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
