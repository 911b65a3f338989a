package dev.kvasir.pool.tiered;

import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Segments of one prompt on their way to the device. Each is indexed once it and all before it have arrived: what a match finds is a prefix. The
 * first that can't be had ends it.
 */
final class Load implements Move {
    /** Where a segment comes from. */
    record Source(LowerTier tier, StoredSegment segment) {}

    private enum State {
        PENDING,
        ARRIVED,
        FAILED
    }

    private final Loading loading;
    private final int[] tokens;
    private final List<Source> sources;
    private final List<SlotAddress> slots;
    private final State[] states;
    private final Map<Tier, Integer> segmentsFrom = new EnumMap<>(Tier.class);
    private PinnedPrefix prefix;
    private int indexed;
    private final int left;
    private boolean ended; // nothing more is indexed
    private boolean released;
    private volatile boolean dropped; // read by copies

    /**
     * @param prefix what the device has; this one's from now on
     * @param slots writing slots, one for each source; this one's from now on
     * @param left how many more sources there are for which there was no room
     */
    Load(Loading loading, PinnedPrefix prefix, int[] tokens, List<Source> sources, List<SlotAddress> slots, int left) {
        this.loading = loading;
        this.prefix = prefix;
        this.tokens = tokens;
        this.sources = sources;
        this.slots = slots;
        states = new State[sources.size()];
        Arrays.fill(states, State.PENDING);
        this.left = left;
        ended = states.length == 0;
    }

    Source source(int index) {
        return sources.get(index);
    }

    SlotAddress slot(int index) {
        return slots.get(index);
    }

    /** Returns whether what hasn't arrived is still to be read; asked by copies, on any thread. */
    boolean isWanted() {
        return !dropped;
    }

    /** Takes in that a segment has arrived, or won't. */
    void arrive(int index, boolean whole) {
        states[index] = whole ? State.ARRIVED : State.FAILED;
        if (ended) {
            loading.giveBack(slots.get(index));
            return;
        }
        List<SlotAddress> next = new ArrayList<>();
        int at = indexed;
        while (at < states.length && states[at] == State.ARRIVED) {
            next.add(slots.get(at));
            segmentsFrom.merge(sources.get(at).tier().tier(), 1, Integer::sum);
            at++;
        }
        if (!next.isEmpty()) {
            prefix = loading.index(prefix, tokens, next);
            indexed = at;
        }
        if (at < states.length && states[at] == State.FAILED) {
            end();
        }
        ended |= at == states.length;
    }

    private void end() {
        ended = true;
        dropped = true;
        for (int i = indexed; i < states.length; i++) {
            if (states[i] != State.PENDING) {
                loading.giveBack(slots.get(i));
            }
        }
    }

    @Override
    public boolean isDone() {
        return ended;
    }

    @Override
    public int segments() {
        return indexed;
    }

    @Override
    public int tokensFrom(Tier tier) {
        return segmentsFrom.getOrDefault(tier, 0) * loading.segmentTokens();
    }

    @Override
    public int underWay() {
        return (int)
                Arrays.stream(states).filter(state -> state == State.PENDING).count();
    }

    @Override
    public int left() {
        return left;
    }

    @Override
    public void release() {
        if (released) {
            return;
        }
        released = true;
        if (!ended) {
            end();
        }
        loading.release(prefix);
    }
}
