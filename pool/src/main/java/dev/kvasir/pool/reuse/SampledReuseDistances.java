package dev.kvasir.pool.reuse;

import dev.kvasir.pool.ReuseDistances;
import dev.kvasir.pool.SegmentId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reuse distances by SHARDS with a fixed number of samples. */
public final class SampledReuseDistances implements ReuseDistances {
    /*
     * SHARDS [1]: a segment counts if its hash is below a threshold T, so that either all look-ups of a segment count or none. With a rate R = T / 2^63 the
     * distances among those that count are R times the real ones. Whenever more than `most` segments count, the one with the greatest hash is dropped,
     * T becomes its hash, and what was counted so far is scaled by T_new / T_old: memory is constant, whatever comes.
     *
     * A distance is the number of segments whose last look-up is later: a Fenwick tree over the order of look-ups has a one at each segment's last. When the
     * places run out they are dealt out anew in the same order. O(log most) for a look-up that counts, a multiplication per token for one that doesn't.
     *
     * The expected number of look-ups that count is R times all; what the sample has more or less comes from a few segments that are looked up most, whose
     * distances are short, and is taken off the shortest distances (SHARDS-adj).
     *
     * So that what was long ago doesn't count as much as what is now, all counts are halved after every `halveAfter` look-ups.
     *
     * [1] Waldspurger et al., "Efficient MRC Construction with SHARDS", FAST '15
     */
    private static final int PARTS = 8; // of a power of two
    private static final int BUCKETS = PARTS * 48;
    private static final long HALVE_AFTER = 1 << 20;

    private final int segmentTokens;
    private final int most;
    private final TreeMap<Long, Integer> places = new TreeMap<>(); // of the last look-up, by hash
    private final int[] tree; // Fenwick, from 1
    private final double[] distances = new double[BUCKETS];
    private double cold; // look-ups of segments never seen before
    private double lookUps; // all of them, those that don't count too
    private double counted;
    private long threshold = Long.MAX_VALUE;
    private int next = 1; // place of the next look-up
    private long sinceHalved;

    /**
     * Creates one that has seen nothing.
     *
     * @param most segments that count at most, at least 16; the error of a share is about 1 / sqrt(most)
     */
    public SampledReuseDistances(int segmentTokens, int most) {
        if (segmentTokens < 1 || most < 16) {
            throw new IllegalArgumentException("no sample has " + most + " segments of " + segmentTokens + " tokens");
        }
        this.segmentTokens = segmentTokens;
        this.most = most;
        this.tree = new int[4 * most + 1];
    }

    @Override
    public synchronized void lookedUp(SegmentId root, int[] tokens, int length) {
        int segments = Math.max(0, length - 1) / segmentTokens; // a match never has the last token
        long hash = root.w0() ^ Long.rotateLeft(root.w3(), 32);
        for (int segment = 0; segment < segments; segment++) {
            for (int i = segment * segmentTokens; i < (segment + 1) * segmentTokens; i++) {
                hash = (hash ^ tokens[i]) * 0x9E3779B97F4A7C15L;
                hash ^= hash >>> 32;
            }
            lookedUp(mixed(hash) >>> 1);
        }
    }

    /** MurmurHash3's finaliser: every bit of the hash depends on every bit. */
    private static long mixed(long hash) {
        long h = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        h = (h ^ (h >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return h ^ (h >>> 33);
    }

    private void lookedUp(long hash) {
        lookUps++;
        if (++sinceHalved == HALVE_AFTER) {
            sinceHalved = 0;
            scale(0.5);
            lookUps /= 2;
        }
        if (hash >= threshold) {
            return;
        }
        counted++;
        if (next == tree.length) {
            dealPlacesAnew();
        }
        Integer last = places.put(hash, next);
        if (last == null) {
            cold++;
        } else {
            int later = places.size() - upTo(last); // this one's place isn't moved yet
            distances[bucket(later / rate())]++;
            add(last, -1);
        }
        add(next++, 1);
        while (places.size() > most) {
            dropGreatest();
        }
    }

    private void dropGreatest() {
        Map.Entry<Long, Integer> greatest = places.pollLastEntry();
        add(greatest.getValue(), -1);
        scale((double) greatest.getKey() / threshold);
        threshold = greatest.getKey();
    }

    private void scale(double factor) {
        for (int i = 0; i < BUCKETS; i++) {
            distances[i] *= factor;
        }
        cold *= factor;
        counted *= factor;
    }

    private double rate() {
        return (double) threshold / Long.MAX_VALUE;
    }

    @Override
    public synchronized double hitRate(long segments) {
        if (lookUps == 0) {
            return Double.NaN;
        }
        double expected = lookUps * rate();
        double found = expected - counted;
        for (int i = 0; i < BUCKETS && upperBound(i) <= segments; i++) {
            found += distances[i];
        }
        return Math.max(0, Math.min(1, found / expected));
    }

    @Override
    public synchronized long distinct() {
        return Math.round(places.size() / rate());
    }

    /** Distances below {@code PARTS} have a bucket each, greater ones share it with those that differ by less than one part in eight. */
    private static int bucket(double distance) {
        long whole = (long) distance;
        if (whole < PARTS) {
            return (int) whole;
        }
        int power = 63 - Long.numberOfLeadingZeros(whole);
        int part = (int) (whole >> (power - 3)) & (PARTS - 1);
        return Math.min(BUCKETS - 1, (power - 2) * PARTS + part);
    }

    /** Returns the first distance behind a bucket: a pool of so many segments finds all of it. */
    private static long upperBound(int bucket) {
        if (bucket < PARTS) {
            return bucket + 1L;
        }
        int power = bucket / PARTS + 2;
        int part = bucket % PARTS;
        return ((long) (PARTS + part + 1)) << (power - 3);
    }

    private void dealPlacesAnew() {
        List<Map.Entry<Long, Integer>> inOrder = new ArrayList<>(places.entrySet());
        inOrder.sort(Comparator.comparingInt(Map.Entry::getValue));
        Arrays.fill(tree, 0);
        next = 1;
        for (Map.Entry<Long, Integer> entry : inOrder) {
            entry.setValue(next);
            add(next++, 1);
        }
    }

    private void add(int place, int count) {
        for (int i = place; i < tree.length; i += i & -i) {
            tree[i] += count;
        }
    }

    private int upTo(int place) {
        int sum = 0;
        for (int i = place; i > 0; i -= i & -i) {
            sum += tree[i];
        }
        return sum;
    }

    /** Counts everything from scratch. */
    public synchronized void checkInvariants() {
        if (upTo(tree.length - 1) != places.size()) {
            throw new IllegalStateException(
                    upTo(tree.length - 1) + " places are taken by " + places.size() + " segments");
        }
        double sum = cold + Arrays.stream(distances).sum();
        if (Math.abs(sum - counted) > 1e-6 * Math.max(1, counted)) {
            throw new IllegalStateException(counted + " look-ups were counted, " + sum + " are there");
        }
    }
}
