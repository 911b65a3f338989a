package dev.kvasir.pool.tiered;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Surveys;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.store.MemoryStore;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;

/**
 * Random things are done to a pool of several tiers whose copies end in any order, or fail. Whatever it says it has must have the right bytes; where
 * nothing fails and there is room, whatever was computed must be had again.
 */
class TieredMemPoolModelTest {
    private static final KvLayout LAYOUT = new KvLayout(1, 1, 2, 16, KvDtype.FLOAT32);
    private static final String LETTERS = "ABCD";
    private static final int LONGEST = 5;

    @RandomizedTest(40)
    void neverWrong(SplittableRandom random) throws IOException {
        new Run(random, random.nextInt(2) * 10, false).steps(250);
    }

    @RandomizedTest(40)
    void nothingIsLostWhereThereIsRoom(SplittableRandom random) throws IOException {
        new Run(random, 0, true).steps(250);
    }

    @RandomizedTest(40)
    @Tag("nightly")
    void neverWrongForLong(SplittableRandom random) throws IOException {
        new Run(random, random.nextInt(2) * 10, random.nextBoolean()).steps(2_500);
    }

    /** A reader of a word whose letters are segments. */
    private record Reader(PinnedPrefix prefix, SegmentId root, String word) {}

    private record Loading(Move move, SegmentId root, String word) {}

    private static final class Run {
        private final SplittableRandom random;
        private final boolean roomy;
        private final JobQueue jobs;
        private final BufferSlotStorage storage;
        private final WritePolicy policy;
        private final int hostSlots;
        private final FaultyStore disk;
        private final int diskSlots;
        private TieredMemPool pool;
        private final List<Reader> readers = new ArrayList<>();
        private final List<Loading> loads = new ArrayList<>();
        private final Set<String> computed = new HashSet<>(); // root + word, sealed at some time and not deleted since

        Run(SplittableRandom random, int percent, boolean roomy) {
            this.random = random;
            this.roomy = roomy;
            if (roomy) {
                percent = 0;
            }
            jobs = new JobQueue(random);
            // As many as the longest prompt and the readers need.
            storage = BufferSlotStorage.heap(LAYOUT, random.nextInt(LONGEST * 3, LONGEST * 5));
            policy = roomy
                    ? WritePolicy.values()[random.nextInt(2)]
                    : WritePolicy.values()[random.nextInt(WritePolicy.values().length)];
            hostSlots = random.nextInt(10);
            diskSlots = roomy ? 4_000 : random.nextInt(hostSlots == 0 ? 1 : 0, 20);
            disk = new FaultyStore(Math.max(1, diskSlots), LAYOUT.segmentBytes(), random, percent);
            pool = pool(disk);
        }

        private TieredMemPool pool(FaultyStore diskStore) {
            List<TieredMemPool.Below> below = new ArrayList<>();
            if (hostSlots > 0) {
                below.add(new TieredMemPool.Below(
                        Tier.HOST, new MemoryStore(BufferSlotStorage.heap(LAYOUT, hostSlots)), new LruPolicy()));
            }
            if (diskSlots > 0) {
                below.add(new TieredMemPool.Below(Tier.DISK, diskStore, new LruPolicy()));
            }
            Mover mover = new Mover(jobs, () -> 0, () -> {}, jobs::runOne);
            return new TieredMemPool(LAYOUT, 0, storage, new LruPolicy(), below, policy, 2, mover);
        }

        void steps(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                step();
                check();
            }
            finish();
        }

        private void step() throws IOException {
            switch (random.nextInt(16)) {
                case 0, 1, 2, 3 -> compute();
                case 4, 5 -> release();
                case 6, 7 -> load();
                case 8 -> endLoad();
                case 9 -> pool.swapOut(random.nextInt(4));
                case 10, 11, 12 -> {
                    jobs.runOne();
                    pool.poll();
                }
                case 13 -> pool.poll();
                case 14 -> {
                    if (random.nextInt(6) == 0) {
                        delete();
                    }
                }
                default -> {
                    if (random.nextInt(10) == 0) {
                        restart();
                    } else {
                        jobs.runOne();
                    }
                }
            }
        }

        private void compute() {
            if (readers.size() == 2) {
                release();
            }
            SegmentId root = root();
            String word = word();
            PinnedPrefix prefix = pool.match(root, tokens(word + "?"), word.length() * 16 + 1);
            int missing = word.length() - prefix.segments();
            Optional<List<SlotAddress>> slots = pool.alloc(missing, Tier.DEVICE);
            if (slots.isEmpty()) {
                pool.release(prefix);
                return;
            }
            for (int i = 0; i < missing; i++) {
                fill(storage.slot(slots.get().get(i).slot()), root, word.substring(0, prefix.segments() + i + 1));
            }
            readers.add(new Reader(pool.insert(prefix, tokens(word), slots.get()), root, word));
            for (int i = 1; i <= word.length(); i++) {
                computed.add(root + word.substring(0, i));
            }
        }

