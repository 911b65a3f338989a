package dev.kvasir.engine.responses;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Responses that can be asked for by their id, in this process' memory. What a tenant stored no other tenant can see. Bounded by
 * count, bytes and age; thread-safe.
 *
 * <p>Where there is no room the tenant that takes most bytes loses what it hasn't used for longest, so that one who stores much
 * pushes nobody else's out. A response that is continued is used, with all that it continues itself. One that is still being
 * computed stays.
 */
public final class ResponseStore {
    /**
     * How much may be stored.
     *
     * @param responses of all tenants; 0 stores nothing
     * @param bytes of all tenants
     * @param ageSeconds how long one stays that nobody uses
     */
    public record Limits(int responses, long bytes, long ageSeconds) {}

    /**
     * A response as the store has it.
     *
     * @param cancel ends its computing and runs what it is given then; null once it is over
     */
    public record Entry(StoredResponse stored, @Nullable Consumer<Runnable> cancel) {
        /** Returns whether it is still being computed. */
        public boolean isRunning() {
            return cancel != null;
        }
    }

    /** A tenant's responses, the one that wasn't used for longest first. */
    private static final class Shelf {
        final Map<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
        long bytes;
    }

    private static final class Kept {
        final Entry entry;
        long usedNanos;

        Kept(Entry entry) {
            this.entry = entry;
        }
    }

    private final Limits limits;
    private final LongSupplier nanoTime;
    private final Map<String, Shelf> shelves = new HashMap<>(); // by tenant
    private int count;
    private long bytes;

    public ResponseStore(Limits limits, LongSupplier nanoTime) {
        this.limits = limits;
        this.nanoTime = nanoTime;
    }

    /** Returns whether anything is stored at all. */
    public boolean isOpen() {
        return limits.responses() > 0;
    }

    /** Stores a response, or what became of it; returns whether there was room. */
    public synchronized boolean put(String tenant, String id, Entry entry) {
        expire();
        remove(tenant, id);
        long needed = entry.stored().bytes();
        while (count + 1 > limits.responses() || bytes + needed > limits.bytes()) {
            if (!evict()) {
                return false;
            }
        }
        Kept kept = new Kept(entry);
        kept.usedNanos = nanoTime.getAsLong();
        Shelf shelf = shelves.computeIfAbsent(tenant, t -> new Shelf());
        shelf.kept.put(id, kept);
        shelf.bytes += needed;
        bytes += needed;
        count++;
        return true;
    }

    /** Stores what became of a response that is stored; does nothing if it was deleted meanwhile. */
    public synchronized void update(String tenant, String id, Entry entry) {
        if (find(tenant, id) != null) {
            put(tenant, id, entry);
        }
    }

    /** Returns a response of this tenant. */
    public synchronized Optional<Entry> get(String tenant, String id) {
        expire();
        return Optional.ofNullable(find(tenant, id));
    }

    /** Returns a response and those that it continues, the first one first; empty if one of them isn't there. */
    public synchronized Optional<List<Entry>> chain(String tenant, String id) {
        expire();
        Deque<Entry> chain = new ArrayDeque<>();
        String next = id;
        while (next != null) {
            Entry entry = chain.size() > count ? null : find(tenant, next);
            if (entry == null) {
                return Optional.empty();
            }
            chain.addFirst(entry);
            next = entry.stored().previousId();
        }
        return Optional.of(List.copyOf(chain));
    }

    /** Deletes a response of this tenant and returns it. */
    public synchronized Optional<Entry> remove(String tenant, String id) {
        Shelf shelf = shelves.get(tenant);
        Kept kept = shelf == null ? null : shelf.kept.remove(id);
        if (shelf == null || kept == null) {
            return Optional.empty();
        }
        drop(tenant, shelf, kept);
        return Optional.of(kept.entry);
    }

    /** Returns how many responses are stored. */
    public synchronized int count() {
        return count;
    }

    /** Returns how many bytes they take. */
    public synchronized long bytes() {
        return bytes;
    }

    private @Nullable Entry find(String tenant, String id) {
        Shelf shelf = shelves.get(tenant);
        Kept kept = shelf == null ? null : shelf.kept.get(id);
        if (kept == null) {
            return null;
        }
        kept.usedNanos = nanoTime.getAsLong();
        return kept.entry;
    }

    private void expire() {
        long now = nanoTime.getAsLong();
        long age = TimeUnit.SECONDS.toNanos(limits.ageSeconds());
        for (String tenant : List.copyOf(shelves.keySet())) {
            Shelf shelf = shelves.get(tenant);
            if (shelf == null) {
                continue;
            }
            for (Iterator<Kept> it = shelf.kept.values().iterator(); it.hasNext(); ) {
                Kept kept = it.next();
                if (now - kept.usedNanos < age) {
                    break; // those behind it were used later
                }
                if (!kept.entry.isRunning()) {
                    it.remove();
                    drop(tenant, shelf, kept);
                }
            }
        }
    }

    private boolean evict() {
        String tenant = null;
        Shelf largest = null;
        for (Map.Entry<String, Shelf> each : shelves.entrySet()) {
            boolean canGive = each.getValue().kept.values().stream().anyMatch(kept -> !kept.entry.isRunning());
            if (canGive && (largest == null || each.getValue().bytes > largest.bytes)) {
                tenant = each.getKey();
                largest = each.getValue();
            }
        }
        if (tenant == null || largest == null) {
            return false;
        }
        for (Iterator<Kept> it = largest.kept.values().iterator(); it.hasNext(); ) {
            Kept kept = it.next();
            if (!kept.entry.isRunning()) {
                it.remove();
                drop(tenant, largest, kept);
                return true;
            }
        }
        return false;
    }

    private void drop(String tenant, Shelf shelf, Kept kept) {
        long freed = kept.entry.stored().bytes();
        shelf.bytes -= freed;
        bytes -= freed;
        count--;
        if (shelf.kept.isEmpty()) {
            shelves.remove(tenant);
        }
    }
}
