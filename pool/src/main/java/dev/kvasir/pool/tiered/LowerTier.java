package dev.kvasir.pool.tiered;

import dev.kvasir.pool.PoolEvents;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierReport;
import dev.kvasir.pool.TierSurvey;
import dev.kvasir.pool.eviction.Evictable;
import dev.kvasir.pool.eviction.EvictionPolicy;
import dev.kvasir.pool.local.SegmentTimes;
import dev.kvasir.pool.local.TierTally;
import dev.kvasir.pool.store.SegmentStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The books of a tier below the device: which segment lies in which slot of its store. Segments are found by identity, and the store's I/O is its
 * caller's business.
 *
 * <pre>
 *   free --place--> writing --written--> stored --evict, drop--> free
 *     ^                |
 *     +---- drop ------+
 * </pre>
 *
 * <p>A segment can be evicted while it is stored, nobody pins it and no segment of the tier continues it: leaves before parents.
 */
final class LowerTier {
    private final Tier tier;
    private final SegmentStore store;
    private final EvictionPolicy policy;
    private final Map<SegmentId, StoredSegment> segments = new HashMap<>();
    private final Map<SegmentId, Set<StoredSegment>> children = new HashMap<>(); // by the identity before them
    private final int[] free; // [0, freeCount)
    private int freeCount;
    private int writing;
    private int pinned;
    private int erasing; // slots whose segment is gone, but not yet from the store
    private long uses;

    private long inserted;
    final TierTally tally;
    private final SegmentTimes times;
    private final PoolEvents events;
    private Consumer<StoredSegment> onDropped = segment -> {};

    /** Starts with what the store found. */
    LowerTier(
            Tier tier,
            SegmentStore store,
            EvictionPolicy policy,
            int segmentTokens,
            LongSupplier nanoTime,
            PoolEvents events) {
        this.tier = tier;
        this.store = store;
        this.policy = policy;
        this.events = events;
        tally = new TierTally(segmentTokens);
        times = new SegmentTimes(tier, store.slots(), nanoTime, events);
        for (int i = 0; i < store.damaged(); i++) {
            tally.failed("torn");
        }
        BitSet taken = new BitSet();
        for (SegmentStore.Found found : store.found()) {
            StoredSegment segment = new StoredSegment(found.header(), found.slot());
            taken.set(found.slot());
            segment.written = true;
            segment.lastUse = ++uses;
            times.came(segment.slot);
            index(segment);
        }
        free = new int[store.slots()];
        for (int slot = store.slots() - 1; slot >= 0; slot--) {
            if (!taken.get(slot)) {
                free[freeCount++] = slot;
            }
        }
        segments.values().forEach(this::settle);
    }

    /** Has somebody erase from the store what is dropped, and say when it's {@linkplain #erased erased}. */
    void onDropped(Consumer<StoredSegment> eraser) {
        onDropped = eraser;
    }

    Tier tier() {
        return tier;
    }

    SegmentStore store() {
        return store;
    }

    /** Returns the segment if it's here, written or being written; the tokens are compared. */
    @Nullable
    StoredSegment find(SegmentHeader header) {
        StoredSegment segment = segments.get(header.id());
        return segment != null && !segment.condemned && Arrays.equals(segment.header.tokens(), header.tokens())
                ? segment
                : null;
    }

    /** Returns whether the segment is here, and has it stay if it was about to go: it's wanted again. */
    boolean keep(SegmentHeader header) {
        StoredSegment segment = segments.get(header.id());
        if (segment != null && segment.condemned) {
            segment.condemned = false;
        }
        return find(header) != null;
    }

    /**
     * Takes a slot for a segment that isn't here, evicting if none is free, or another one of its tenant if that holds all it may.
     *
     * @param keep segments that are not to be evicted now
     * @return being written; empty if there is no room
     */
    Optional<StoredSegment> place(SegmentHeader header, int hits, Predicate<StoredSegment> keep) {
        if (segments.containsKey(header.id())) {
            throw new IllegalStateException(header + " is here already");
        }
        long tenant = SegmentIdentity.tenant(header.root());
        for (int excess = policy.excess(tenant, 1); excess > 0; excess--) {
            if (!evictOne(() -> policy.victimOf(tenant), keep)) {
                return Optional.empty();
            }
        }
        if (freeCount == 0 && !evictOne(policy::victim, keep)) {
            return Optional.empty();
        }
        StoredSegment segment = new StoredSegment(header, free[--freeCount]);
        segment.lastUse = ++uses;
        segment.hits = hits;
        writing++;
        index(segment);
        inserted++;
        return Optional.of(segment);
    }

