package dev.kvasir.benchmarks.tiers;

import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Times what a pool does with whole segments. Each time is of many segments, divided by their number. */
final class PoolCopies {
    private static final int MOST_SEGMENTS = 128;
    private static final int WARM_UPS = 3;

    private final BenchPool bench;
    private final RandomGenerator random;
    private final int runs;
    private final int vocab;
    private final int size;

    /**
     * Times one pool.
     *
     * @param random draws token ids below {@code vocab}
     * @param runs how often each is timed, after a few times that don't count
     */
    PoolCopies(BenchPool bench, RandomGenerator random, int vocab, int runs) {
        this.bench = bench;
        this.random = random;
        this.vocab = vocab;
        this.runs = runs;
        this.size = bench.pool().layout().segmentTokens();
    }

    /** Times taking slots, sealing them, and finding a long prompt. */
    List<Figure> books(int matchTokens) throws InterruptedException {
        MemPool pool = bench.pool();
        int segments = Math.min(matchTokens / size, pool.capacity(Tier.DEVICE) - 1);
        List<Long> alloc = new ArrayList<>();
        List<Long> insert = new ArrayList<>();
        for (int run = -WARM_UPS; run < runs; run++) {
            bench.pool().evict(Tier.DEVICE, pool.capacity(Tier.DEVICE));
            int[] tokens = tokens(segments);
            long begun = System.nanoTime();
            List<SlotAddress> slots = pool.alloc(segments, Tier.DEVICE).orElseThrow();
            long taken = System.nanoTime();
            PinnedPrefix prefix = pool.match(BenchPool.ROOT, tokens, tokens.length);
            pool.release(pool.insert(prefix, tokens, slots));
            long sealed = System.nanoTime();
            if (run >= 0) {
                alloc.add((taken - begun) / segments);
                insert.add((sealed - taken) / segments);
            }
        }
        int[] known = tokens(segments);
        bench.pool().evict(Tier.DEVICE, pool.capacity(Tier.DEVICE));
        bench.insert(known);
        List<Long> match = new ArrayList<>();
        for (int run = -1000; run < 100 * runs; run++) {
            long begun = System.nanoTime();
            PinnedPrefix prefix = pool.match(BenchPool.ROOT, known, known.length);
            pool.release(prefix);
            long nanos = System.nanoTime() - begun;
            if (run >= 0) {
                match.add(nanos);
            }
        }
        bench.pool().evict(Tier.DEVICE, pool.capacity(Tier.DEVICE));
        return List.of(
                Figure.of("books", "match and release of " + segments * size + " tokens", 0, match),
                Figure.of("books", "take a slot, zeroed", pool.layout().segmentBytes(), alloc),
                Figure.of("books", "insert a segment", 0, insert));
    }

    /** Times copies from the device to the tier below and back. */
    List<Figure> copies(Below below) throws InterruptedException {
        int segments = Math.min(MOST_SEGMENTS, bench.segments() / 2);
        List<Long> out = new ArrayList<>();
        List<Long> in = new ArrayList<>();
        for (int run = -WARM_UPS; run < runs; run++) {
            int[] tokens = tokens(segments);
            bench.insert(tokens);
            long begun = System.nanoTime();
            bench.swapOut();
            long gone = System.nanoTime();
            bench.swapIn(tokens);
            long back = System.nanoTime();
            bench.swapOut(); // nothing to copy: it's still below
            if (run >= 0) {
                out.add((gone - begun) / segments);
                in.add((back - gone) / segments);
            }
        }
        long bytes = bench.pool().layout().segmentBytes();
        return List.of(
                Figure.of("device to " + below.title(), "swapOut a segment", bytes, out),
                Figure.of(below.title() + " to device", "swapIn a segment", bytes, in));
    }

    private int[] tokens(int segments) {
        return random.ints(segments * size + 1, 0, vocab).toArray();
    }
}
