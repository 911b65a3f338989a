package dev.kvasir.pool.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.PoolReport;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Surveys;
import dev.kvasir.pool.Tier;
import dev.kvasir.testing.RandomizedTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;

/** The pool and a naive one do the same random things, and the invariants hold after each. */
class LocalMemPoolModelTest {
    private static final String LETTERS = "AaBbCc";
    private static final int MOST_READERS = 6; // more would pin all slots and leave nothing to evict

    @RandomizedTest(40)
    void behavesLikeANaivePool(SplittableRandom random) {
        new Run(random).steps(1_000);
    }

    @RandomizedTest(40)
    @Tag("nightly")
    void behavesLikeANaivePoolForLong(SplittableRandom random) {
        new Run(random).steps(10_000);
    }

    /** A reader and what its prefix must cover. */
    private record Reader(PinnedPrefix prefix, SegmentId root, String word, int asked) {}

    private static final int GROWN = -1; // in place of how many segments a reader asked for

    private static final class Run {
        private final SplittableRandom random;
        private final PoolFixture f;
        private final LocalMemPool pool;
        private final NaivePool naive;
        private final List<SegmentId> tenants;
        private final int letters; // few, so that prefixes collide
        private final List<Reader> readers = new ArrayList<>();
        private final List<PinnedPrefix> dead = new ArrayList<>();
        private final List<SlotAddress> writing = new ArrayList<>();

        Run(SplittableRandom random) {
            this.random = random;
            int slots = random.nextInt(1, 48);
            letters = random.nextInt(2, LETTERS.length() + 1);
            f = new PoolFixture(slots);
            pool = f.pool;
            naive = new NaivePool(IntStream.range(0, slots)
                    .mapToObj(slot -> new SlotAddress(0, Tier.DEVICE, slot))
                    .toList());
            tenants = IntStream.rangeClosed(1, random.nextInt(1, 4))
                    .mapToObj(i -> PoolFixture.root("tenant " + i))
                    .toList();
        }

        void steps(int count) {
            for (int i = 0; i < count; i++) {
                step();
                check();
            }
            while (!readers.isEmpty()) {
                release();
                check();
            }
            writing.forEach(address -> pool.free(List.of(address)));
            assertThat(pool.alloc(pool.capacity(Tier.DEVICE), Tier.DEVICE))
                    .as("everything can be had again")
                    .isPresent();
            pool.checkInvariants();
        }

        private void step() {
            switch (random.nextInt(12)) {
                case 0, 1 -> alloc();
                case 2, 3, 4 -> match();
                case 5, 6, 7, 8 -> insert();
                case 9 -> release();
                case 10 -> free();
                default -> {
                    switch (random.nextInt(5)) {
                        case 0 -> delete();
                        case 1 -> evict();
                        default -> misuse();
                    }
                }
            }
        }

        private void alloc() {
            int count = random.nextInt(6);
            Optional<Set<SlotAddress>> possible = naive.beforeAlloc(count);
            Optional<List<SlotAddress>> given = pool.alloc(count, Tier.DEVICE);
            assertThat(given.isPresent()).isEqualTo(possible.isPresent());
            given.ifPresent(addresses -> {
                assertThat(addresses).hasSize(count).isSubsetOf(possible.orElseThrow());
                naive.alloc(addresses);
                writing.addAll(addresses);
                for (SlotAddress address : addresses) {
                    ByteBuffer slot = f.storage.slot(address.slot());
                    while (slot.hasRemaining()) {
                        assertThat(slot.get()).isZero();
                    }
                    slot.putInt(random.nextInt(slot.limit() / 4) * 4, random.nextInt());
                }
            });
        }

        private void match() {
            if (readers.size() == MOST_READERS) {
                release();
            }
            SegmentId root = tenant();
            int[] tokens = PoolFixture.tokens(word(1, 7));
            int length = random.nextInt(tokens.length + 1);
            int expected = naive.matched(root, tokens, length);
            assertThat(pool.matchedTokens(root, tokens, length)).isEqualTo(expected * 16);
            naive.match(root, tokens, length);
            PinnedPrefix prefix = pool.match(root, tokens, length);
            assertThat(prefix.tokens()).isEqualTo(expected * 16);
            readers.add(new Reader(prefix, root, letters(tokens, expected), Math.max(0, length - 1) / 16));
        }

