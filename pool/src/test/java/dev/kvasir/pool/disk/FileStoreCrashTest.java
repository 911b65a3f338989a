package dev.kvasir.pool.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;

/** What is left after crashes, power failures and errors is right; against books of what may be there and what must. */
class FileStoreCrashTest {
    @RandomizedTest(40)
    void aCrashAtAnyByteCostsAtMostTheSlotThatWasBeingWritten(SplittableRandom random) throws IOException {
        new Crashes(random, true).rounds(30);
    }

    @RandomizedTest(40)
    void aPowerFailureNeverMakesAWrongByte(SplittableRandom random) throws IOException {
        new Crashes(random, false).powerFailures(15);
    }

    @RandomizedTest(40)
    void errorsNeverMakeAWrongByte(SplittableRandom random) throws IOException {
        new Crashes(random, true).errors(20);
    }

    @RandomizedTest(1_000)
    @Tag("nightly")
    void theSameForLong(SplittableRandom random) throws IOException {
        new Crashes(random.split(), true).rounds(60);
        new Crashes(random.split(), false).powerFailures(30);
        new Crashes(random.split(), true).errors(40);
    }

    /** Writes segments that are never written twice until something goes wrong. */
    private static final class Crashes {
        private final SplittableRandom random;
        private final TroubledFile file;
        private final Segments segments;
        private final Map<Integer, Set<Integer>> possible = new HashMap<>(); // slot -> segments; none of them, too
        private final Map<Integer, Integer> certain = new HashMap<>();
        private final boolean orderly; // what was written before is gone once a write is done
        private int nextNumber;

        Crashes(SplittableRandom random, boolean orderly) {
            this.random = random;
            this.orderly = orderly;
            file = new TroubledFile(random.split());
            file.shortPercent = random.nextInt(30);
            segments = Segments.of(random.nextInt(1, 10_000), 16, random.nextInt(1, 12));
        }

        void rounds(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                file.writableUntilKilled = random.nextInt(1, i == 0 ? 400_000 : 60_000);
                boolean opened = run();
                boolean killed = file.isKilled();
                file.restart();
                FileStore store = open();
                assertThat(store.damaged()).isLessThanOrEqualTo(opened && killed ? 1 : 0);
                Map<Integer, Integer> found = found(store);
                found.forEach((slot, number) -> assertHolds(store, slot, number, true));
                assertThat(found).containsAllEntriesOf(certain);
                accept(store, found);
            }
            assertThat(nextNumber).isPositive();
        }

        void powerFailures(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                file.writableUntilKilled = random.nextInt(1, 400_000);
                run();
                // Everything since the file was made is doubtful: nothing was ever forced.
                certain.forEach((slot, number) ->
                        possible.computeIfAbsent(slot, s -> new HashSet<>()).add(number));
                certain.clear();
                file.failPower();
                FileStore store = open();
                found(store).forEach((slot, number) -> assertHolds(store, slot, number, false));
                store.close();
            }
        }

        void errors(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                FileStore store = open();
                file.errorPercent = 10;
                for (int step = 0; step < 30; step++) {
                    int slot = random.nextInt(segments.geometry().slots());
                    int number = nextNumber++;
                    try {
                        begin(slot, number);
                        segments.write(store, slot, number);
                        end(slot, number);
                    } catch (IOException e) {
                        int errors = file.errorPercent;
                        file.errorPercent = 0;
                        assertThat(possible.get(slot)).noneMatch(n -> holds(store, slot, n));
                        file.errorPercent = errors;
                    }
                    int other = random.nextInt(segments.geometry().slots());
                    try {
                        Integer there = certain.get(other);
                        if (there != null) {
                            assertThat(segments.holds(store, other, there)).isTrue();
                        }
                    } catch (IOException e) {
                        assertThat(e).hasMessage("Input/output error");
                    }
                }
                file.restart();
                FileStore again = open();
                Map<Integer, Integer> found = found(again);
                found.forEach((slot, number) -> assertHolds(again, slot, number, false));
                assertThat(found).containsAllEntriesOf(certain);
                accept(again, found);
            }
        }

        /** Returns whether it came so far as to open. */
        private boolean run() throws IOException {
            FileStore store;
            try {
                store = open();
            } catch (IOException e) {
                assertThat(file.isKilled()).as("%s", e).isTrue();
                return false;
            }
            try {
                for (int i = 0; i < 100; i++) {
                    int slot = random.nextInt(segments.geometry().slots());
                    if (random.nextInt(5) == 0) {
                        begin(slot, -1);
                        store.erase(slot);
                        if (orderly) {
                            possible.remove(slot);
                        }
                    } else {
                        int number = nextNumber++;
                        begin(slot, number);
                        segments.write(store, slot, number);
                        end(slot, number);
                    }
                }
            } catch (IOException e) {
                assertThat(file.isKilled()).isTrue();
            }
            return true;
        }

        private void begin(int slot, int number) {
            Set<Integer> numbers = possible.computeIfAbsent(slot, s -> new HashSet<>());
            numbers.add(number);
            Integer old = certain.remove(slot);
            if (old != null) {
                numbers.add(old);
            }
        }

        private void end(int slot, int number) {
            certain.put(slot, number);
            if (orderly) {
                possible.put(slot, new HashSet<>(Set.of(number)));
            }
        }

        private Map<Integer, Integer> found(FileStore store) {
            Map<Integer, Integer> found = new HashMap<>();
            store.found().forEach(one -> found.put(one.slot(), Segments.number(one.header())));
            return found;
        }

        private void assertHolds(FileStore store, int slot, int number, boolean surely) {
            assertThat(possible.getOrDefault(slot, Set.of())).contains(number);
            boolean holds = holds(store, slot, number);
            assertThat(holds || !surely)
                    .as("segment %d in slot %d is whole", number, slot)
                    .isTrue();
        }

        private boolean holds(FileStore store, int slot, int number) {
            try {
                return segments.holds(store, slot, number);
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        /** What was found is what there is from now on. */
        private void accept(FileStore store, Map<Integer, Integer> found) throws IOException {
            store.close();
            certain.clear();
            certain.putAll(found);
            possible.clear();
            found.forEach((slot, number) -> possible.put(slot, new HashSet<>(Set.of(number))));
        }

        private FileStore open() throws IOException {
            return new FileStore(file, "memory", segments.geometry(), OnMismatch.REFUSE);
        }
    }
}
