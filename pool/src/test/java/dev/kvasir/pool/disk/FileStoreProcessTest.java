package dev.kvasir.pool.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.kvasir.pool.store.SegmentStore.Found;
import dev.kvasir.testing.RandomizedTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store among processes: one opener at a time, and one that is killed. */
class FileStoreProcessTest {
    private static final int THREADS = 2;

    @TempDir
    Path directory;

    @RandomizedTest(1)
    void killedFiveTimesInTheMiddleOfWritingItLosesNothingThatWasWritten(SplittableRandom random) throws Exception {
        kill(5, random);
    }

    @RandomizedTest(1)
    @Tag("nightly")
    void killedFiftyTimesInTheMiddleOfWritingItLosesNothingThatWasWritten(SplittableRandom random) throws Exception {
        kill(50, random);
    }

    private void kill(int times, SplittableRandom random) throws Exception {
        Segments segments = Segments.of(393_216, 64, 70);
        Path path = directory.resolve("pool.kv");
        Map<Integer, Integer> written = new HashMap<>(); // slot -> segment that must be there
        Set<Integer> torn = new TreeSet<>(); // slots that were being written when it happened, over all times
        int next = 0;
        for (int time = 1; time <= times; time++) {
            Map<Integer, Integer> writing = new HashMap<>(); // slot -> segment that may be there instead
            next = writeUntilKilled(segments, path, next, random.nextInt(2, 300), written, writing);
            assertThat(writing.size()).isBetween(0, THREADS);
            try (FileStore store = FileStore.open(path, segments.geometry(), OnMismatch.REFUSE)) {
                assertThat(store.damaged()).isLessThanOrEqualTo(writing.size());
                Map<Integer, Integer> found = new HashMap<>();
                for (Found one : store.found()) {
                    int number = Segments.number(one.header());
                    found.put(one.slot(), number);
                    assertThat(segments.holds(store, one.slot(), number))
                            .as("segment %d in slot %d after kill %d", number, one.slot(), time)
                            .isTrue();
                }
                int missing = 0;
                int lost = 0; // what had been there before, too
                for (int slot = 0; slot < segments.geometry().slots(); slot++) {
                    Integer is = found.get(slot);
                    if (is == null && writing.containsKey(slot)) {
                        missing++;
                        lost += written.remove(slot) == null ? 0 : 1;
                        torn.add(slot);
                    } else if (is != null && is.equals(writing.get(slot))) {
                        written.put(slot, is);
                    } else {
                        assertThat(is).as("slot %d after kill %d", slot, time).isEqualTo(written.get(slot));
                    }
                }
                assertThat(store.damaged()).as("torn ones are counted").isBetween(lost, missing);
            }
        }
        System.out.println(times + " kills, " + next + " segments written, torn: " + torn);
    }

    /** Returns the number of the next segment. */
    private static int writeUntilKilled(
            Segments segments,
            Path path,
            int first,
            int lines,
            Map<Integer, Integer> written,
            Map<Integer, Integer> writing)
            throws IOException, InterruptedException {
        int next = first;
        Process process = WriterProcess.start(path, segments.geometry(), first, THREADS);
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.readLine()).isEqualTo("open");
            int count = 0;
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                String[] words = line.split(" ");
                if (words.length == 3 && !words[2].isEmpty()) {
                    int slot = Integer.parseInt(words[1]);
                    int number = Integer.parseInt(words[2]);
                    next = Math.max(next, number + 1);
                    if (words[0].equals("begin")) {
                        writing.put(slot, number);
                    } else {
                        writing.remove(slot);
                        written.put(slot, number);
                    }
                }
                if (++count == lines) {
                    process.toHandle().destroyForcibly(); // SIGKILL; the process's own method would close its output
                }
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
        return next;
    }

    @Test
    void anotherProcessIsRefusedAndSoIsASecondOpenerHere() throws Exception {
        Segments segments = Segments.of(5_000, 16, 4);
        Path path = directory.resolve("pool.kv");
        String inUse = "the segment store " + path + " is in use in %s: two cannot share one file";
        try (FileStore store = FileStore.open(path, segments.geometry(), OnMismatch.START_AFRESH)) {
            segments.write(store, 0, 1);
            assertThat(firstLineOfAnother(path, segments)).isEqualTo(String.format(inUse, "another process"));
            for (OnMismatch onMismatch : OnMismatch.values()) {
                assertThatIOException()
                        .isThrownBy(() -> FileStore.open(path, segments.geometry(), onMismatch))
                        .withMessage(inUse, "this process");
            }
            assertThat(firstLineOfAnother(path, segments))
                    .as("the second opener here didn't give up the first one's lock")
                    .isEqualTo(String.format(inUse, "another process"));
            assertThat(segments.holds(store, 0, 1)).isTrue();
        }
        assertThat(firstLineOfAnother(path, segments)).isEqualTo("open");
    }

    @Test
    void aProcessThatHoldsTheFileKeepsUsOut() throws Exception {
        Segments segments = Segments.of(5_000, 16, 4);
        Path path = directory.resolve("pool.kv");
        Process process = WriterProcess.start(path, segments.geometry(), 0, THREADS);
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.readLine()).isEqualTo("open");
            assertThatIOException()
                    .isThrownBy(() -> FileStore.open(path, segments.geometry(), OnMismatch.START_AFRESH))
                    .withMessage(
                            "the segment store " + path + " is in use in another process: two cannot share one file");
        } finally {
            process.destroyForcibly().waitFor();
        }
        FileStore.open(path, segments.geometry(), OnMismatch.REFUSE).close();
    }

    private static String firstLineOfAnother(Path path, Segments segments) throws Exception {
        Process process = WriterProcess.start(path, segments.geometry(), 0, THREADS);
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            return output.readLine();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
