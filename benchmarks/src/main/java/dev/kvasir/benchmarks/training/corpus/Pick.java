package dev.kvasir.benchmarks.training.corpus;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/** Choices by chance. */
public final class Pick {
    private Pick() {}

    /** Returns one of the items. */
    public static <T> T one(RandomGenerator random, List<T> items) {
        return items.get(random.nextInt(items.size()));
    }

    /** Returns one of the items. */
    @SafeVarargs
    public static <T> T one(RandomGenerator random, T... items) {
        return items[random.nextInt(items.length)];
    }

    /** Returns several of the items, none twice, in random order. */
    public static <T> List<T> several(RandomGenerator random, List<T> items, int count) {
        List<T> rest = new ArrayList<>(items);
        for (int i = 0; i < count; i++) {
            Collections.swap(rest, i, i + random.nextInt(rest.size() - i));
        }
        return List.copyOf(rest.subList(0, count));
    }

    /** Returns the items in random order. */
    public static <T> List<T> shuffled(RandomGenerator random, List<T> items) {
        return several(random, items, items.size());
    }

    /** Returns whether it happens. */
    public static boolean chance(RandomGenerator random, int percent) {
        return random.nextInt(100) < percent;
    }
}
