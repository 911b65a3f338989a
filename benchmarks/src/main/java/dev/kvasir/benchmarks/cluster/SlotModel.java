package dev.kvasir.benchmarks.cluster;

import dev.kvasir.pool.Placement.Copy;
import dev.kvasir.pool.SegmentId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A node's slots as books alone: which segments it holds, which of them were used last, who pins them. */
final class SlotModel {
    private final int slots;
    private final Map<SegmentId, Copy> copies = new HashMap<>();
    private final Set<SegmentId> byUse = new LinkedHashSet<>(); // the least recently used first
    private final Map<SegmentId, Integer> pins = new HashMap<>();
    private int lent; // slots of running requests that hold none of these

    SlotModel(int slots) {
        this.slots = slots;
    }

    int slots() {
        return slots;
    }

    int free() {
        return slots - lent - copies.size();
    }

    int held() {
        return copies.size();
    }

    Copy copyOf(SegmentId id) {
        return copies.getOrDefault(id, Copy.NONE);
    }

    boolean isPinned(SegmentId id) {
        return pins.containsKey(id);
    }

    /** Returns how many pins there are on segments that are held. */
    int pinned() {
        return pins.size();
    }

    /** Holds a segment, which counts as a use. The caller has made room. */
    void put(SegmentId id, Copy how) {
        copies.put(id, how);
        use(id);
    }

    void remove(SegmentId id) {
        copies.remove(id);
        byUse.remove(id);
    }

    void use(SegmentId id) {
        byUse.remove(id);
        byUse.add(id);
    }

    void pin(SegmentId id) {
        pins.merge(id, 1, Integer::sum);
    }

    void unpin(SegmentId id) {
        pins.computeIfPresent(id, (same, count) -> count == 1 ? null : count - 1);
    }

    /** Takes slots for a request's own use. */
    void lend(int count) {
        lent += count;
    }

    void giveBack(int count) {
        lent -= count;
    }

    /** Returns up to {@code count} segments that nobody pins, in the order in which they'd be evicted. */
    List<SegmentId> coldest(int count, Copy how) {
        List<SegmentId> coldest = new ArrayList<>();
        for (SegmentId id : byUse) {
            if (coldest.size() >= count) {
                break;
            }
            if (copyOf(id) == how && !isPinned(id)) {
                coldest.add(id);
            }
        }
        return coldest;
    }

    List<SegmentId> replicas() {
        return copies.keySet().stream().filter(id -> copyOf(id) == Copy.REPLICA).toList();
    }

    /** Returns what is to be evicted next; empty if all is pinned. */
    Optional<SegmentId> victim() {
        for (SegmentId id : byUse) {
            if (!isPinned(id)) {
                return Optional.of(id);
            }
        }
        return Optional.empty();
    }
}
