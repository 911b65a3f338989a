package dev.kvasir.benchmarks.jmh;

import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.local.LocalMemPool;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The prefix tree through the pool's contract: matching, inserting and evicting prompts of several lengths. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PrefixTreeBenchmark {
    /** Other prompts that the tree holds, of 512 tokens each: a tree that isn't just the one path. */
    private static final int OTHERS = 256;

    private static final int OTHER_TOKENS = 512;
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);

    @Param({"512", "4096", "32768"})
    public int tokens;

    private final SplittableRandom random = new SplittableRandom(1);

    @SuppressWarnings("NullAway.Init") // set up by JMH
    private MemPool roomy;

    @SuppressWarnings("NullAway.Init")
    private MemPool full;

    @SuppressWarnings("NullAway.Init")
    private int[] known;

    @SuppressWarnings("NullAway.Init")
    private int[] fresh;

    /** Fills one pool so that there is room for one more prompt, and another up to the last slot. */
    @Setup(Level.Trial)
    public void fill() {
        int segments = tokens / InstantRunner.LAYOUT.segmentTokens();
        int others = OTHERS * OTHER_TOKENS / InstantRunner.LAYOUT.segmentTokens();
        known = random.ints(tokens + 1, 0, InstantRunner.VOCAB).toArray();
        fresh = random.ints(tokens + 1, 0, InstantRunner.VOCAB).toArray();
        roomy = pool(others + 2 * segments);
        insert(roomy, known);
        full = pool(others + segments);
        insert(full, known);
        for (int i = 0; i < OTHERS; i++) {
            int[] other = random.ints(OTHER_TOKENS + 1, 0, InstantRunner.VOCAB).toArray();
            insert(roomy, other);
            insert(full, other);
        }
    }

    /** Finds a prompt that is all there, pins it and lets it go. */
    @Benchmark
    public int match() {
        PinnedPrefix prefix = roomy.match(ROOT, known, known.length);
        int matched = prefix.tokens();
        roomy.release(prefix);
        return matched;
    }

    /** Finds nothing of a prompt. */
    @Benchmark
    public int miss() {
        PinnedPrefix prefix = roomy.match(ROOT, fresh, fresh.length);
        int matched = prefix.tokens();
        roomy.release(prefix);
        return matched;
    }

    /** Takes slots, seals a new prompt and deletes it again, in a pool with room. */
    @Benchmark
    public int insertAndDelete() {
        insert(roomy, fresh);
        return roomy.delete(ROOT, fresh);
    }

    /** Seals a new prompt in a full pool: each slot is another's that has to be evicted first. */
    @Benchmark
    public void insertUnderPressure() {
        // A first token that no prompt had for a long time makes the whole prompt new: identities are a chain.
        fresh[0] = (fresh[0] + 1) % InstantRunner.VOCAB;
        insert(full, fresh);
    }

    /** A benchmark that left the books in disorder has measured nothing. */
    @TearDown(Level.Trial)
    public void check() {
        roomy.checkInvariants();
        full.checkInvariants();
    }

    private static MemPool pool(int slots) {
        return new LocalMemPool(
                InstantRunner.LAYOUT, 0, BufferSlotStorage.heap(InstantRunner.LAYOUT, slots), new LruPolicy());
    }

    private static void insert(MemPool pool, int[] tokens) {
        PinnedPrefix prefix = pool.match(ROOT, tokens, tokens.length);
        int missing = (tokens.length - 1 - prefix.tokens()) / InstantRunner.LAYOUT.segmentTokens();
        List<SlotAddress> slots = pool.alloc(missing, Tier.DEVICE).orElseThrow();
        pool.release(pool.insert(prefix, tokens, slots));
    }
}
