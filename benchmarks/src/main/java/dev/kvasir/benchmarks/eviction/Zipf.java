package dev.kvasir.benchmarks.eviction;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Numbers from 0 that are drawn the less often the higher they are: number k with weight 1 / (k + 1)^exponent. */
final class Zipf {
    private final double[] upTo; // (count): weight of all numbers up to this one

    Zipf(int count, double exponent) {
        upTo = new double[count];
        double sum = 0;
        for (int k = 0; k < count; k++) {
            sum += Math.pow(k + 1, -exponent);
            upTo[k] = sum;
        }
    }

    int draw(RandomGenerator random) {
        int at = Arrays.binarySearch(upTo, random.nextDouble() * upTo[upTo.length - 1]);
        return at < 0 ? -at - 1 : at;
    }
}
