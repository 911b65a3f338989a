package dev.kvasir.benchmarks.eviction;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.EvictionPolicy;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.local.LocalMemPool;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/** Sends requests through a real pool with slots of 64 bytes, as a scheduler would that computes nothing. */
final class PoolReplay {
    private static final KvLayout LAYOUT = new KvLayout(1, 1, 1, 16, KvDtype.FLOAT16);
    private static final int SEGMENT = LAYOUT.segmentTokens();
    private static final int CHUNK = 4; // segments of a prompt that one step computes
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);

    private final MemPool pool;
    private final int most;
    private final Queue<PinnedPrefix> readers = new ArrayDeque<>();

    private PoolReplay(MemPool pool, int most) {
        this.pool = pool;
        this.most = most;
    }

    /**
     * Replays requests and returns what was found.
     *
     * @param readers requests that run at once and keep their segments pinned; fewer where the slots don't suffice
     * @throws IllegalArgumentException if a request alone needs more slots than there are
     */
    static HitCounts replay(List<Request> requests, EvictionPolicy policy, int slots, int readers) {
        MemPool pool = new LocalMemPool(LAYOUT, 0, BufferSlotStorage.heap(LAYOUT, slots), policy);
        PoolReplay replay = new PoolReplay(pool, readers);
        HitCounts counts = new HitCounts();
        for (Request request : requests) {
            counts.add(request, replay.run(request));
        }
        replay.readers.forEach(pool::release);
        pool.checkInvariants();
        return counts;
    }

    /** Returns what would be found if nothing were ever evicted; no policy finds more. */
    static HitCounts ceiling(List<Request> requests) {
        Set<Long> seen = new HashSet<>();
        HitCounts counts = new HitCounts();
        for (Request request : requests) {
            long chain = 0;
            int found = 0;
            for (int i = 0; i < request.segments().length; i++) {
                chain = chain(chain, request.segments()[i]);
                boolean isNew = seen.add(chain);
                found += isNew || i >= request.prompt() ? 0 : 1;
            }
            counts.add(request, found);
        }
        return counts;
    }

    /** Returns how many segments of its prompt were there. */
    private int run(Request request) {
        int[] tokens = tokens(request.segments());
        PinnedPrefix prefix = pool.match(ROOT, tokens, request.prompt() * SEGMENT + 1);
        int found = prefix.segments();
        while (prefix.segments() < request.segments().length) {
            int chunk = Math.min(CHUNK, request.prompt() - prefix.segments());
            prefix = pool.insert(prefix, tokens, slots(Math.max(1, chunk))); // an answer seals one after the other
        }
        readers.add(prefix);
        if (readers.size() > most) {
            pool.release(readers.remove());
        }
        return found;
    }

    /** Takes slots, from the requests that have run the longest if need be. */
    private List<SlotAddress> slots(int count) {
        Optional<List<SlotAddress>> slots = pool.alloc(count, Tier.DEVICE);
        while (slots.isEmpty()) {
            PinnedPrefix oldest = readers.poll();
            if (oldest == null) {
                throw new IllegalArgumentException(
                        "a request doesn't fit a pool of " + pool.capacity(Tier.DEVICE) + " slots");
            }
            pool.release(oldest);
            slots = pool.alloc(count, Tier.DEVICE);
        }
        return slots.get();
    }

    /** Returns tokens that differ where the segments do, and one more, which a prompt needs to match as a whole. */
    private static int[] tokens(long[] segments) {
        int[] tokens = new int[segments.length * SEGMENT + 1];
        for (int i = 0; i < segments.length; i++) {
            tokens[i * SEGMENT] = (int) segments[i];
            tokens[i * SEGMENT + 1] = (int) (segments[i] >>> 32);
        }
        return tokens;
    }

    private static long chain(long before, long segment) {
        long hash = (before * 31 + segment + 1) * 0x9e3779b97f4a7c15L;
        return (hash ^ hash >>> 29) * 0xbf58476d1ce4e5b9L;
    }
}
