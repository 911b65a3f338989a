package dev.kvasir.pool.eviction;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A policy under which each tenant may hold a share of a tier. Who holds its share makes room by giving up its own; who holds more, since running
 * requests needed it, is the first to lose something; between all others an inner policy decides. O(log n) for each change.
 */
public final class TenantShares implements EvictionPolicy {
    /*
     * One inner policy knows everything evictable and chooses as if there were no tenants. To name a tenant's own least valuable one, another inner
     * policy of its own is needed. A tenant gets it when it is first asked for, which is when its share is full, and keeps it while it holds more
     * than half of that. So at most 2 / share tenants have one, made for share * slots slots: all of them together cost what the one for
     * everything costs, however many tenants there are. Making it takes O(k log k), after at least k / 2 changes.
     *
     * What such a policy remembers of the evicted begins with the making.
     */

    private static final class Tenant {
        final long number;
        final Set<Evictable> leaves = Collections.newSetFromMap(new IdentityHashMap<>());
        int held; // slots
        int inUse; // of these, slots that can't be given up now

        @Nullable
        EvictionPolicy order;

        Tenant(long number) {
            this.number = number;
        }
    }

    private final IntFunction<EvictionPolicy> inner;
    private final int quota; // slots
    private final EvictionPolicy all;
    private final Map<Long, Tenant> tenants = new HashMap<>(); // that hold something
    private final TreeSet<Tenant> above = new TreeSet<>(Comparator.<Tenant>comparingInt(tenant -> -tenant.held)
            .thenComparingLong(tenant -> tenant.number)); // their quota, and could give up something

    /**
     * Creates one for a tier.
     *
     * @param inner makes a policy for so many slots, {@code EvictionPolicies.LRU::create} say
     * @param share of the tier's slots that one tenant may hold, above 0 and at most 1; it is one slot at least
     */
    public TenantShares(IntFunction<EvictionPolicy> inner, int slots, double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("a tenant's share is above 0 and at most 1, not " + share);
        }
        this.inner = inner;
        quota = Math.max(1, (int) (slots * share));
        all = inner.apply(slots);
    }

    @Override
    public void add(Evictable leaf) {
        all.add(leaf);
        change(leaf.tenant(), tenant -> {
            tenant.leaves.add(leaf);
            if (tenant.order != null) {
                tenant.order.add(leaf);
            }
        });
    }

    @Override
    public void remove(Evictable leaf) {
        all.remove(leaf);
        change(leaf.tenant(), tenant -> {
            tenant.leaves.remove(leaf);
            if (tenant.order != null) {
                tenant.order.remove(leaf);
            }
        });
    }

    /** Returns what whoever is furthest above its quota values least; where nobody is above it, the least valuable of all. */
    @Override
    public Optional<Evictable> victim() {
        return above.isEmpty() ? all.victim() : ownVictim(above.first());
    }

    @Override
    public int size() {
        return all.size();
    }

    @Override
    public Optional<Evictable> victimOf(long tenant) {
        Tenant own = tenants.get(tenant);
        return own == null ? Optional.empty() : ownVictim(own);
    }

    @Override
    public void onHeld(long tenant, int change) {
        change(tenant, own -> own.held += change);
    }

    @Override
    public void onInUse(long tenant, int change) {
        change(tenant, own -> own.inUse += change);
    }

    @Override
    public int excess(long tenant, int more) {
        Tenant own = tenants.get(tenant);
        return Math.max(0, (own == null ? 0 : own.held) + more - quota);
    }

    @Override
    public int room(long tenant) {
        Tenant own = tenants.get(tenant);
        return Math.max(0, quota - (own == null ? 0 : own.inUse));
    }

    @Override
    public int quota() {
        return quota;
    }

    @Override
    public void checkHeld(Map<Long, Integer> held) {
        Map<Long, Integer> counted = new HashMap<>();
        tenants.forEach((number, tenant) -> {
            if (tenant.held != 0) {
                counted.put(number, tenant.held);
            }
            if (tenant.inUse < 0 || tenant.inUse > tenant.held) {
                throw new IllegalStateException("a tenant uses " + tenant.inUse + " of " + tenant.held + " slots");
            }
        });
        if (!counted.equals(held)) {
            throw new IllegalStateException("tenants are said to hold " + counted + ", and hold " + held);
        }
    }

    private void change(long number, Consumer<Tenant> change) {
        Tenant tenant = tenants.computeIfAbsent(number, Tenant::new);
        above.remove(tenant); // before the number it is sorted by changes
        change.accept(tenant);
        if (tenant.held > quota && !tenant.leaves.isEmpty()) {
            above.add(tenant);
        }
        if (tenant.held <= quota / 2) {
            tenant.order = null;
        }
        if (tenant.held == 0 && tenant.inUse == 0 && tenant.leaves.isEmpty()) {
            tenants.remove(number);
        }
    }

    private Optional<Evictable> ownVictim(Tenant tenant) {
        EvictionPolicy order = tenant.order;
        if (order == null) {
            order = inner.apply(quota);
            List<Evictable> leaves = new ArrayList<>(tenant.leaves);
            leaves.sort(Comparator.comparingLong(Evictable::lastUse));
            leaves.forEach(order::add);
            tenant.order = order;
        }
        return order.victim();
    }
}
