package dev.kvasir.pool.tenant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeSecretTest {
    private final SecureRandom random = new SecureRandom();

    @TempDir
    Path directory;

    @Test
    void isMadeOnceAndReadFromThenOn() throws Exception {
        Path file = directory.resolve("data/node.secret");
        byte[] secret = NodeSecret.loadOrCreate(file, random);
        assertThat(secret).hasSize(32).isNotEqualTo(new byte[32]);
        assertThat(NodeSecret.loadOrCreate(file, random)).isEqualTo(secret);
        assertThat(NodeSecret.loadOrCreate(directory.resolve("other"), random)).isNotEqualTo(secret);
    }

    @Test
    void leavesNothingBesideTheFile() throws Exception {
        NodeSecret.loadOrCreate(directory.resolve("node.secret"), random);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(directory.resolve("node.secret"));
        }
    }

    @Test
    void isReadableByItsOwnerOnly() throws Exception {
        assumeTrue(isPosix(), "file permissions are POSIX here");
        Path file = directory.resolve("node.secret");
        NodeSecret.loadOrCreate(file, random);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void isRefusedWhenOthersMayReadIt() throws Exception {
        assumeTrue(isPosix(), "file permissions are POSIX here");
        Path file = directory.resolve("node.secret");
        NodeSecret.loadOrCreate(file, random);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatIOException()
                .isThrownBy(() -> NodeSecret.loadOrCreate(file, random))
                .withMessage("the node secret " + file + " is open to others ([GROUP_READ]): make it the owner's alone"
                        + " with chmod 600, or delete it to get a new one");
    }

    @Test
    void isRefusedWhenItHasAnotherLength() throws Exception {
        Path file = directory.resolve("node.secret");
        NodeSecret.loadOrCreate(file, random);
        Files.write(file, new byte[31]);
        assertThatIOException()
                .isThrownBy(() -> NodeSecret.loadOrCreate(file, random))
                .withMessageContaining("has 31 bytes, not 32: restore it, or delete it");
        Files.write(file, new byte[33]);
        assertThatIOException()
                .isThrownBy(() -> NodeSecret.loadOrCreate(file, random))
                .withMessageContaining("has more than 32 bytes, not 32");
        assertThat(Files.size(file)).isEqualTo(33);
    }

    @Test
    void isRefusedWhenItIsADirectory() {
        assertThatIOException()
                .isThrownBy(() -> NodeSecret.loadOrCreate(directory, random))
                .withMessage("the node secret " + directory + " is not a regular file");
    }

    private boolean isPosix() {
        return directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
