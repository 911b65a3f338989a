package dev.kvasir.engine.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;

/** A file that only its owner may read. */
final class SecretFile {
    private SecretFile() {}

    /**
     * Reads its beginning.
     *
     * @param setting that names it, for messages
     * @param mostBytes no more than these are read
     * @throws SettingsException if it can't be read, or others may read it
     */
    static byte[] read(String setting, Path file, int mostBytes) {
        try {
            if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                Set<PosixFilePermission> open = Files.getPosixFilePermissions(file);
                if (open.stream().anyMatch(permission -> !permission.name().startsWith("OWNER_"))) {
                    throw new SettingsException(
                            setting + " " + file + " is open to others: make it the owner's alone with chmod 600");
                }
            }
            try (InputStream in = Files.newInputStream(file)) {
                return in.readNBytes(mostBytes);
            }
        } catch (IOException e) {
            throw new SettingsException("can't read " + setting + " " + file + ": " + e);
        }
    }
}
