package dev.kvasir.benchmarks.training.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Choices by chance. */
public final class Pick {
    private Pick() {}

    /** Returns one of the list. */
    public static <T> T one(RandomGenerator random, List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /** Returns several of the list, none twice, in random order. */
    public static <T> List<T> several(RandomGenerator random, List<T> of, int count) {
        List<T> rest = new ArrayList<>(of);
        List<T> picked = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            picked.add(rest.remove(random.nextInt(rest.size())));
        }
        return List.copyOf(picked);
    }

    /** Returns whether it happens. */
    public static boolean chance(RandomGenerator random, int percent) {
        return random.nextInt(100) < percent;
    }
}
