package dev.kvasir.pool.eviction;

import java.util.Optional;

/**
 * Evicts by hits that age, remembers how often what it evicted was used, and leaves newcomers a small window in which only
 * their last use counts. One pass of prompts that never come back costs what is used again little more than that window.
 * O(log n) for each change of n leaves.
 */
public final class TinyLfuPolicy implements EvictionPolicy {
    /*
     * After W-TinyLFU [1], made fit for the leaves of a tree:
     *
     * Window. What was used last is safe, up to a share of all segments that can be evicted. Prompts that come back soon, the
     * next turn of a conversation say, need no hits to be found. Counted in segments, for a long prompt would
     * take the place of many short ones otherwise: one that is longer than the window has no grace at all.
     *
     * Main. What newer leaves push out of the window is ranked by its hits, or by how often its content was used before it was
     * evicted, whichever is more. A frequency sketch remembers that. The lowest rank is the victim: a newcomer without
     * a history has the lowest of all as long as others had a hit within a few half-lives, and so evicts itself. That
     * is TinyLFU's admission without a way to refuse. One that keeps coming back gains with each time, while those that
     * don't come back lose: this is how a hot set changes.
     *
     * Why not queues for "probation" and "protected" as in the paper: a run becomes a leaf when its last child goes, at any
     * time and with any number of hits, and so has its place in the middle of any order. Here it goes through the window
     * at once if it wasn't used lately, and to where its rank belongs.
     *
     * [1] Einziger, Friedman and Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", arXiv 1512.00727
     */
    private final double windowShare;
    private final AgedHits aged;
    private final FrequencySketch history;
    private final Ranking window = new Ranking(); // by last use
    private final Ranking main = new Ranking();
    private long latest = Long.MIN_VALUE; // use that was seen

    /**
     * Creates a policy for a tier of so many slots.
     *
     * @param halfLife after so many uses without one of its own, hits count half
     * @param windowShare share of evictable segments, from 0 to below 1, that are safe as the last used ones
     */
    public TinyLfuPolicy(int slots, long halfLife, double windowShare) {
        if (!(windowShare >= 0 && windowShare < 1)) {
            throw new IllegalArgumentException("a window is a share from 0 to below 1, not " + windowShare);
        }
        this.windowShare = windowShare;
        aged = new AgedHits(halfLife);
        history = new FrequencySketch(slots);
    }

    @Override
    public void add(Evictable leaf) {
        window.add(leaf, leaf.lastUse());
        if (leaf.lastUse() > latest) {
            latest = leaf.lastUse();
            history.record(leaf.content());
        }
        narrowWindow();
    }

    @Override
    public void remove(Evictable leaf) {
        if (!window.remove(leaf) && !main.remove(leaf)) {
            throw Ranking.unknown(leaf);
        }
        narrowWindow();
    }

    @Override
    public Optional<Evictable> victim() {
        return main.lowest().or(window::lowest);
    }

    @Override
    public int size() {
        return window.size() + main.size();
    }

    /** Moves what has been in the window the longest to where its rank belongs, until the window has its share. */
    private void narrowWindow() {
        while (window.segments() > windowShare * (window.segments() + main.segments())) {
            Evictable leaf = window.takeLowest();
            int before = history.frequency(leaf.content()) - 1; // but for the use it comes from
            main.add(leaf, aged.rank(Math.max(leaf.hits(), before), leaf.lastUse()));
        }
    }
}
