package dev.kvasir.pool.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.store.SegmentStore.Found;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A file that was changed under a closed store gives right bytes, or none, or is refused. */
class FileStoreDamageTest {
    private static final int SLOTS = 6;

    private final Segments segments = Segments.of(5_000, 16, SLOTS);
    private final FileLayout layout = new FileLayout(segments.geometry());
    private final TroubledFile file = new TroubledFile(new SplittableRandom(1));

    @RandomizedTest(30)
    void aFlippedBitIsAMissOrHarmless(SplittableRandom random) throws IOException {
        byte[] whole = fill();
        for (int i = 0; i < 30; i++) {
            byte[] flipped = whole.clone();
            int at = somewhere(random);
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            int lost = holdsWhatItFinds(flipped);
            assertThat(lost).as("flipped at %d", at).isLessThanOrEqualTo(at < FileLayout.BLOCK_BYTES ? SLOTS : 1);
        }
    }

    @RandomizedTest(30)
    void manyFlippedBitsAreMisses(SplittableRandom random) throws IOException {
        byte[] flipped = fill();
        for (int i = random.nextInt(1, 40); i > 0; i--) {
            int at = somewhere(random);
            flipped[Math.max(at, FileLayout.BLOCK_BYTES)] ^= (byte) (1 << random.nextInt(8));
        }
        holdsWhatItFinds(flipped);
    }

    @Test
    void everyBitThatIsCheckedIsChecked() throws IOException {
        byte[] whole = fill();
        int header = (int) layout.headerAt(2);
        int payload = (int) layout.payloadAt(2);
        for (int at = 0; at < RecordCodec.bytes(16); at++) {
            byte[] flipped = whole.clone();
            flipped[header + at] ^= 4;
            file.setContent(flipped);
            FileStore store = open(OnMismatch.REFUSE);
            assertThat(FileStoreTest.found(store)).as("header byte %d", at).doesNotContain(102);
            assertThat(store.damaged()).isEqualTo(1);
            assertThat(open(OnMismatch.REFUSE).damaged()).as("counted once").isZero();
        }
        for (int at = 0; at < 5_000; at += 7) {
            byte[] flipped = whole.clone();
            flipped[payload + at] ^= 64;
            file.setContent(flipped);
            assertThat(segments.holds(open(OnMismatch.REFUSE), 2, 102)).isFalse();
        }
    }

    @RandomizedTest(30)
    void aFileThatWasCutOffLosesWhatLayThere(SplittableRandom random) throws IOException {
        byte[] whole = fill();
        for (int i = 0; i < 10; i++) {
            int length = i == 0 ? random.nextInt(200) : random.nextInt(whole.length);
            file.setContent(Arrays.copyOf(whole, length));
            FileStore store = open(OnMismatch.REFUSE);
            for (int slot = 0; slot < SLOTS; slot++) {
                boolean there = layout.payloadEnd(slot) <= length;
                assertThat(segments.holds(store, slot, 100 + slot))
                        .as("slot %d of a file of %d bytes", slot, length)
                        .isEqualTo(there);
            }
            assertThat(file.bytes()).isEqualTo(whole.length);
            segments.write(store, SLOTS - 1, 7);
            assertThat(segments.holds(open(OnMismatch.REFUSE), SLOTS - 1, 7)).isTrue();
        }
    }

    @RandomizedTest(30)
    void blocksThatWentAstrayAreMisses(SplittableRandom random) throws IOException {
        byte[] mixed = fill();
        int blocks = mixed.length / FileLayout.BLOCK_BYTES;
        for (int i = 0; i < 20; i++) {
            int from = random.nextInt(4) > 0 ? 1 + random.nextInt(SLOTS) : random.nextInt(1, blocks);
            int to = random.nextInt(4) > 0 ? 1 + random.nextInt(SLOTS) : random.nextInt(1, blocks);
            System.arraycopy(
                    mixed, from * FileLayout.BLOCK_BYTES, mixed, to * FileLayout.BLOCK_BYTES, FileLayout.BLOCK_BYTES);
        }
        holdsWhatItFinds(mixed);
    }

