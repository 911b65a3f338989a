package dev.kvasir.pool.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierCounters;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.eviction.TenantShares;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.pool.store.MemoryStore;
import dev.kvasir.pool.tiered.Mover;
import dev.kvasir.pool.tiered.TieredMemPool;
import dev.kvasir.pool.tiered.WritePolicy;
import dev.kvasir.testing.RandomizedTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A flat pool and a map of words do the same random things: a segment is there or it isn't, whatever stands before it. */
class FlatMemPoolModelTest {
    private static final SegmentId ANN = root("ann");
    private static final SegmentId BOB = root("bob");

    @RandomizedTest(20)
    void behavesLikeAMap(SplittableRandom random) {
        new Run(random).steps(500);
    }

    @RandomizedTest(20)
    @Tag("nightly")
    void behavesLikeAMapForLong(SplittableRandom random) {
        new Run(random).steps(5_000);
    }

    /** Roots of single segments are identities: they must name the tenant, too. */
    @Test
    void aFloodOfOneTenantTakesNothingFromAnother() {
        BufferSlotStorage storage = BufferSlotStorage.heap(PoolCluster.LAYOUT, 12);
        LocalMemPool local =
                new LocalMemPool(PoolCluster.LAYOUT, 0, storage, new TenantShares(slots -> new LruPolicy(), 12, 0.5));
        FlatMemPool pool = new FlatMemPool(local);
        store(pool, BOB, "quiet");
        SegmentId salted = SegmentIdentity.salted(ANN, new byte[] {1});
        for (int i = 0; i < 60; i++) {
            store(pool, i % 2 == 0 ? ANN : salted, "" + (char) ('a' + i % 26) + (char) ('a' + i / 26) + "yz");
            pool.checkInvariants();
        }
        assertThat(pool.matchedTokens(BOB, PoolCluster.tokens("quiet?"), 81)).isEqualTo(80);
        assertThat(pool.usage(Tier.DEVICE).sealed()).isEqualTo(5 + 6);
        PinnedPrefix all = pool.match(salted, PoolCluster.tokens("hcyz?"), 65); // the last one stored
        assertThat(all.segments()).isEqualTo(4);
        assertThat(pool.roomFor(ANN)).isEqualTo(2);
        assertThat(pool.roomFor(BOB)).isEqualTo(6);
        pool.release(all);
    }

