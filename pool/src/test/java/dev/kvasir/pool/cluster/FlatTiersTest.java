package dev.kvasir.pool.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.store.MemoryStore;
import dev.kvasir.pool.tiered.Mover;
import dev.kvasir.pool.tiered.TieredMemPool;
import dev.kvasir.pool.tiered.WritePolicy;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A pool of single segments with a tier below it. */
class FlatTiersTest {
    private static final KvLayout LAYOUT = new KvLayout(1, 1, 2, 16, KvDtype.FLOAT32);
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);
    private static final int[] TOKENS = IntStream.range(0, 49).toArray(); // three segments, and one token

    @Test
    void whatContinuesADeletedSegmentStaysInEveryTier() {
        MemPool pool = new FlatMemPool(new TieredMemPool(
                LAYOUT,
                0,
                BufferSlotStorage.heap(LAYOUT, 4),
                new LruPolicy(),
                List.of(new TieredMemPool.Below(
                        Tier.HOST, new MemoryStore(BufferSlotStorage.heap(LAYOUT, 4)), new LruPolicy())),
                WritePolicy.BACK,
                1,
                new Mover(Runnable::run, () -> 0, () -> {})));
        PinnedPrefix none = pool.match(ROOT, TOKENS, TOKENS.length);
        pool.release(pool.insert(none, TOKENS, pool.alloc(3, Tier.DEVICE).orElseThrow()));
        pool.swapOut(3);
        pool.poll();

        assertThat(pool.delete(ROOT, Arrays.copyOf(TOKENS, 16))).isEqualTo(1);
        pool.poll();
        assertThat(pool.usage(Tier.HOST).sealed()).isEqualTo(2);

        pool.release(pool.insert(
                pool.match(ROOT, TOKENS, TOKENS.length),
                TOKENS,
                pool.alloc(1, Tier.DEVICE).orElseThrow()));
        Move move = pool.swapIn(ROOT, TOKENS, TOKENS.length, 0);
        pool.poll();
        assertThat(pool.matchedTokens(ROOT, TOKENS, TOKENS.length)).isEqualTo(48);
        move.release();
        pool.checkInvariants();
    }
}
