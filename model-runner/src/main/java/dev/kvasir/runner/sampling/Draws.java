package dev.kvasir.runner.sampling;

/** The uniform numbers of sampling: a hash of seed and position, so that each position's draw stands by itself. */
public final class Draws {
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private Draws() {}

    /** Returns a number in [0, 1) with 24 random bits; equal arguments give equal numbers. */
    public static float uniform(long seed, int position) {
        return (mix(mix(seed) + (position + 1L) * GOLDEN_GAMMA) >>> 40) * 0x1.0p-24f;
    }

    // The finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014).
    private static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
