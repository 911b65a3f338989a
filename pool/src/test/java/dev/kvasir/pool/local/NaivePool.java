package dev.kvasir.pool.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.TenantReport;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierCounters;
import dev.kvasir.pool.TierReport;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The pool's contract in its plainest form: a map from the whole prefix that ends with a segment to the segment's slot, every
 * question answered by looking at all entries. It predicts every answer of the real pool but one: which free slot is handed out.
 */
final class NaivePool {
    private static final int SEGMENT = PoolFixture.LAYOUT.segmentTokens();

    /** A segment as all tokens from the beginning to its end. */
    private record Key(SegmentId root, List<Integer> tokens) {
        boolean startsWith(Key other) {
            return root.equals(other.root)
                    && tokens.size() >= other.tokens.size()
                    && tokens.subList(0, other.tokens.size()).equals(other.tokens);
        }
    }

    private static final class Entry {
        private final SlotAddress address;
        private long lastUse;
        private int pins;

        private Entry(SlotAddress address) {
            this.address = address;
        }
    }

    private final int slots;
    private final Map<Key, Entry> entries = new HashMap<>();
    private final Set<SlotAddress> free = new HashSet<>();
    private final Set<SlotAddress> writing = new HashSet<>();
    private long uses;
    private long inserted;
    private long duplicates;
    private long evicted;
    private long hits;
    private long misses;

    NaivePool(Collection<SlotAddress> slots) {
        this.slots = slots.size();
        free.addAll(slots);
    }

    /** Evicts as needed; empty if {@code count} slots can't be had. Otherwise the real pool must give some of the returned. */
    Optional<Set<SlotAddress>> beforeAlloc(int count) {
        long unpinned = entries.values().stream().filter(e -> e.pins == 0).count();
        if (count > free.size() + unpinned) {
            return Optional.empty();
        }
        while (free.size() < count) {
            evict();
        }
        return Optional.of(Set.copyOf(free));
    }

    /** Returns how many could be evicted. */
    int evict(int count) {
        long unpinned = entries.values().stream().filter(e -> e.pins == 0).count();
        int evictable = (int) Math.min(count, unpinned);
        for (int i = 0; i < evictable; i++) {
            evict();
        }
        return evictable;
    }

    private void evict() {
        Key victim = entries.entrySet().stream()
                .filter(e -> e.getValue().pins == 0 && isLeaf(e.getKey()))
                .min(Comparator.comparingLong(e -> e.getValue().lastUse))
                .orElseThrow()
                .getKey();
        free.add(entries.remove(victim).address);
        evicted++;
    }

    void alloc(List<SlotAddress> given) {
        assertThat(given).doesNotHaveDuplicates();
        free.removeAll(given);
        writing.addAll(given);
    }

    void free(List<SlotAddress> addresses) {
        writing.removeAll(addresses);
        free.addAll(addresses);
    }

    int matched(SegmentId root, int[] tokens, int length) {
        int segments = 0;
        while ((segments + 1) * SEGMENT < length && entries.containsKey(key(root, tokens, segments + 1))) {
            segments++;
        }
        return segments;
    }

    int match(SegmentId root, int[] tokens, int length) {
        int segments = matched(root, tokens, length);
        hits += segments;
        misses += Math.max(0, length - 1) / SEGMENT - segments;
        path(root, tokens, segments).forEach(e -> e.pins++);
        touch(root, tokens, segments);
        return segments;
    }

    /** Grows a path of {@code have} segments. */
    void insert(SegmentId root, int[] tokens, int have, List<SlotAddress> addresses) {
        for (SlotAddress address : addresses) {
            have++;
            writing.remove(address);
            Entry entry = entries.get(key(root, tokens, have));
            if (entry == null) {
                entry = new Entry(address);
                entries.put(key(root, tokens, have), entry);
                inserted++;
            } else {
                free.add(address);
                duplicates++;
            }
            entry.pins++;
        }
        touch(root, tokens, have);
    }

    void release(SegmentId root, int[] tokens, int segments) {
        path(root, tokens, segments).forEach(e -> e.pins--);
        touch(root, tokens, segments);
    }

    /** A look-up was not made after all. */
    void forget(int asked, int found) {
        hits -= found;
        misses -= asked - found;
    }

    int delete(SegmentId root, int[] tokens) {
        if (tokens.length < SEGMENT) {
            return 0;
        }
        Key first = key(root, tokens, 1);
        List<Key> dropped = entries.keySet().stream()
                .filter(key -> key.startsWith(first) && entries.get(key).pins == 0)
                .toList();
        dropped.forEach(key -> free.add(entries.remove(key).address));
        return dropped.size();
    }

    List<SlotAddress> addresses(SegmentId root, int[] tokens, int segments) {
        return path(root, tokens, segments).stream().map(e -> e.address).toList();
    }

    PoolUsage usage() {
        int pinned = (int) entries.values().stream().filter(e -> e.pins > 0).count();
        return new PoolUsage(
                slots, free.size(), writing.size(), 0, entries.size(), pinned, inserted, duplicates, evicted);
    }

    List<TierReport> tiers() {
        TierCounters counters = new TierCounters(hits, hits * SEGMENT, misses, 0, 0, evicted, Map.of());
        return List.of(
                new TierReport(Tier.DEVICE, (long) slots * PoolFixture.LAYOUT.segmentBytes(), usage(), counters));
    }

    List<TenantReport> tenants() {
        Map<SegmentId, Integer> segments = new HashMap<>();
        entries.keySet().forEach(key -> segments.merge(key.root, 1, Integer::sum));
        return segments.entrySet().stream()
                .map(e -> new TenantReport(
                        SegmentIdentity.tenantAlias(e.getKey()),
                        Map.of(Tier.DEVICE, e.getValue()),
                        TenantReport.NO_QUOTA))
                .toList();
    }

    private void touch(SegmentId root, int[] tokens, int segments) {
        uses++;
        path(root, tokens, segments).forEach(e -> e.lastUse = uses);
    }

    private boolean isLeaf(Key key) {
        return entries.keySet().stream().noneMatch(other -> !other.equals(key) && other.startsWith(key));
    }

    private List<Entry> path(SegmentId root, int[] tokens, int segments) {
        List<Entry> path = new ArrayList<>();
        for (int i = 1; i <= segments; i++) {
            path.add(entries.get(key(root, tokens, i)));
        }
        return path;
    }

    private static Key key(SegmentId root, int[] tokens, int segments) {
        return new Key(
                root, Arrays.stream(tokens, 0, segments * SEGMENT).boxed().toList());
    }
}
