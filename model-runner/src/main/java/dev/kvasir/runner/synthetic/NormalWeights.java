package dev.kvasir.runner.synthetic;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.HalfPrecision;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.DoubleUnaryOperator;

/**
 * Normally distributed random weights, fast: half a billion in a second or two.
 *
 * <p>Sixteen random bits choose one of 65,536 equally likely quantiles of the normal distribution, which lie in a table in the stored
 * dtype already. So 64 random bits make four weights without any arithmetic on floats. The bits are SplitMix64 of the
 * tensor's seed and the element's index: any piece of a tensor can be made on its own, and all dtypes share the choice.
 */
final class NormalWeights {
    private static final int QUANTILES = 1 << 16;
    private static final double[] QUANTILE = quantiles();
    private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

    private final DType dtype;
    // Encoded quantiles; one of the two is empty.
    private final short[] shorts;
    private final int[] ints;

    private NormalWeights(DType dtype, DoubleUnaryOperator valueOfQuantile) {
        this.dtype = dtype;
        this.shorts = new short[dtype == DType.FLOAT32 ? 0 : QUANTILES];
        this.ints = new int[dtype == DType.FLOAT32 ? QUANTILES : 0];
        for (int i = 0; i < QUANTILES; i++) {
            float value = (float) valueOfQuantile.applyAsDouble(QUANTILE[i]);
            switch (dtype) {
                case FLOAT32 -> ints[i] = Float.floatToRawIntBits(value);
                case FLOAT16 -> shorts[i] = HalfPrecision.toFloat16(value);
                case BFLOAT16 -> shorts[i] = HalfPrecision.toBfloat16(value);
            }
        }
    }

    /** Prepares weights around {@code mean} with standard deviation {@code std}, which any number of tensors can share. */
    static NormalWeights around(DType dtype, double mean, double std) {
        return new NormalWeights(dtype, quantile -> mean + std * quantile);
    }

    /** Prepares weights of which one half lies around {@code mean} and the other around {@code -mean}. */
    static NormalWeights aroundBoth(DType dtype, double mean, double std) {
        return new NormalWeights(dtype, quantile -> Math.signum(quantile) * mean + std * quantile);
    }

    /** Returns a tensor of such weights; equal seeds and names give equal values. */
    SyntheticTensor tensor(long seed, String name, long... shape) {
        long tensorSeed = seedOf(seed, name);
        return new SyntheticTensor(name, dtype, shape, (into, first, count) -> fill(into, tensorSeed, first, count));
    }

    private void fill(ByteBuffer into, long seed, long first, int count) {
        int whole = count / 4 * 4;
        for (int i = 0; i < whole; i += 4) {
            long bits = bitsOf(seed, (first + i) / 4);
            if (dtype == DType.FLOAT32) {
                into.putLong(pair(ints, bits)).putLong(pair(ints, bits >>> 32));
            } else {
                into.putLong((shorts[(int) (bits & 0xFFFF)] & 0xFFFFL)
                        | (shorts[(int) (bits >>> 16 & 0xFFFF)] & 0xFFFFL) << 16
                        | (shorts[(int) (bits >>> 32 & 0xFFFF)] & 0xFFFFL) << 32
                        | (shorts[(int) (bits >>> 48)] & 0xFFFFL) << 48);
            }
        }
        for (int i = whole; i < count; i++) {
            int choice = (int) (bitsOf(seed, (first + i) / 4) >>> (16 * ((first + i) % 4))) & 0xFFFF;
            if (dtype == DType.FLOAT32) {
                into.putInt(ints[choice]);
            } else {
                into.putShort(shorts[choice]);
            }
        }
    }

    private static long pair(int[] table, long bits) {
        return (table[(int) (bits & 0xFFFF)] & 0xFFFFFFFFL) | (long) table[(int) (bits >>> 16 & 0xFFFF)] << 32;
    }

    private static long bitsOf(long seed, long index) {
        return mix(seed + index * GOLDEN_GAMMA);
    }

    private static long seedOf(long seed, String name) {
        long hash = mix(seed);
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            hash = mix(hash ^ b) + GOLDEN_GAMMA;
        }
        return hash;
    }

    // SplitMix64's output function (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /*
     * The quantile function x(p) of the normal distribution solves dx/dp = 1 / density(x), x(1/2) = 0: one Runge-Kutta step
     * for each table entry from the middle outwards, mirrored. StrictMath, since the same seed must give the same bytes on
     * every JDK. The outermost entries (4.2 standard deviations) are off by a few per cent of the step, which is of no importance here.
     */
    private static double[] quantiles() {
        double[] table = new double[QUANTILES];
        double x = 0;
        double step = 0.5 / QUANTILES;
        for (int i = QUANTILES / 2; i < QUANTILES; i++) {
            double k1 = inverseDensity(x);
            double k2 = inverseDensity(x + step / 2 * k1);
            double k3 = inverseDensity(x + step / 2 * k2);
            double k4 = inverseDensity(x + step * k3);
            x += step / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
            table[i] = x;
            table[QUANTILES - 1 - i] = -x;
            step = 1.0 / QUANTILES;
        }
        return table;
    }

    private static double inverseDensity(double x) {
        return StrictMath.sqrt(2 * StrictMath.PI) * StrictMath.exp(x * x / 2);
    }
}
