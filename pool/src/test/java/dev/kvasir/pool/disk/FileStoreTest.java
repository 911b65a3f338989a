package dev.kvasir.pool.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.nio.file.ExtendedOpenOption;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.store.BadSegmentException;
import dev.kvasir.pool.store.SegmentStore.Found;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest {
    private final Segments segments = Segments.of(5_000, 16, 4);

    @TempDir
    Path directory;

    private Path path;

    @BeforeEach
    void name() {
        path = directory.resolve("pool.kv");
    }

    @Test
    void aSegmentIsReadBackInAnyKindOfBuffer() throws IOException {
        try (FileStore store = open(segments)) {
            ByteBuffer from =
                    ByteBuffer.allocateDirect(6_000).position(500).limit(5_500).put(segments.bytes(7));
            store.write(3, segments.header(7), from.position(500));
            assertThat(from.hasRemaining()).isFalse();
            ByteBuffer to = ByteBuffer.allocateDirect(6_000).position(1_000);
            store.read(3, segments.header(7), to);
            byte[] read = new byte[5_000];
            assertThat(to.hasRemaining()).isFalse();
            to.position(1_000).get(read);
            assertThat(read).isEqualTo(segments.bytes(7)).isEqualTo(segments.read(store, 3, 7));
        }
    }

    @Test
    void aNewStoreIsEmptyAndOfFullLengthAndItsOwnersAlone() throws IOException {
        try (FileStore store = open(segments)) {
            assertThat(store.slots()).isEqualTo(4);
            assertThat(store.segmentBytes()).isEqualTo(5_000);
            assertThat(store.found()).isEmpty();
            assertThat(store.damaged()).isZero();
            assertThat(store.freshReason()).isEmpty();
            assertThat(segments.holds(store, 0, 0)).isFalse();
        }
        assertThat(Files.size(path)).isEqualTo(4_096 + 64 * 4_096 + 4 * 8_192);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
    }

    @Test
    void afterARestartTheSegmentsAreFoundTheLatestLastAndNoneTwice() throws IOException {
        try (FileStore store = open(segments)) {
            segments.write(store, 2, 20);
            segments.write(store, 1, 10);
            segments.write(store, 0, 10);
            segments.write(store, 2, 21);
            segments.write(store, 3, 30);
            store.erase(3);
        }
        try (FileStore store = open(segments)) {
            assertThat(store.found())
                    .containsExactly(new Found(0, segments.header(10)), new Found(2, segments.header(21)));
            assertThat(store.damaged()).isZero();
            assertThat(segments.holds(store, 0, 10)).isTrue();
            assertThat(segments.holds(store, 2, 21)).isTrue();
            assertThat(segments.holds(store, 2, 20)).isFalse();
            store.erase(0);
            segments.write(store, 3, 5);
            segments.write(store, 0, 6);
        }
        try (FileStore store = open(segments)) {
            assertThat(found(store))
                    .as("the older copy of 10 doesn't come back")
                    .containsExactly(21, 5, 6);
        }
    }

    @Test
    void onlyExactlyTheExpectedSegmentIsGivenOut() throws IOException {
        try (FileStore store = open(segments)) {
            SegmentHeader right = segments.header(1);
            segments.write(store, 0, 1);
            SegmentHeader other = segments.header(2);
            for (SegmentHeader wrong : List.of(
                    other,
                    new SegmentHeader(other.id(), right.parent(), right.id(), right.tokens()),
                    new SegmentHeader(right.root(), other.id(), right.id(), right.tokens()),
                    new SegmentHeader(right.root(), right.parent(), right.id(), other.tokens()))) {
                assertThatExceptionOfType(BadSegmentException.class)
                        .isThrownBy(() -> store.read(0, wrong, ByteBuffer.allocate(5_000)))
                        .withMessage("slot 0 does not hold " + wrong);
            }
            assertThat(segments.holds(store, 1, 1)).isFalse();
            assertThat(segments.holds(store, 0, 1)).isTrue();
        }
    }

    @Test
    void whatDoesNotFitIsRefused() throws IOException {
        try (FileStore store = open(segments)) {
            segments.write(store, 0, 1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> store.write(0, segments.header(1), ByteBuffer.allocate(4_999)))
                    .withMessage("a segment here has 5000 bytes, not 4999");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> store.read(0, segments.header(1), ByteBuffer.allocate(5_001)))
                    .withMessage("a segment here has 5000 bytes, not 5001");
            SegmentHeader longer = Segments.of(5_000, 32, 4).header(1);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> store.write(0, longer, ByteBuffer.allocate(5_000)))
                    .withMessage("a segment here has 16 tokens, not 32");
            assertThat(segments.holds(store, 0, 1)).isTrue();
        }
    }

    @Test
    void aFileGrowsAndShrinksAndKeepsWhatFits() throws IOException {
        int[] slots = {3, 64, 65, 200, 130, 128, 63, 64, 1, 66};
        List<Integer> kept = List.of();
        for (int count : slots) {
            Segments sized = segments.in(count);
            try (FileStore store = open(sized)) {
                List<Integer> fitting = kept.stream().filter(n -> n < count).toList();
                assertThat(found(store)).isEqualTo(fitting);
                assertThat(store.damaged()).isZero();
                assertThat(store.freshReason()).isEmpty();
                for (int slot = 0; slot < count; slot++) {
                    assertThat(sized.holds(store, slot, slot)).isEqualTo(fitting.contains(slot));
                }
                kept = new ArrayList<>();
                for (int slot = 0; slot < count; slot++) {
                    sized.write(store, slot, slot);
                    kept.add(slot);
                }
            }
            assertThat(Files.size(path)).isEqualTo(new FileLayout(sized.geometry()).fileBytes(count));
        }
    }

    @Test
    void slotsAreIndependentOfEachOtherAndOfThreads() throws Exception {
        Segments many = Segments.of(9_000, 16, 130);
        ExecutorService movers = Executors.newFixedThreadPool(8);
        try (FileStore store = open(many)) {
            List<Future<Integer>> wrong = new ArrayList<>();
            for (int mover = 0; mover < 8; mover++) {
                int first = mover;
                wrong.add(movers.submit(() -> {
                    int missing = 0;
                    for (int round = 0; round < 5; round++) {
                        for (int slot = first; slot < 130; slot += 8) {
                            many.write(store, slot, round * 1_000 + slot);
                            missing += many.holds(store, slot, round * 1_000 + slot) ? 0 : 1;
                        }
                    }
                    return missing;
                }));
            }
            for (Future<Integer> one : wrong) {
                assertThat(one.get()).isZero();
            }
        } finally {
            movers.shutdownNow();
        }
        try (FileStore store = open(many)) {
            assertThat(store.found()).hasSize(130);
        }
    }

    @Test
    void worksPastTheSystemsCache() throws IOException {
        FileStore direct;
        try {
            direct = open(segments, ExtendedOpenOption.DIRECT);
        } catch (IOException | UnsupportedOperationException e) {
            Assumptions.abort("this file system has no direct I/O: " + e);
            return;
        }
        try (FileStore store = direct) {
            segments.write(store, 1, 1);
            segments.write(store, 2, 2);
            store.erase(2);
            assertThat(segments.holds(store, 1, 1)).isTrue();
            ByteBuffer aligned = AlignedFile.allocate(8_192).limit(5_000);
            store.read(1, segments.header(1), aligned);
        }
        Segments larger = segments.in(70);
        try (FileStore store = open(larger, ExtendedOpenOption.DIRECT)) {
            assertThat(found(store)).containsExactly(1);
            larger.write(store, 69, 69);
        }
        try (FileStore store = open(larger)) {
            assertThat(found(store)).containsExactly(1, 69);
            assertThat(larger.holds(store, 1, 1)).isTrue();
            assertThat(larger.holds(store, 69, 69)).isTrue();
        }
    }

    @Test
    void aClosedStoreAnswersWithAnError() throws IOException {
        FileStore store = open(segments);
        segments.write(store, 0, 1);
        store.close();
        store.close();
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> segments.read(store, 0, 1));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> segments.write(store, 0, 2));
        try (FileStore again = open(segments)) {
            assertThat(found(again)).containsExactly(1);
            store.close();
            assertThatExceptionOfType(IOException.class)
                    .as("a late close of the first doesn't let a third in")
                    .isThrownBy(() -> open(segments));
        }
    }

    private FileStore open(Segments segments, OpenOption... extra) throws IOException {
        return FileStore.open(path, segments.geometry(), OnMismatch.REFUSE, extra);
    }

    static List<Integer> found(FileStore store) {
        return store.found().stream()
                .map(found -> Segments.number(found.header()))
                .toList();
    }
}
