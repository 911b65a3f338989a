package dev.kvasir.pool.eviction;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a policy promises, in its plainest form: lists that are searched from end to end, counts in a map, no logarithms. */
abstract class NaivePolicy implements EvictionPolicy {
    private static final int MOST_HITS = 15;
    private static final double ROUNDING = 1e-9;

    final List<Evictable> leaves = new ArrayList<>();

    @Override
    public void add(Evictable leaf) {
        leaves.add(leaf);
    }

    @Override
    public void remove(Evictable leaf) {
        leaves.remove(leaf);
    }

    @Override
    public int size() {
        return leaves.size();
    }

    /** What hits are worth now, each half-life without a use having halved them. */
    static double worth(int hits, long lastUse, long now, long halfLife) {
        return (1 + Math.min(hits, MOST_HITS)) * Math.pow(0.5, (double) (now - lastUse) / halfLife);
    }

    /** Returns what is worth least; of equals what was used first. */
    static Optional<Evictable> least(Map<Evictable, Double> worth) {
        double least = worth.values().stream().min(Comparator.naturalOrder()).orElse(0.0);
        return worth.keySet().stream()
                .filter(leaf -> worth.get(leaf) <= least * (1 + ROUNDING))
                .min(Comparator.comparingLong(Evictable::lastUse));
    }

    static final class Lru extends NaivePolicy {
        @Override
        public Optional<Evictable> victim() {
            return leaves.stream().min(Comparator.comparingLong(Evictable::lastUse));
        }
    }

    static final class Lfu extends NaivePolicy {
        private final long halfLife;

        Lfu(long halfLife) {
            this.halfLife = halfLife;
        }

        @Override
        public Optional<Evictable> victim() {
            long now = leaves.stream().mapToLong(Evictable::lastUse).max().orElse(0);
            Map<Evictable, Double> worth = new HashMap<>();
            leaves.forEach(leaf -> worth.put(leaf, worth(leaf.hits(), leaf.lastUse(), now, halfLife)));
            return least(worth);
        }
    }

    static final class TinyLfu extends NaivePolicy {
        private final long halfLife;
        private final double windowShare;
        private final int sample;
        private final List<Evictable> window = new ArrayList<>();
        private final Map<Evictable, Integer> main = new HashMap<>(); // hits when they came there
        private final Map<Evictable, Integer> sizes = new HashMap<>(); // segments when they were added
        private final Map<Long, Integer> history = new HashMap<>();
        private int uses;
        private long latest = -1;

        /** A policy that halves its memory after so many uses. */
        TinyLfu(long halfLife, double windowShare, int sample) {
            this.halfLife = halfLife;
            this.windowShare = windowShare;
            this.sample = sample;
        }

        @Override
        public void add(Evictable leaf) {
            super.add(leaf);
            window.add(leaf);
            sizes.put(leaf, leaf.segments());
            if (leaf.lastUse() > latest) {
                latest = leaf.lastUse();
                history.merge(leaf.content(), 1, (a, b) -> Math.min(MOST_HITS, a + b));
                uses++;
                if (uses % sample == 0) {
                    history.replaceAll((content, count) -> count / 2);
                }
            }
            narrow();
        }

        @Override
        public void remove(Evictable leaf) {
            super.remove(leaf);
            window.remove(leaf);
            main.remove(leaf);
            sizes.remove(leaf);
            narrow();
        }

        private void narrow() {
            while (segments(window) > windowShare * segments(leaves)) {
                Evictable oldest = window.stream()
                        .min(Comparator.comparingLong(Evictable::lastUse))
                        .orElseThrow();
                window.remove(oldest);
                main.put(oldest, Math.max(oldest.hits(), history.getOrDefault(oldest.content(), 0) - 1));
            }
        }

        private int segments(List<Evictable> some) {
            return some.stream().mapToInt(sizes::get).sum();
        }

        @Override
        public Optional<Evictable> victim() {
            long now = leaves.stream().mapToLong(Evictable::lastUse).max().orElse(0);
            Map<Evictable, Double> worth = new HashMap<>();
            main.forEach((leaf, hits) -> worth.put(leaf, worth(hits, leaf.lastUse(), now, halfLife)));
            return least(worth).or(() -> window.stream().min(Comparator.comparingLong(Evictable::lastUse)));
        }
    }
}