    /** Says that a placed segment can be read from now on. */
    void written(StoredSegment segment) {
        segment.written = true;
        writing--;
        times.came(segment.slot);
        settle(segment);
        tellAwaiting(segment);
        dropCondemned(segment);
    }

    /** Forgets a segment that is not pinned: it couldn't be written, or what lies there is bad. */
    void drop(StoredSegment segment) {
        if (segment.pins > 0) {
            throw new IllegalStateException(segment + " is pinned");
        }
        if (segments.get(segment.header.id()) != segment) {
            return;
        }
        writing -= segment.written ? 0 : 1;
        remove(segment);
        tellAwaiting(segment);
    }

    boolean isHere(StoredSegment segment) {
        return segments.get(segment.header.id()) == segment;
    }

    /** Keeps a segment where it is. */
    void pin(StoredSegment segment) {
        if (!segment.written) {
            throw new IllegalStateException(segment + " can't be pinned");
        }
        pinned += segment.pins++ == 0 ? 1 : 0;
        settle(segment);
    }

    void unpin(StoredSegment segment) {
        pinned -= --segment.pins == 0 ? 1 : 0;
        settle(segment);
        dropCondemned(segment);
    }

    /** Notes that a chain of segments, first to last, was found by a request. */
    void hit(List<StoredSegment> chain) {
        long now = times.now();
        // From the end, so that a parent is never older than its child.
        for (int i = chain.size() - 1; i >= 0; i--) {
            StoredSegment segment = chain.get(i);
            unsettle(segment);
            segment.hits++;
            segment.lastUse = ++uses;
            if (segment.written) {
                times.used(segment.slot, now);
            }
            settle(segment);
        }
    }

    /** Evicts the least valuable segment that is not to be kept. Returns whether there was one. */
    private boolean evictOne(Supplier<Optional<Evictable>> victims, Predicate<StoredSegment> keep) {
        List<StoredSegment> kept = new ArrayList<>();
        StoredSegment victim = null;
        for (Optional<Evictable> next = victims.get(); next.isPresent(); next = victims.get()) {
            StoredSegment candidate = (StoredSegment) next.get();
            if (!keep.test(candidate)) {
                victim = candidate;
                break;
            }
            unsettle(candidate);
            kept.add(candidate);
        }
        if (victim != null) {
            remove(victim);
            tally.evicted(1);
        }
        kept.forEach(this::settle);
        return victim != null;
    }

    /** Returns the segments here that come right after one, which needn't be here. */
    List<StoredSegment> continuing(SegmentId parent) {
        return List.copyOf(children.getOrDefault(parent, Set.of()));
    }

    /** Drops a segment. It can't be found from now on; if it's read or written right now it goes when that has ended. */
    void condemn(StoredSegment segment) {
        segment.condemned = true;
        dropCondemned(segment);
    }

    private void dropCondemned(StoredSegment segment) {
        if (segment.condemned && segment.written && segment.pins == 0 && isHere(segment)) {
            dropAndErase(segment);
        }
    }

    /** Its slot is free once {@link #erased} says so. */
    private void dropAndErase(StoredSegment segment) {
        remove(segment);
        freeCount--;
        erasing++;
        onDropped.accept(segment);
    }

    /** Drops the least valuable segment that can go. Returns whether there was one. */
    boolean dropOne() {
        Optional<StoredSegment> victim = policy.victim().map(StoredSegment.class::cast);
        victim.ifPresent(segment -> {
            dropAndErase(segment);
            tally.evicted(1);
        });
        return victim.isPresent();
    }

    /** Says that the store has forgotten a segment that was dropped. */
    void erased(StoredSegment segment) {
        erasing--;
        free[freeCount++] = segment.slot;
    }

    /** Counts that the store couldn't do what it was asked for, and tells of it. */
    void failed(String reason, IOException failure) {
        tally.failed(reason);
        events.onFailure(tier, reason, String.valueOf(failure.getMessage()));
    }

    int free() {
        return freeCount;
    }

    int slots() {
        return free.length;
    }

    /** Returns every segment, in no order. */
    List<StoredSegment> segments() {
        return List.copyOf(segments.values());
    }

    PoolUsage usage() {
        return new PoolUsage(
                slots(),
                freeCount,
                writing + erasing,
                writing + erasing,
                segments.size() - writing,
                pinned,
                inserted,
                0,
                tally.evictions());
    }