    @RandomizedTest(15)
    void whatALowerTierHasComesBackAsItWas(SplittableRandom random) {
        List<Runnable> jobs = new ArrayList<>();
        Runnable runAll = () -> {
            while (!jobs.isEmpty()) {
                jobs.remove(random.nextInt(jobs.size())).run();
            }
        };
        BufferSlotStorage storage = BufferSlotStorage.heap(PoolCluster.LAYOUT, 60);
        TieredMemPool tiered = new TieredMemPool(
                PoolCluster.LAYOUT,
                0,
                storage,
                new LruPolicy(),
                List.of(new TieredMemPool.Below(
                        Tier.HOST, new MemoryStore(BufferSlotStorage.heap(PoolCluster.LAYOUT, 400)), new LruPolicy())),
                WritePolicy.BACK,
                0,
                new Mover(jobs::add, () -> 0, () -> {}, runAll));
        FlatMemPool pool = new FlatMemPool(tiered);
        Set<String> computed = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            String word = word(random, 1, 5);
            Move move = pool.swapIn(ANN, PoolCluster.tokens(word + "?"), word.length() * 16 + 1, 0);
            if (random.nextBoolean()) {
                runAll.run();
                pool.poll();
            }
            PinnedPrefix prefix = pool.match(ANN, PoolCluster.tokens(word + "?"), word.length() * 16 + 1);
            int known = 0;
            while (known < word.length() && computed.contains(word.substring(0, known + 1))) {
                known++;
            }
            if (move.isDone()) {
                assertThat(prefix.segments()).as("what is there of %s", word).isEqualTo(known);
            }
            checkBytes(storage, prefix, ANN, word);
            PinnedPrefix grown = grow(pool, storage, prefix, ANN, word).orElseThrow();
            for (int end = 1; end <= word.length(); end++) {
                computed.add(word.substring(0, end));
            }
            move.release();
            pool.release(grown);
            pool.swapOut(random.nextInt(3));
            pool.checkInvariants();
        }
        runAll.run();
        pool.poll();
        pool.checkInvariants();
        assertThat(pool.usage(Tier.DEVICE).pinned()).isZero();
        assertThat(pool.usage(Tier.DEVICE).writing()).isZero();
        assertThat(pool.usage(Tier.HOST).sealed()).isPositive();
    }

    private record Reader(PinnedPrefix prefix, SegmentId root, String word, int asked) {}

    private static final class Run {
        private static final int GROWN = -1; // in place of how many segments a reader asked for

        private final SplittableRandom random;
        private final BufferSlotStorage storage;
        private final LocalMemPool local;
        private final FlatMemPool pool;
        private final Map<SegmentId, Integer> pins = new HashMap<>(); // of what is there
        private final List<Reader> readers = new ArrayList<>();
        private long hits;
        private long misses;

        Run(SplittableRandom random) {
            this.random = random;
            int slots = random.nextInt(4, 60);
            storage = BufferSlotStorage.heap(PoolCluster.LAYOUT, slots);
            local = new LocalMemPool(
                    PoolCluster.LAYOUT,
                    0,
                    storage,
                    random.nextBoolean()
                            ? new LruPolicy()
                            : new TenantShares(own -> new LruPolicy(), slots, random.nextDouble(0.2, 1)));
            pool = new FlatMemPool(local);
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
            assertThat(pool.alloc(pool.capacity(Tier.DEVICE), Tier.DEVICE))
                    .as("everything can be had again")
                    .isPresent();
        }

        private void step() {
            switch (random.nextInt(8)) {
                case 0, 1 -> match();
                case 2, 3, 4 -> compute();
                case 5, 6 -> release();
                default -> {
                    if (random.nextBoolean()) {
                        delete();
                    } else {
                        pool.evict(Tier.DEVICE, random.nextInt(4));
                        sync();
                    }
                }
            }
        }

        private int found(SegmentId root, String word) {
            int found = 0;
            while (found < word.length() && pins.containsKey(id(root, word.substring(0, found + 1)))) {
                found++;
            }
            return found;
        }

        private Reader match() {
            if (readers.size() > 3) {
                release();
            }
            SegmentId root = random.nextBoolean() ? ANN : BOB;
            String word = word(random, 1, 6);
            int[] tokens = PoolCluster.tokens(word + "?");
            int found = found(root, word);
            assertThat(pool.matchedTokens(root, tokens, word.length() * 16 + 1)).isEqualTo(found * 16);
            boolean counts = random.nextInt(4) > 0;
            PinnedPrefix prefix = counts
                    ? pool.match(root, tokens, word.length() * 16 + 1)
                    : pool.pin(root, tokens, word.length() * 16 + 1);
            assertThat(prefix.segments()).isEqualTo(found);
            hits += counts ? found : 0;
            misses += counts ? word.length() - found : 0;
            pin(root, word, 0, found);
            Reader reader = new Reader(prefix, root, word.substring(0, found), counts ? word.length() : GROWN);
            readers.add(reader);
            return reader;
        }

        private void compute() {
            Reader reader = match();
            String word = reader.word + word(random, 1, 4);
            int count = word.length() - reader.word.length();
            int free = pool.usage(Tier.DEVICE).available();
            Optional<PinnedPrefix> grown = grow(pool, storage, reader.prefix, reader.root, word);
            assertThat(grown.isPresent()).isEqualTo(count <= free);
            sync();
            if (grown.isPresent()) {
                for (int i = reader.word.length(); i < word.length(); i++) {
                    pins.putIfAbsent(id(reader.root, word.substring(0, i + 1)), 0);
                }
                pin(reader.root, word, reader.word.length(), word.length());
                readers.remove(reader);
                readers.add(new Reader(grown.get(), reader.root, word, GROWN));
                assertThatIllegalStateException().isThrownBy(() -> pool.release(reader.prefix));
            }
        }

        private void pin(SegmentId root, String word, int from, int to) {
            for (int i = from; i < to; i++) {
                pins.merge(id(root, word.substring(0, i + 1)), 1, Integer::sum);
            }
        }

        private void release() {
            if (readers.isEmpty()) {
                return;
            }
            Reader reader = readers.remove(random.nextInt(readers.size()));
            if (reader.asked != GROWN && random.nextBoolean()) {
                hits -= reader.word.length();
                misses -= reader.asked - reader.word.length();
                pool.giveUp(reader.prefix);
            } else {
                pool.release(reader.prefix);
            }
            for (int i = 0; i < reader.word.length(); i++) {
                pins.merge(id(reader.root, reader.word.substring(0, i + 1)), -1, Integer::sum);
            }
            assertThatIllegalStateException().isThrownBy(() -> pool.release(reader.prefix));
        }

        /** What stands behind stays. */
        private void delete() {
            SegmentId root = random.nextBoolean() ? ANN : BOB;
            String word = word(random, 0, 4);
            int gone = 0;
            for (int i = 1; i <= word.length(); i++) {
                SegmentId id = id(root, word.substring(0, i));
                if (pins.containsKey(id) && pins.get(id) == 0) {
                    pins.remove(id);
                    gone++;
                }
            }
            assertThat(pool.delete(root, PoolCluster.tokens(word))).isEqualTo(gone);
        }

        /** Takes note of what was evicted: nothing that is pinned. */
        private void sync() {
            Set<SegmentId> held = new HashSet<>();
            local.forEach(segment -> held.add(segment.header().id()));
            pins.forEach(
                    (id, count) -> assertThat(count == 0 || held.contains(id)).isTrue());
            pins.keySet().retainAll(held);
        }

        private void check() {
            pool.checkInvariants();
            PoolUsage usage = pool.usage(Tier.DEVICE);
            assertThat(usage.sealed()).isEqualTo(pins.size());
            assertThat(usage.pinned())
                    .isEqualTo((int) pins.values().stream().filter(n -> n > 0).count());
            assertThat(usage.writing()).isZero();
            TierCounters counters = pool.tiers().get(0).counters();
            assertThat(counters.hits()).isEqualTo(hits);
            assertThat(counters.misses()).isEqualTo(misses);
            readers.forEach(reader -> checkBytes(storage, reader.prefix, reader.root, reader.word));
        }
    }

    private static SegmentId root(String tenant) {
        return SegmentIdentity.root(new byte[32], PoolCluster.LAYOUT.dtype(), "default", tenant.getBytes(UTF_8));
    }

    private static SegmentId id(SegmentId root, String word) {
        SegmentId id = root;
        for (int i = 0; i < word.length(); i++) {
            id = SegmentIdentity.next(id, PoolCluster.tokens(word), i * 16, (i + 1) * 16);
        }
        return id;
    }

    private static String word(SplittableRandom random, int shortest, int longest) {
        StringBuilder word = new StringBuilder();
        for (int i = random.nextInt(shortest, longest + 1); i > 0; i--) {
            word.append("ABC".charAt(random.nextInt(3)));
        }
        return word.toString();
    }

    private static void store(MemPool pool, SegmentId root, String word) {
        PinnedPrefix prefix = pool.match(root, PoolCluster.tokens(word + "?"), word.length() * 16 + 1);
        List<SlotAddress> slots =
                pool.alloc(word.length() - prefix.segments(), Tier.DEVICE, root).orElseThrow();
        pool.release(pool.insert(prefix, PoolCluster.tokens(word), slots));
    }

    /** Computes the rest of a word; empty if there's no room. */
    private static Optional<PinnedPrefix> grow(
            MemPool pool, BufferSlotStorage storage, PinnedPrefix prefix, SegmentId root, String word) {
        int before = prefix.segments();
        Optional<List<SlotAddress>> slots = pool.alloc(word.length() - before, Tier.DEVICE, root);
        for (int i = before; slots.isPresent() && i < word.length(); i++) {
            PoolCluster.fill(storage.slot(slots.get().get(i - before).slot()), root + word.substring(0, i + 1));
        }
        return slots.map(taken -> pool.insert(prefix, PoolCluster.tokens(word), taken));
    }

    private static void checkBytes(BufferSlotStorage storage, PinnedPrefix prefix, SegmentId root, String word) {
        ByteBuffer expected = ByteBuffer.allocate(PoolCluster.LAYOUT.segmentBytes());
        for (int i = 0; i < prefix.segments(); i++) {
            PoolCluster.fill(expected.clear(), root + word.substring(0, i + 1));
            assertThat(prefix.id(i)).isEqualTo(id(root, word.substring(0, i + 1)));
            assertThat(storage.slot(prefix.address(i).slot()).mismatch(expected.clear()))
                    .as("segment %d of %s", i, word)
                    .isEqualTo(-1);
        }
    }
}
