package dev.kvasir.pool.tiered;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.PoolEvents;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.store.BadSegmentException;
import dev.kvasir.pool.store.MemoryStore;
import dev.kvasir.pool.store.SegmentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a pool tells of single segments, by a clock that the test moves. */
class PoolEventsTest {
    private static final KvLayout LAYOUT = new KvLayout(1, 1, 2, 16, KvDtype.FLOAT32);
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);
    private static final int[] TOKENS = IntStream.range(0, 33).toArray(); // two segments, and one token

    /** A host's memory that may give back something else. */
    private static final class Memory implements SegmentStore {
        private final MemoryStore memory = new MemoryStore(BufferSlotStorage.heap(LAYOUT, 8));
        private boolean bad;
        private boolean full;

        @Override
        public int slots() {
            return memory.slots();
        }

        @Override
        public int segmentBytes() {
            return memory.segmentBytes();
        }

        @Override
        public List<Found> found() {
            return List.of();
        }

        @Override
        public void write(int slot, SegmentHeader header, ByteBuffer from) throws IOException {
            if (full) {
                throw new IOException("no space left");
            }
            memory.write(slot, header, from);
        }

        @Override
        public void read(int slot, SegmentHeader expected, ByteBuffer to) throws IOException {
            if (bad) {
                throw new BadSegmentException("slot " + slot + " is torn");
            }
            memory.read(slot, expected, to);
        }

        @Override
        public void erase(int slot) {
            memory.erase(slot);
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    private final List<String> told = new ArrayList<>();
    private final Memory memory = new Memory();
    private long now;
    private final TieredMemPool pool = new TieredMemPool(
            LAYOUT,
            0,
            BufferSlotStorage.heap(LAYOUT, 8),
            new LruPolicy(),
            List.of(new TieredMemPool.Below(Tier.HOST, memory, new LruPolicy())),
            WritePolicy.BACK,
            2,
            new Mover(Runnable::run, () -> now, () -> {}),
            new PoolEvents() {
                @Override
                public void onReuse(Tier tier, long gapNanos) {
                    told.add(tier + " reused after " + gapNanos);
                }

                @Override
                public void onGone(Tier tier, long lifetimeNanos) {
                    told.add(tier + " lived " + lifetimeNanos);
                }

                @Override
                public void onFailure(Tier tier, String reason, String what) {
                    told.add(tier + " " + reason + ": " + what);
                }
            });

    private PinnedPrefix match() {
        return pool.match(ROOT, TOKENS, TOKENS.length);
    }

    /** Two segments that come at 10. */
    private void insertAt10() {
        now = 10;
        PinnedPrefix prefix = match();
        pool.release(
                pool.insert(prefix, TOKENS, pool.alloc(2, Tier.DEVICE, ROOT).orElseThrow()));
    }

    @Test
    void aGapLiesBetweenTwoLookUps() {
        insertAt10();
        now = 30;
        PinnedPrefix prefix = match();
        now = 35;
        pool.release(prefix);
        now = 60;
        pool.release(match());
        assertThat(told)
                .containsExactly(
                        "DEVICE reused after 20",
                        "DEVICE reused after 20",
                        "DEVICE reused after 30",
                        "DEVICE reused after 30");
    }

    @Test
    void aLookUpThatIsGivenUpIsNoUse() {
        insertAt10();
        now = 30;
        pool.giveUp(match());
        pool.release(pool.pin(ROOT, TOKENS, 17));
        assertThat(told).isEmpty();
        now = 50;
        pool.release(pool.match(ROOT, TOKENS, 17));
        assertThat(told).containsExactly("DEVICE reused after 40");
    }

    @Test
    void ofTwoThatOverlapTheEarlierIsNoGapOfItsOwn() {
        insertAt10();
        now = 20;
        PinnedPrefix first = match();
        now = 25;
        PinnedPrefix second = match();
        pool.release(second);
        pool.release(first);
        assertThat(told).containsExactly("DEVICE reused after 15", "DEVICE reused after 15");
    }

    @Test
    void aLifeEndsWithTheEvictionAndEveryTierHasItsOwn() {
        insertAt10();
        now = 110;
        pool.swapOut(2);
        pool.settle();
        assertThat(told).containsExactly("DEVICE lived 100", "DEVICE lived 100");
        told.clear();
        now = 150;
        Move move = pool.swapIn(ROOT, TOKENS, TOKENS.length, 0);
        pool.settle();
        move.release();
        assertThat(told).containsExactly("HOST reused after 40", "HOST reused after 40");
        told.clear();
        now = 200;
        pool.delete(ROOT, TOKENS);
        assertThat(told)
                .containsExactlyInAnyOrder("DEVICE lived 50", "DEVICE lived 50", "HOST lived 90", "HOST lived 90");
    }

    @Test
    void aBadRecordIsTold() {
        insertAt10();
        pool.swapOut(2);
        pool.settle();
        told.clear();
        memory.bad = true;
        Move move = pool.swapIn(ROOT, TOKENS, TOKENS.length, 0);
        pool.settle();
        move.release();
        assertThat(told).contains("HOST bad: slot 0 is torn");
        assertThat(pool.tiers().get(1).counters().failures()).containsKey("bad");
    }

    @Test
    void aWriteThatFailsIsTold() {
        insertAt10();
        memory.full = true;
        pool.swapOut(2);
        pool.settle();
        assertThat(told).contains("HOST write: no space left");
    }
}
