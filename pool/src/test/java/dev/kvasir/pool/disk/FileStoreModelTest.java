package dev.kvasir.pool.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.store.SegmentStore.Found;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;

/** The store and a naive map do the same random things, over restarts, with transfers that stop short. */
class FileStoreModelTest {
    @RandomizedTest(20)
    void behavesLikeAMap(SplittableRandom random) throws IOException {
        new Run(random).steps(500);
    }

    @RandomizedTest(50)
    @Tag("nightly")
    void behavesLikeAMapForLong(SplittableRandom random) throws IOException {
        new Run(random).steps(10_000);
    }

    private static final class Run {
        private final SplittableRandom random;
        private final TroubledFile file;
        private Segments segments;
        private FileStore store;
        private final Map<Integer, Integer> naive = new LinkedHashMap<>(); // slot -> segment, the latest written last

        Run(SplittableRandom random) throws IOException {
            this.random = random;
            file = new TroubledFile(random.split());
            file.shortPercent = random.nextInt(50);
            segments = Segments.of(random.nextInt(1, 10_000), random.nextInt(1, 40), random.nextInt(1, 80));
            store = open();
        }

        void steps(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                int slot = random.nextInt(segments.geometry().slots());
                int number = random.nextInt(segments.geometry().slots() * 2);
                switch (random.nextInt(20)) {
                    case 0 -> restart();
                    case 1, 2, 3 -> erase(slot);
                    case 4, 5, 6, 7, 8, 9, 10 -> write(slot, number);
                    default ->
                        assertThat(segments.holds(store, slot, number))
                                .isEqualTo(Integer.valueOf(number).equals(naive.get(slot)));
                }
            }
            restart();
        }

        private void write(int slot, int number) throws IOException {
            segments.write(store, slot, number);
            naive.remove(slot);
            naive.put(slot, number);
        }

        private void erase(int slot) throws IOException {
            store.erase(slot);
            naive.remove(slot);
        }

        private void restart() throws IOException {
            store.close();
            if (random.nextInt(4) == 0) {
                segments = segments.in(random.nextInt(1, 140));
                naive.keySet().removeIf(slot -> slot >= segments.geometry().slots());
            }
            store = open();
            // Of a segment that lay in two slots the later one stays.
            List<Map.Entry<Integer, Integer>> latestFirst = new ArrayList<>(naive.entrySet());
            Collections.reverse(latestFirst);
            Set<Integer> seen = new HashSet<>();
            latestFirst.removeIf(entry -> !seen.add(entry.getValue()));
            Collections.reverse(latestFirst);
            naive.clear();
            latestFirst.forEach(entry -> naive.put(entry.getKey(), entry.getValue()));
            List<Found> expected = naive.entrySet().stream()
                    .map(entry -> new Found(entry.getKey(), segments.header(entry.getValue())))
                    .toList();
            assertThat(store.found()).isEqualTo(expected);
            assertThat(store.damaged()).isZero();
            for (Map.Entry<Integer, Integer> entry : naive.entrySet()) {
                assertThat(segments.holds(store, entry.getKey(), entry.getValue()))
                        .isTrue();
            }
        }

        private FileStore open() throws IOException {
            file.direct = random.nextBoolean();
            BlockFile below = file.direct ? new AlignedFile(file) : file;
            return new FileStore(below, "memory", segments.geometry(), OnMismatch.REFUSE);
        }
    }
}