    TierSurvey survey() {
        TierSurvey survey = TierSurvey.ofFree(tier, slots());
        for (StoredSegment segment : segments.values()) {
            if (segment.written) {
                SegmentHeader header = segment.header;
                survey.put(segment.slot, header.id(), header.parent(), segment.hits, segment.lastUse, segment.pins > 0);
            } else {
                survey.states()[segment.slot] = TierSurvey.WRITING;
            }
        }
        return survey;
    }

    Optional<int[]> tokens(SegmentId id) {
        StoredSegment segment = segments.get(id);
        return segment == null
                ? Optional.empty()
                : Optional.of(segment.header.tokens().clone());
    }

    TierReport report() {
        return new TierReport(tier, store.bytes(), usage(), tally.counters());
    }

    /**
     * Recounts everything.
     *
     * @throws IllegalStateException saying what is wrong
     */
    void checkInvariants() {
        BitSet taken = new BitSet();
        for (int i = 0; i < freeCount; i++) {
            expect(!taken.get(free[i]), "slot " + free[i] + " is free twice");
            taken.set(free[i]);
        }
        int evictable = 0;
        int linked = 0;
        int unwritten = 0;
        int held = 0;
        Map<Long, Integer> heldBy = new HashMap<>();
        for (StoredSegment segment : segments.values()) {
            expect(!taken.get(segment.slot), segment + " lies where something else lies or nothing should");
            taken.set(segment.slot);
            expect(segment.header.isGenuine(), segment + " has tokens of another");
            expect(segment.pins >= 0, segment + " has " + segment.pins + " pins");
            expect(
                    !segment.condemned || !segment.written || segment.pins > 0,
                    segment + " was deleted, and stays for nobody");
            expect(segment.evictable == canGo(segment), segment + " is wrongly known to the policy, or wrongly not");
            evictable += segment.evictable ? 1 : 0;
            unwritten += segment.written ? 0 : 1;
            held += segment.pins > 0 ? 1 : 0;
            heldBy.merge(segment.tenant(), 1, Integer::sum);
            linked += children.getOrDefault(segment.header.parent(), Set.of()).contains(segment) ? 1 : 0;
        }
        expect(taken.cardinality() + erasing == slots(), (slots() - taken.cardinality() - erasing) + " slots are lost");
        expect(unwritten == writing, writing + " segments counted as being written, " + unwritten + " are");
        expect(held == pinned, pinned + " segments counted as pinned, " + held + " are");
        expect(policy.size() == evictable, "the policy knows " + policy.size() + " segments, not " + evictable);
        policy.checkHeld(heldBy);
        expect(linked == segments.size(), "some segments are not known as the continuation of their parent");
        expect(
                children.values().stream().mapToInt(Set::size).sum() == segments.size(),
                "segments that are gone are known as continuations");
    }

    private void index(StoredSegment segment) {
        segments.put(segment.header.id(), segment);
        policy.onHeld(segment.tenant(), 1);
        children.computeIfAbsent(segment.header.parent(), parent -> new HashSet<>())
                .add(segment);
        StoredSegment parent = segments.get(segment.header.parent());
        if (parent != null) {
            settle(parent);
        }
    }

    private void remove(StoredSegment segment) {
        unsettle(segment);
        if (segment.written) {
            times.gone(segment.slot);
        }
        segments.remove(segment.header.id());
        policy.onHeld(segment.tenant(), -1);
        free[freeCount++] = segment.slot;
        Set<StoredSegment> siblings = children.get(segment.header.parent());
        if (siblings == null || !siblings.remove(segment)) {
            throw new IllegalStateException(segment + " is not known as a continuation");
        }
        if (siblings.isEmpty()) {
            children.remove(segment.header.parent());
            StoredSegment parent = segments.get(segment.header.parent());
            if (parent != null) {
                settle(parent);
            }
        }
    }

    private boolean canGo(StoredSegment segment) {
        return segment.written && segment.pins == 0 && !children.containsKey(segment.header.id());
    }

    private void settle(StoredSegment segment) {
        boolean can = canGo(segment);
        if (can && !segment.evictable) {
            policy.add(segment);
            segment.evictable = true;
        } else if (!can) {
            unsettle(segment);
        }
    }

    private void unsettle(StoredSegment segment) {
        if (segment.evictable) {
            policy.remove(segment);
            segment.evictable = false;
        }
    }

    private static void tellAwaiting(StoredSegment segment) {
        List<Runnable> told = List.copyOf(segment.awaiting);
        segment.awaiting.clear();
        told.forEach(Runnable::run);
    }

    private static void expect(boolean right, String problem) {
        if (!right) {
            throw new IllegalStateException(problem);
        }
    }
}