        private void release() {
            if (!readers.isEmpty()) {
                pool.release(readers.remove(random.nextInt(readers.size())).prefix);
            }
        }

        private void load() {
            SegmentId root = root();
            String word = word();
            Move move = pool.swapIn(root, tokens(word + "?"), word.length() * 16 + 1, 0);
            loads.add(new Loading(move, root, word));
            if (loads.size() > 1) {
                endLoad();
            }
        }

        private void endLoad() {
            if (loads.isEmpty()) {
                return;
            }
            Loading load = loads.remove(0);
            while (random.nextInt(3) > 0 && !load.move.isDone()) {
                jobs.runOne();
                pool.poll();
            }
            load.move.release();
            load.move.release();
        }

        private void delete() {
            SegmentId root = root();
            String word = word().substring(0, 1);
            // Pinned segments stay: end what pins them.
            while (!loads.isEmpty()) {
                loads.remove(0).move.release();
            }
            while (!readers.isEmpty()) {
                release();
            }
            pool.delete(root, tokens(word));
            computed.removeIf(known -> known.startsWith(root + word));
            assertThat(pool.matchedTokens(root, tokens(word + "?"), 17)).isZero();
            Move nothing = pool.swapIn(root, tokens(word + "?"), 17, 0);
            assertThat(nothing.isDone() && nothing.segments() == 0 && nothing.left() == 0)
                    .isTrue();
            nothing.release();
        }

        private void restart() throws IOException {
            while (!loads.isEmpty()) {
                loads.remove(0).move.release();
            }
            while (!readers.isEmpty()) {
                release();
            }
            pool.close();
            assertThat(jobs.size()).isZero();
            pool = pool(disk.reopened());
            if (!roomy) {
                computed.clear();
            }
        }

        private void check() {
            pool.checkInvariants();
            readers.forEach(reader -> checkBytes(reader.prefix, reader.root, reader.word));
            if (roomy && jobs.size() == 0 && random.nextInt(10) == 0) {
                checkNothingIsLost();
            }
        }

        private void checkNothingIsLost() {
            SegmentId root = root();
            String word = word();
            int known = 0;
            while (known < word.length() && computed.contains(root + word.substring(0, known + 1))) {
                known++;
            }
            while (!loads.isEmpty()) {
                loads.remove(0).move.release();
            }
            Move move = pool.swapIn(root, tokens(word + "?"), word.length() * 16 + 1, 0);
            pool.settle();
            PinnedPrefix prefix = pool.match(root, tokens(word + "?"), word.length() * 16 + 1);
            assertThat(prefix.segments()).isEqualTo(known);
            checkBytes(prefix, root, word);
            pool.release(prefix);
            move.release();
        }

        private void finish() {
            while (!readers.isEmpty()) {
                release();
            }
            while (!loads.isEmpty()) {
                loads.remove(0).move.release();
            }
            pool.settle();
            pool.checkInvariants();
            Surveys.check(pool);
            assertThat(pool.usage(Tier.DEVICE).moving()).isZero();
            assertThat(pool.usage(Tier.DEVICE).writing()).isZero();
            assertThat(pool.alloc(pool.capacity(Tier.DEVICE), Tier.DEVICE))
                    .as("everything can be had again")
                    .isPresent();
        }

        private void checkBytes(PinnedPrefix prefix, SegmentId root, String word) {
            ByteBuffer expected = ByteBuffer.allocate(LAYOUT.segmentBytes());
            for (int i = 0; i < prefix.segments(); i++) {
                fill(expected.clear(), root, word.substring(0, i + 1));
                assertThat(storage.slot(prefix.address(i).slot()).mismatch(expected.clear()))
                        .as("segment %d of %s", i, word)
                        .isEqualTo(-1);
            }
        }

        /** What a model would have computed: a function of all that stands before. */
        private static void fill(ByteBuffer slot, SegmentId root, String word) {
            SplittableRandom values = new SplittableRandom((root + word).hashCode());
            while (slot.hasRemaining()) {
                slot.put((byte) values.nextInt());
            }
        }

        private SegmentId root() {
            String tenant = random.nextBoolean() ? "ann" : "bob";
            return SegmentIdentity.root(
                    new byte[32], LAYOUT.dtype(), "default", tenant.getBytes(StandardCharsets.UTF_8));
        }

        private String word() {
            StringBuilder word = new StringBuilder();
            for (int i = random.nextInt(1, LONGEST + 1); i > 0; i--) {
                word.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
            }
            return word.toString();
        }

        private static int[] tokens(String word) {
            int[] tokens = new int[word.length() * 16];
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = word.charAt(i / 16);
            }
            return tokens;
        }
    }
}
