package dev.kvasir.pool.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which files are taken for a store and which aren't. */
class FileStoreOpeningTest {
    private static final byte[] OTHER_FINGERPRINT = new byte[32];

    static {
        Arrays.fill(OTHER_FINGERPRINT, (byte) 1);
    }

    private final Segments segments = Segments.of(5_000, 16, 4);

    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void name() {
        path = directory.resolve("new").resolve("pool.kv");
    }

    @Test
    void aFileOfOtherSegmentsIsRefusedSayingWhatDiffers() throws IOException {
        open(segments.geometry(), OnMismatch.REFUSE).close();
        byte[] before = Files.readAllBytes(path);
        byte[] same = segments.geometry().fingerprint();
        assertRefused(
                new DiskGeometry(OTHER_FINGERPRINT, 5_000, 16, 4), "has segments of another model, layout or dtype");
        assertRefused(new DiskGeometry(same, 5_001, 16, 4), "has segments of 5000 bytes, not 5001");
        assertRefused(new DiskGeometry(same, 5_000, 32, 4), "has segments of 16 tokens, not 32");
        assertThat(Files.readAllBytes(path)).isEqualTo(before);
        before[8] = 2;
        Files.write(path, before);
        assertRefused(segments.geometry(), "is of format version 2, not 1");
        before[8] = 1;
        before[50] ^= 1;
        Files.write(path, before);
        assertRefused(segments.geometry(), "has a damaged header");
    }

    @Test
    void orItIsStartedAfreshSayingWhy() throws IOException {
        try (FileStore store = open(segments.geometry(), OnMismatch.REFUSE)) {
            segments.write(store, 0, 1);
        }
        DiskGeometry other = new DiskGeometry(OTHER_FINGERPRINT, 5_000, 16, 4);
        try (FileStore store = open(other, OnMismatch.START_AFRESH)) {
            assertThat(store.freshReason()).contains("has segments of another model, layout or dtype");
            assertThat(store.found()).isEmpty();
            assertThat(store.damaged()).isZero();
            segments.write(store, 1, 2);
        }
        try (FileStore store = open(other, OnMismatch.START_AFRESH)) {
            assertThat(store.freshReason()).isEmpty();
            assertThat(FileStoreTest.found(store)).containsExactly(2);
        }
    }

    @Test
    void aRecordOfTheFilesFormerDaysIsNone() throws IOException {
        try (FileStore store = open(segments.geometry(), OnMismatch.REFUSE)) {
            segments.write(store, 0, 1);
        }
        byte[] former = Files.readAllBytes(path);
        DiskGeometry other = new DiskGeometry(OTHER_FINGERPRINT, 5_000, 16, 4);
        open(other, OnMismatch.START_AFRESH).close();
        byte[] mixed = Files.readAllBytes(path);
        System.arraycopy(former, 4_096, mixed, 4_096, former.length - 4_096);
        Files.write(path, mixed);
        try (FileStore store = open(other, OnMismatch.REFUSE)) {
            assertThat(store.found()).isEmpty();
            assertThat(store.damaged()).isEqualTo(1);
        }
    }

