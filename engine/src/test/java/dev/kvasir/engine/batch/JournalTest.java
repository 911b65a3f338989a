package dev.kvasir.engine.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A journal that was cut or damaged anywhere has what was whole before that, and goes on from there. */
class JournalTest {
    private static final int LINES = 8;

    @TempDir
    private Path folder;

    private static byte[] answer(int line) {
        return ("{\"line\":" + line + ",\"text\":\"" + "é".repeat(line) + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    /** Writes all lines in some order, and returns where each record ends. */
    private static List<Long> write(Path path, int... order) throws IOException {
        List<Long> ends = new ArrayList<>();
        try (Journal journal = new Journal(path, LINES)) {
            for (int line : order) {
                assertThat(journal.append(line, line % 3 != 0, answer(line))).isTrue();
                ends.add(Files.size(path));
            }
        }
        return ends;
    }

    private static void assertHas(Path path, int... lines) throws IOException {
        try (Journal journal = new Journal(path, LINES)) {
            assertThat(journal.answered()).isEqualTo(lines.length);
            for (int line = 0; line < LINES; line++) {
                int wanted = line;
                boolean isThere = Arrays.stream(lines).anyMatch(one -> one == wanted);
                assertThat(journal.isAnswered(line)).isEqualTo(isThere);
                if (isThere) {
                    assertThat(journal.answer(line)).isEqualTo(answer(line));
                    assertThat(journal.isSuccess(line)).isEqualTo(line % 3 != 0);
                }
            }
        }
    }

    @Test
    void cutAtEveryByteItHasWhatWasWholeAndGoesOn() throws IOException {
        Path path = folder.resolve("journal");
        int[] order = {2, 0, 5, 1};
        List<Long> ends = write(path, order);
        byte[] whole = Files.readAllBytes(path);
        for (int cut = 0; cut <= whole.length; cut++) {
            Files.write(path, Arrays.copyOf(whole, cut));
            int bytes = cut;
            int left = (int) ends.stream().filter(end -> end <= bytes).count();
            assertHas(path, Arrays.copyOf(order, left));
            write(path, 7);
            int[] all = Arrays.copyOf(order, left + 1);
            all[left] = 7;
            assertHas(path, all);
        }
    }

    @RandomizedTest(50)
    void aFlippedBitCutsItThereAndNothingDamagedIsBelieved(SplittableRandom random) throws IOException {
        Path path = folder.resolve("journal" + random.nextLong());
        int[] order = {6, 3, 4, 0, 2};
        List<Long> ends = write(path, order);
        byte[] bytes = Files.readAllBytes(path);
        int at = random.nextInt(bytes.length);
        bytes[at] ^= (byte) (1 << random.nextInt(8));
        Files.write(path, bytes);
        int left = (int) ends.stream().filter(end -> end <= at).count();
        assertHas(path, Arrays.copyOf(order, left));
    }

    @Test
    void theSecondAnswerToALineIsDropped() throws IOException {
        Path path = folder.resolve("journal");
        try (Journal journal = new Journal(path, LINES)) {
            assertThat(journal.append(1, true, answer(1))).isTrue();
            assertThat(journal.append(1, false, answer(3))).isFalse();
            assertThat(journal.failed()).isZero();
        }
        assertHas(path, 1);
    }
}
