package dev.kvasir.pool.eviction;

import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Leaves in the order of a rank that each is given when it comes, and how many segments they held then. O(log n) per change. */
final class Ranking {
    private record Ranked(Evictable leaf, double rank, long lastUse, int segments) {}

    private final Map<Evictable, Ranked> byLeaf = new IdentityHashMap<>();
    private final TreeSet<Ranked> inOrder =
            new TreeSet<>(Comparator.comparingDouble(Ranked::rank).thenComparingLong(Ranked::lastUse));
    private long segments;

    /** Adds a leaf; of equal ranks the one that was used earlier is lower. */
    void add(Evictable leaf, double rank) {
        Ranked ranked = new Ranked(leaf, rank, leaf.lastUse(), leaf.segments());
        if (byLeaf.containsKey(leaf)) {
            throw new IllegalStateException("what was last used at " + leaf.lastUse() + " is evictable twice");
        }
        if (!inOrder.add(ranked)) {
            throw new IllegalStateException("two evictable things were last used at " + leaf.lastUse());
        }
        byLeaf.put(leaf, ranked);
        segments += ranked.segments;
    }

    /** Removes a leaf and returns whether it was there. */
    boolean remove(Evictable leaf) {
        Ranked ranked = byLeaf.remove(leaf);
        if (ranked == null) {
            return false;
        }
        inOrder.remove(ranked);
        segments -= ranked.segments;
        return true;
    }

    Optional<Evictable> lowest() {
        return inOrder.isEmpty() ? Optional.empty() : Optional.of(inOrder.first().leaf);
    }

    /** Takes the lowest leaf out and returns it. */
    Evictable takeLowest() {
        Evictable leaf = inOrder.first().leaf;
        remove(leaf);
        return leaf;
    }

    int size() {
        return inOrder.size();
    }

    /** Returns how many segments the leaves held when they came. */
    long segments() {
        return segments;
    }

    static IllegalStateException unknown(Evictable leaf) {
        return new IllegalStateException("nothing evictable was last used at " + leaf.lastUse());
    }
}