    @Test
    void aFileThatIsNoStoreIsNeverTouched() throws IOException {
        Files.createDirectories(path.getParent());
        byte[] letter = "Dear reader, this is no pool.".getBytes(StandardCharsets.UTF_8);
        Files.write(path, letter);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        for (OnMismatch onMismatch : OnMismatch.values()) {
            assertThatExceptionOfType(IncompatibleStoreException.class)
                    .isThrownBy(() -> open(segments.geometry(), onMismatch))
                    .withMessage("the segment store " + path + " is none: name another file, or delete it");
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(letter);
        Files.write(path, new byte[5_000]);
        assertThatExceptionOfType(IncompatibleStoreException.class)
                .as("an image of an empty disk may be that, too")
                .isThrownBy(() -> open(segments.geometry(), OnMismatch.START_AFRESH));
    }

    @Test
    void aFileThatOthersMayReadIsRefused() throws IOException {
        open(segments.geometry(), OnMismatch.REFUSE).close();
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
        assertThatIOException()
                .isThrownBy(() -> open(segments.geometry(), OnMismatch.START_AFRESH))
                .withMessage("the segment store " + path
                        + " is open to others ([GROUP_READ]): make it the owner's alone with chmod 600, or delete it");
    }

    @Test
    void aSymbolicLinkIsRefusedEvenIfItsTargetIsAStore() throws IOException {
        open(segments.geometry(), OnMismatch.REFUSE).close();
        Path link = Files.createSymbolicLink(directory.resolve("link"), path);
        Path dangling = Files.createSymbolicLink(directory.resolve("dangling"), directory.resolve("nothing"));
        for (Path one : new Path[] {link, dangling}) {
            assertThatIOException()
                    .isThrownBy(() -> FileStore.open(one, segments.geometry(), OnMismatch.REFUSE))
                    .withMessage("the segment store " + one + " is a symbolic link: name the file itself");
        }
        assertThat(directory.resolve("nothing")).doesNotExist();
    }

    @Test
    void aDirectoryIsRefusedButALinkedOneMayHoldTheFile() throws IOException {
        assertThatIOException()
                .isThrownBy(() -> FileStore.open(directory, segments.geometry(), OnMismatch.START_AFRESH))
                .withMessage("the segment store " + directory + " is not a regular file");
        Path link =
                Files.createSymbolicLink(directory.resolve("linked"), Files.createDirectory(directory.resolve("d")));
        FileStore.open(link.resolve("pool.kv"), segments.geometry(), OnMismatch.REFUSE)
                .close();
        assertThat(directory.resolve("d/pool.kv")).isRegularFile();
    }

    @Test
    void aDiskThatIsTooSmallIsSaidToBe() {
        DiskGeometry petabytes = new DiskGeometry(new byte[32], 1_500_000, 16, Integer.MAX_VALUE);
        assertThatIOException()
                .isThrownBy(() -> open(petabytes, OnMismatch.REFUSE))
                .withMessageMatching(
                        "cannot reserve \\d+ bytes for the segment store \\Q" + path + "\\E: its disk has \\d+ left");
        assertThat(path).as("nothing is left behind").doesNotExist();
    }

    @Test
    void aDiskThatFillsUpMeanwhileCostsNothingThatWasThere() throws IOException {
        TroubledFile file = new TroubledFile(new SplittableRandom(1));
        try (FileStore store = new FileStore(file, "memory", segments.geometry(), OnMismatch.REFUSE)) {
            segments.write(store, 3, 1);
        }
        long bytes = file.bytes();
        for (int room = 0; room < 100_000; room += 9_999) {
            file.capacity = bytes + room;
            file.tellsUsable = room % 2 == 0;
            file.shortPercent = room % 5 * 10;
            assertThatIOException()
                    .isThrownBy(
                            () -> new FileStore(file, "memory", segments.in(40).geometry(), OnMismatch.REFUSE))
                    .withMessageStartingWith("cannot reserve " + 36 * 8_192 + " bytes for the segment store memory: ");
            assertThat(file.bytes()).isEqualTo(bytes);
            FileStore store = new FileStore(file, "memory", segments.geometry(), OnMismatch.REFUSE);
            assertThat(segments.holds(store, 3, 1)).isTrue();
        }
        file.capacity = Integer.MAX_VALUE;
        FileStore store = new FileStore(file, "memory", segments.in(40).geometry(), OnMismatch.REFUSE);
        assertThat(FileStoreTest.found(store)).containsExactly(1);
    }

    @Test
    void aGeometryChecksItself() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DiskGeometry(new byte[31], 1, 1, 1))
                .withMessage("a fingerprint has 32 bytes, not 31");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DiskGeometry(new byte[32], 0, 1, 1))
                .withMessage("a store needs at least one slot of one byte, not 1 of 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DiskGeometry(new byte[32], 1, 1, 0))
                .withMessage("a store needs at least one slot of one byte, not 0 of 1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new DiskGeometry(new byte[32], 1, 65_537, 1))
                .withMessage("a segment has 1 to 65536 tokens, not 65537");
    }

    private void assertRefused(DiskGeometry geometry, String difference) {
        assertThatExceptionOfType(IncompatibleStoreException.class)
                .isThrownBy(() -> open(geometry, OnMismatch.REFUSE))
                .withMessage("the segment store " + path + " " + difference + "; delete it to start afresh");
    }

    private FileStore open(DiskGeometry geometry, OnMismatch onMismatch) throws IOException {
        return FileStore.open(path, geometry, onMismatch);
    }
}