        private void insert() {
            if (readers.isEmpty()) {
                return;
            }
            Reader reader = take(readers);
            List<SlotAddress> slots = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0 && !writing.isEmpty(); i--) {
                slots.add(take(writing));
            }
            String word = reader.word + word(slots.size(), slots.size() + 1);
            int[] tokens = PoolFixture.tokens(word + word(0, 2)); // the sequence may have more than it seals
            naive.insert(reader.root, tokens, reader.word.length(), slots);
            PinnedPrefix grown = pool.insert(reader.prefix, tokens, slots);
            dead.add(reader.prefix);
            readers.add(new Reader(grown, reader.root, word, GROWN));
        }

        private void release() {
            if (readers.isEmpty()) {
                return;
            }
            Reader reader = take(readers);
            naive.release(reader.root, PoolFixture.tokens(reader.word), reader.word.length());
            if (reader.asked != GROWN && random.nextInt(3) == 0) {
                naive.forget(reader.asked, reader.word.length());
                pool.giveUp(reader.prefix);
            } else {
                pool.release(reader.prefix);
            }
            dead.add(reader.prefix);
        }

        private void free() {
            List<SlotAddress> some = new ArrayList<>();
            while (!writing.isEmpty() && random.nextInt(3) > 0) {
                some.add(take(writing));
            }
            naive.free(some);
            pool.free(some);
        }

        private void delete() {
            SegmentId root = tenant();
            int[] tokens = PoolFixture.tokens(word(0, 5));
            assertThat(pool.delete(root, tokens)).isEqualTo(naive.delete(root, tokens));
            // What is pinned may still match, nothing else.
            int left = naive.matched(root, tokens, tokens.length);
            assertThat(pool.matchedTokens(root, tokens, tokens.length)).isEqualTo(left * 16);
        }

        private void evict() {
            int count = random.nextInt(5);
            assertThat(pool.evict(Tier.DEVICE, count)).isEqualTo(naive.evict(count));
        }

        private void misuse() {
            if (!dead.isEmpty()) {
                PinnedPrefix prefix = dead.get(random.nextInt(dead.size()));
                assertThatIllegalStateException().isThrownBy(() -> pool.release(prefix));
                assertThatIllegalStateException().isThrownBy(() -> pool.insert(prefix, new int[0], List.of()));
            }
            SlotAddress address = new SlotAddress(0, Tier.DEVICE, random.nextInt(30));
            if (!writing.contains(address)) {
                assertThatIllegalStateException().isThrownBy(() -> pool.free(List.of(address)));
            }
        }

        private void check() {
            pool.checkInvariants();
            Surveys.check(pool);
            assertThat(f.usage()).isEqualTo(naive.usage());
            PoolReport report = pool.report(3);
            assertThat(report.tiers()).isEqualTo(naive.tiers());
            assertThat(report.tenants()).containsExactlyInAnyOrderElementsOf(naive.tenants());
            assertThat(report.topPrefixes()).hasSizeLessThanOrEqualTo(3);
            for (Reader reader : readers) {
                int segments = reader.word.length();
                assertThat(PoolFixture.addresses(reader.prefix))
                        .isEqualTo(naive.addresses(reader.root, PoolFixture.tokens(reader.word), segments));
            }
        }

        private SegmentId tenant() {
            return tenants.get(random.nextInt(tenants.size()));
        }

        private String word(int shortest, int end) {
            int length = random.nextInt(shortest, end);
            return IntStream.range(0, length)
                    .mapToObj(i -> {
                        int at = random.nextInt(letters);
                        return LETTERS.substring(at, at + 1);
                    })
                    .reduce("", String::concat);
        }

        /** Returns the word that the first segments spell: the last token of each is its letter. */
        private static String letters(int[] tokens, int segments) {
            return IntStream.range(0, segments)
                    .mapToObj(i -> Character.toString(tokens[i * 16 + 15]))
                    .reduce("", String::concat);
        }

        private <T> T take(List<T> list) {
            return list.remove(random.nextInt(list.size()));
        }
    }
}
