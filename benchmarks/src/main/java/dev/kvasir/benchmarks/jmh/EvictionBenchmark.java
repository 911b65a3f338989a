package dev.kvasir.benchmarks.jmh;

import dev.kvasir.pool.eviction.Evictable;
import dev.kvasir.pool.eviction.EvictionPolicies;
import dev.kvasir.pool.eviction.EvictionPolicy;
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
import org.openjdk.jmh.annotations.Warmup;

/** Eviction policies alone, with as many leaves as a small and a large pool have. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class EvictionBenchmark {
    @Param({"lru", "lfu", "tinylfu"})
    public String policy = "lru";

    @Param({"1000", "100000"})
    public int leaves;

    private final SplittableRandom random = new SplittableRandom(1);
    private long uses;

    @SuppressWarnings("NullAway.Init") // set up by JMH
    private EvictionPolicy evictable;

    @SuppressWarnings("NullAway.Init")
    private Leaf[] present;

    /** Adds all leaves. */
    @Setup(Level.Trial)
    public void fill() {
        evictable = EvictionPolicies.of(policy).create(leaves);
        present = new Leaf[leaves];
        for (int i = 0; i < leaves; i++) {
            present[i] = new Leaf(random.nextLong(), ++uses, 0);
            evictable.add(present[i]);
        }
    }

    /** A leaf is pinned and released again. */
    @Benchmark
    public void use() {
        int at = random.nextInt(leaves);
        Leaf leaf = present[at];
        evictable.remove(leaf);
        present[at] = new Leaf(leaf.content, ++uses, leaf.hits + 1);
        evictable.add(present[at]);
    }

    /** The victim goes and a newcomer takes its place. */
    @Benchmark
    public void evict() {
        Leaf victim = (Leaf) evictable.victim().orElseThrow();
        evictable.remove(victim);
        evictable.add(new Leaf(random.nextLong(), ++uses, 0));
    }

    private record Leaf(long content, long lastUse, int hits) implements Evictable {}
}
