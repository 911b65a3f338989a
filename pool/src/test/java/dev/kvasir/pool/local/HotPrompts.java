package dev.kvasir.pool.local;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Prompts that are asked again and again, some more than others: 48 in 6 families that share a prefix of 4 segments, with 1
 * to 7 segments of their own, 200 or so in all. The prompt of rank k is drawn with weight 1 / k.
 */
final class HotPrompts {
    private static final int FAMILIES = 6;
    private static final int PROMPTS = 48;
    private static final int SHARED = 4;

    private final SplittableRandom random;
    private final List<int[]> byRank = new ArrayList<>();
    private final double weights;

    HotPrompts(SplittableRandom random) {
        this.random = random;
        List<int[]> families = new ArrayList<>();
        for (int i = 0; i < FAMILIES; i++) {
            families.add(unlike(random, SHARED));
        }
        double sum = 0;
        for (int rank = 1; rank <= PROMPTS; rank++) {
            byRank.add(join(families.get(random.nextInt(FAMILIES)), unlike(random, random.nextInt(1, 8))));
            sum += 1.0 / rank;
        }
        weights = sum;
    }

    /** Returns the prompt of the next request: the contents of its segments. */
    int[] next() {
        double left = random.nextDouble() * weights;
        int rank = 1;
        while (rank < PROMPTS && left >= 1.0 / rank) {
            left -= 1.0 / rank;
            rank++;
        }
        return byRank.get(rank - 1);
    }

    /** Returns contents that no other prompt has. */
    static int[] unlike(SplittableRandom random, int segments) {
        return random.ints(segments).toArray();
    }

    static int[] join(int[] first, int[] second) {
        int[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
