package dev.kvasir.benchmarks.tiers;

import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.store.SegmentStore;
import dev.kvasir.pool.tiered.Mover;
import dev.kvasir.pool.tiered.TieredMemPool;
import dev.kvasir.pool.tiered.WritePolicy;
import dev.kvasir.runner.ModelRunner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A pool over a model's device memory and one tier below it, on the thread that made it. */
final class BenchPool implements AutoCloseable {
    static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);

    /** A copy that takes longer has got lost. */
    private static final long PATIENCE_SECONDS = 60;

    private final TieredMemPool pool;
    private final Below below;
    private final Path folder;
    private final Semaphore copied = new Semaphore(0);

    /**
     * Opens a pool that holds nothing.
     *
     * @param belowBytes size of the tier below
     * @param folder for its file
     * @param threads copy segments; stay their owner's
     */
    BenchPool(ModelRunner runner, Below below, long belowBytes, Path folder, Executor threads) throws IOException {
        this.below = below;
        this.folder = folder;
        int slots = (int) Math.max(1, belowBytes / runner.kvLayout().segmentBytes());
        SegmentStore store = below.open(runner.kvLayout(), slots, folder);
        // Selective from no hits on: what is evicted is written, as with write-back, but nothing when it's closed.
        pool = new TieredMemPool(
                runner.kvLayout(),
                0,
                runner.kvStorage(),
                new LruPolicy(),
                List.of(new TieredMemPool.Below(below.tier(), store, new LruPolicy())),
                WritePolicy.SELECTIVE,
                0,
                new Mover(threads, System::nanoTime, copied::release));
    }

    MemPool pool() {
        return pool;
    }

    /** Returns how many segments device and the tier below can both hold. */
    int segments() {
        return Math.min(pool.capacity(Tier.DEVICE), pool.capacity(below.tier()));
    }

    /** Takes slots and seals them as the segments of these tokens, whatever lies in them. */
    void insert(int[] tokens) {
        PinnedPrefix prefix = pool.match(ROOT, tokens, tokens.length);
        int missing = (tokens.length - 1) / pool.layout().segmentTokens() - prefix.segments();
        List<SlotAddress> slots = pool.alloc(missing, Tier.DEVICE).orElseThrow();
        pool.release(pool.insert(prefix, tokens, slots));
    }

    /** Empties the device; returns when all that was on it lies below. */
    void swapOut() throws InterruptedException {
        int segments = pool.usage(Tier.DEVICE).evictable();
        Move move = pool.swapOut(segments);
        await(move);
        if (move.segments() != segments) {
            throw new IllegalStateException(
                    below.title() + " took " + move.segments() + " of " + segments + " segments: " + pool.tiers());
        }
    }

    /** Brings the segments of a prompt back; returns when they can be read. */
    void swapIn(int[] tokens) throws InterruptedException {
        Move move = pool.swapIn(ROOT, tokens, tokens.length, 0);
        await(move);
        int segments = move.segments();
        move.release();
        if (segments != (tokens.length - 1) / pool.layout().segmentTokens()) {
            throw new IllegalStateException(
                    segments + " segments came back from " + below.title() + ": " + pool.tiers());
        }
    }

    private void await(Move move) throws InterruptedException {
        pool.poll();
        while (!move.isDone()) {
            awaitCopy();
            pool.poll();
        }
    }

    /** Waits until a copy is done that wasn't waited for yet. */
    void awaitCopy() throws InterruptedException {
        if (!copied.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("a copy took more than " + PATIENCE_SECONDS + " s");
        }
        copied.drainPermits();
    }

    @Override
    public void close() throws IOException {
        pool.close();
        below.delete(folder);
    }
}
