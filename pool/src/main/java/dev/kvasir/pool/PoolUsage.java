package dev.kvasir.pool;

/**
 * Slots of one tier by state, and what has happened in it since the start. {@code free + writing + sealed = slots}.
 *
 * @param slots capacity
 * @param free slots that hold nothing
 * @param writing slots handed out and not yet sealed, or left and not yet copied
 * @param moving of these, slots that the pool itself writes or reads: on the way from or to another tier
 * @param sealed slots that hold a segment of the prefix tree
 * @param pinned sealed slots that at least one reader holds
 * @param inserted segments sealed so far
 * @param duplicates segments offered that the tree already had
 * @param evicted segments evicted so far
 */
public record PoolUsage(
        int slots,
        int free,
        int writing,
        int moving,
        int sealed,
        int pinned,
        long inserted,
        long duplicates,
        long evicted) {
    public PoolUsage {
        if (free + writing + sealed != slots || pinned > sealed || moving > writing) {
            throw new IllegalArgumentException("the slots do not add up: " + free + " free + " + writing + " writing + "
                    + sealed + " sealed (" + pinned + " pinned) of " + slots);
        }
    }

    /** Returns these counts, of whose writing slots the pool itself holds {@code more} than they say. */
    public PoolUsage withMoving(int more) {
        return new PoolUsage(slots, free, writing, moving + more, sealed, pinned, inserted, duplicates, evicted);
    }

    /** Returns how many slots an allocation can have at most: free, or sealed and not pinned. */
    public int available() {
        return free + sealed - pinned;
    }

    /** Returns how many slots hold a segment that nobody pins. */
    public int evictable() {
        return sealed - pinned;
    }

    /** Returns the share of slots that running requests hold, from 0 to 1; what can be evicted counts as free. */
    public double inUse() {
        return slots == 0 ? 0 : (double) (writing + pinned) / slots;
    }
}
