package dev.kvasir.pool.eviction;

/** About how often each of many contents was used of late, whether it is still there or not. */
final class FrequencySketch {
    /*
     * A count-min sketch [1] with conservative update [2]: a content has one counter in each of four rows, where hashing puts
     * it, and shares each with others; the least of the four has the fewest uses of others in it. A use adds one to the
     * counters that equal this least one. After so many uses that the rows are half full all counters are halved, as in
     * TinyLFU [3]: that is how it forgets.
     *
     * 32 bytes for each thing that is expected. Halving is one pass over them, once in so many uses that it's 8 bytes a use.
     *
     * [1] Cormode and Muthukrishnan, "An Improved Data Stream Summary: The Count-Min Sketch and its Applications", 2005
     * [2] Estan and Varghese, "New Directions in Traffic Measurement and Accounting", 2002
     * [3] Einziger, Friedman and Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", arXiv 1512.00727
     */
    static final int MOST = AgedHits.MOST; // more isn't counted
    private static final int ROWS = 4;
    private static final int WIDTH_PER_THING = 8;
    private static final int SAMPLE_PER_THING = 4;
    private static final int MOST_THINGS = 1 << 22; // 128 MiB of counters; with more things, estimates get higher

    private final byte[] counters; // (ROWS, width)
    private final int width; // a power of two
    private final int sample; // uses between two halvings
    private int uses; // since the last halving

    /** Creates a sketch for a tier of {@code things}; none was used yet. */
    FrequencySketch(int things) {
        if (things < 1) {
            throw new IllegalArgumentException("a sketch counts at least one thing, not " + things);
        }
        int expected = Math.min(MOST_THINGS, Math.max(16, things));
        width = Integer.highestOneBit(expected * 2 - 1) * WIDTH_PER_THING;
        counters = new byte[ROWS * width];
        sample = width / WIDTH_PER_THING * SAMPLE_PER_THING;
    }

    /** Counts a use. */
    void record(long content) {
        int least = frequency(content);
        if (least < MOST) {
            for (int row = 0; row < ROWS; row++) {
                int at = index(content, row);
                if (counters[at] == least) {
                    counters[at]++;
                }
            }
        }
        uses++;
        if (uses == sample) {
            for (int i = 0; i < counters.length; i++) {
                counters[i] >>= 1;
            }
            uses = 0;
        }
    }

    /** Returns the count of uses, halved now and then: seldom too high, never too low. */
    int frequency(long content) {
        int least = MOST;
        for (int row = 0; row < ROWS; row++) {
            least = Math.min(least, counters[index(content, row)]);
        }
        return least;
    }

    private int index(long content, int row) {
        // Contents are digests, but need not be: mixed so that neighbours part, and differently in each row.
        long hash = (content + row * 0x9e3779b97f4a7c15L) * 0xd1342543de82ef95L;
        hash = (hash ^ hash >>> 32) * 0xd1342543de82ef95L;
        return row * width + ((int) (hash >>> 36) & width - 1);
    }
}
