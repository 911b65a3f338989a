package dev.kvasir.benchmarks.jmh;

import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.store.SegmentStore;
import dev.kvasir.pool.tiered.Mover;
import dev.kvasir.pool.tiered.TieredMemPool;
import dev.kvasir.pool.tiered.WritePolicy;
import java.nio.ByteBuffer;
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

/** What tiers add to the pool's books: a prompt swapped out and in again, over a store that copies nothing. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class SwapBooksBenchmark {
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);

    @Param({"2048", "16384"})
    public int tokens;

    private final SplittableRandom random = new SplittableRandom(1);

    @SuppressWarnings("NullAway.Init") // set up by JMH
    private TieredMemPool pool;

    @SuppressWarnings("NullAway.Init")
    private int[] prompt;

    private int segments;

    /** Puts a prompt on the device of a pool with room for two above and four below. */
    @Setup(Level.Trial)
    public void fill() {
        segments = tokens / InstantRunner.LAYOUT.segmentTokens();
        prompt = random.ints(tokens + 1, 0, InstantRunner.VOCAB).toArray();
        pool = new TieredMemPool(
                InstantRunner.LAYOUT,
                0,
                BufferSlotStorage.heap(InstantRunner.LAYOUT, 2 * segments),
                new LruPolicy(),
                List.of(new TieredMemPool.Below(Tier.HOST, new NoCopy(4 * segments), new LruPolicy())),
                WritePolicy.BACK,
                0,
                new Mover(Runnable::run, System::nanoTime, () -> {}));
        insert();
    }

    /** Finds a prompt that is all on the device. */
    @Benchmark
    public int match() {
        PinnedPrefix prefix = pool.match(ROOT, prompt, prompt.length);
        int matched = prefix.tokens();
        pool.release(prefix);
        return matched;
    }

    /** Swaps a prompt that is below already out of the device and in again. */
    @Benchmark
    public int swapOutAndIn() {
        Move out = pool.swapOut(segments);
        pool.poll();
        Move in = pool.swapIn(ROOT, prompt, prompt.length, 0);
        pool.poll();
        in.release();
        return out.segments() + in.segments();
    }

    /** Seals a new prompt on a device whose other segments have to be written below first. */
    @Benchmark
    public void insertUnderPressure() {
        // A first token that no prompt had for a long time makes the whole prompt new: identities are a chain.
        prompt[0] = (prompt[0] + 1) % InstantRunner.VOCAB;
        insert();
    }

    /** A benchmark that left the books in disorder has measured nothing. */
    @TearDown(Level.Trial)
    public void check() {
        pool.poll();
        pool.checkInvariants();
    }

    private void insert() {
        PinnedPrefix prefix = pool.match(ROOT, prompt, prompt.length);
        int missing = segments - prefix.segments();
        List<SlotAddress> slots = pool.alloc(missing, Tier.DEVICE).orElseThrow();
        pool.release(pool.insert(prefix, prompt, slots));
        pool.poll();
    }

    /** Slots that are taken at their word. */
    private record NoCopy(int slots) implements SegmentStore {
        @Override
        public int segmentBytes() {
            return InstantRunner.LAYOUT.segmentBytes();
        }

        @Override
        public List<Found> found() {
            return List.of();
        }

        @Override
        public void write(int slot, SegmentHeader header, ByteBuffer from) {
            from.position(from.limit());
        }

        @Override
        public void read(int slot, SegmentHeader expected, ByteBuffer to) {
            to.position(to.limit());
        }

        @Override
        public void erase(int slot) {
            // There is nothing.
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }
}