    @RandomizedTest(30)
    void garbageIsRefusedOrEmpty(SplittableRandom random) throws IOException {
        byte[] garbage = new byte[random.nextInt(1, 400_000)];
        random.nextBytes(garbage);
        file.setContent(garbage);
        for (OnMismatch onMismatch : OnMismatch.values()) {
            assertThatExceptionOfType(IncompatibleStoreException.class)
                    .isThrownBy(() -> open(onMismatch))
                    .withMessage("the segment store memory is none: name another file, or delete it");
        }
        assertThat(file.content()).as("not ours to touch").isEqualTo(garbage);

        byte[] behindAHeader = fill();
        byte[] rest = new byte[behindAHeader.length - FileLayout.BLOCK_BYTES];
        random.nextBytes(rest);
        System.arraycopy(rest, 0, behindAHeader, FileLayout.BLOCK_BYTES, rest.length);
        file.setContent(behindAHeader);
        FileStore store = open(OnMismatch.REFUSE);
        assertThat(store.found()).isEmpty();
        assertThat(store.damaged()).isEqualTo(SLOTS);
    }

    @Test
    void aRecordThatIsNotGenuineIsNotFound() throws IOException {
        FileStore store = open(OnMismatch.REFUSE);
        segments.write(store, 0, 1);
        SegmentHeader right = segments.header(1);
        SegmentHeader forged = new SegmentHeader(
                right.root(), right.parent(), right.id(), segments.header(2).tokens());
        store.write(1, forged, ByteBuffer.allocate(5_000));
        FileStore again = open(OnMismatch.REFUSE);
        assertThat(FileStoreTest.found(again)).containsExactly(1);
        assertThat(again.damaged()).isEqualTo(1);
    }

    /** Returns how many segments of a filled file are lost; fails on a wrong byte. */
    private int holdsWhatItFinds(byte[] content) throws IOException {
        file.setContent(content);
        FileStore store;
        try {
            store = open(OnMismatch.REFUSE);
        } catch (IncompatibleStoreException e) {
            file.setContent(content);
            if (e.getMessage().contains("is none")) {
                return SLOTS;
            }
            store = open(OnMismatch.START_AFRESH);
            assertThat(store.freshReason()).isPresent();
            assertThat(store.found()).isEmpty();
        }
        int whole = 0;
        for (Found found : store.found()) {
            assertThat(found.header()).isEqualTo(segments.header(100 + found.slot()));
            whole += segments.holds(store, found.slot(), 100 + found.slot()) ? 1 : 0;
        }
        assertThat(store.damaged()).isLessThanOrEqualTo(SLOTS - whole);
        return SLOTS - whole;
    }

    /** Returns the bytes of a file whose slot n holds segment 100 + n. */
    private byte[] fill() throws IOException {
        file.setContent(new byte[0]);
        FileStore store = open(OnMismatch.REFUSE);
        for (int slot = 0; slot < SLOTS; slot++) {
            segments.write(store, slot, 100 + slot);
        }
        return file.content();
    }

    /** Mostly where something lies. */
    private int somewhere(SplittableRandom random) {
        int slot = random.nextInt(SLOTS);
        return (int)
                switch (random.nextInt(8)) {
                    case 0 -> random.nextLong(layout.fileBytes(SLOTS));
                    case 1 -> random.nextInt(70);
                    case 2, 3, 4 -> layout.headerAt(slot) + random.nextInt(RecordCodec.bytes(16));
                    default -> layout.payloadAt(slot) + random.nextInt(5_000);
                };
    }

    private FileStore open(OnMismatch onMismatch) throws IOException {
        return new FileStore(file, "memory", segments.geometry(), onMismatch);
    }
}
