package dev.kvasir.scheduler.batching;

import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Checks between steps that sequences and pool tell the same story. */
final class Invariants {
    private Invariants() {}

    /** Checks queues, ranges, owners of slots and pins, then the pool itself. */
    static void check(ArrivalQueue waiting, ArrivalQueue running, MemPool pool) {
        waiting.check(Sequence.State.WAITING);
        running.check(Sequence.State.RUNNING);
        for (int i = 0; i < waiting.size(); i++) {
            waiting.get(i).check();
        }
        Map<Integer, SegmentId> pinned = new HashMap<>(); // slots that sequences of one cache root read
        BitSet owned = new BitSet(); // slots that one sequence writes
        for (int i = 0; i < running.size(); i++) {
            Sequence sequence = running.get(i);
            sequence.check();
            addSlots(sequence, pinned, owned);
        }
        if (pinned.keySet().stream().anyMatch(owned::get)) {
            throw new IllegalStateException(
                    "slots are sealed for one sequence and written by another: " + pinned.keySet() + " and " + owned);
        }
        PoolUsage usage = pool.usage(Tier.DEVICE);
        // A prefetch pins, too, and so does the pool for other nodes.
        boolean othersPin = pool.ownPins() > 0;
        for (int i = 0; i < waiting.size(); i++) {
            othersPin |= waiting.get(i).prefetch != null || waiting.get(i).together != null;
        }
        boolean pinsAddUp = othersPin ? usage.pinned() >= pinned.size() : usage.pinned() == pinned.size();
        if (usage.writing() - usage.moving() - pool.ownWriting() != owned.cardinality() || !pinsAddUp) {
            throw new IllegalStateException("the sequences write " + owned.cardinality() + " slots and pin "
                    + pinned.size() + ", the pool says " + usage);
        }
        pool.checkInvariants();
    }

    private static void addSlots(Sequence sequence, Map<Integer, SegmentId> pinned, BitSet owned) {
        SegmentId root = sequence.request.cacheRoot();
        int sealed = sequence.table.sealedSegments();
        for (int segment = 0; segment < sequence.table.size(); segment++) {
            int slot = sequence.table.slots()[segment];
            if (segment < sealed && slot < 0) {
                continue; // on loan: another node's slot
            }
            if (segment < sealed) {
                SegmentId other = pinned.put(slot, root);
                if (other != null && !other.equals(root)) {
                    throw new IllegalStateException(
                            "slot " + slot + " is read from two cache roots, one by " + sequence.describe());
                }
            } else if (owned.get(slot)) {
                throw new IllegalStateException("slot " + slot + " has two writers, one is " + sequence.describe());
            } else {
                owned.set(slot);
            }
        }
    }
}
