package dev.kvasir.pool.local;

import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.EvictionPolicy;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** Whose slots they are. Tells the policy; what is pinned in the tree is the tree's to tell. */
final class SlotTenants {
    private final EvictionPolicy policy;
    private final long[] tenants; // (slot), where held
    private final BitSet held = new BitSet();
    private final BitSet sealed = new BitSet(); // of these

    SlotTenants(int slots, EvictionPolicy policy) {
        this.policy = policy;
        tenants = new long[slots];
    }

    /** A tenant has got a slot to fill. */
    void take(SlotAddress address, long tenant) {
        int slot = address.slot();
        if (held.get(slot)) {
            throw new IllegalStateException(address + " is held already");
        }
        held.set(slot);
        tenants[slot] = tenant;
        policy.onHeld(tenant, 1);
        policy.onInUse(tenant, 1);
    }

    /** A slot is in the tree now, as a tenant's; nobody need have taken it for one before. */
    void seal(SlotAddress address, long tenant) {
        int slot = address.slot();
        if (held.get(slot)) {
            leave(address);
        }
        held.set(slot);
        sealed.set(slot);
        tenants[slot] = tenant;
        policy.onHeld(tenant, 1);
    }

    /** A slot is nobody's now. */
    void leave(SlotAddress address) {
        int slot = address.slot();
        if (!held.get(slot)) {
            return;
        }
        if (!sealed.get(slot)) {
            policy.onInUse(tenants[slot], -1);
        }
        policy.onHeld(tenants[slot], -1);
        held.clear(slot);
        sealed.clear(slot);
    }

    /**
     * Recounts.
     *
     * @param segments how many the tree holds of each root
     * @throws IllegalStateException if that's not what is sealed here, or not what the policy says
     */
    void check(Map<SegmentId, Map<Tier, Integer>> segments) {
        Map<Long, Integer> inTree = new HashMap<>();
        segments.forEach((root, tiers) ->
                tiers.forEach((tier, count) -> inTree.merge(SegmentIdentity.tenant(root), count, Integer::sum)));
        Map<Long, Integer> all = new HashMap<>();
        Map<Long, Integer> ofSealed = new HashMap<>();
        held.stream().forEach(slot -> {
            all.merge(tenants[slot], 1, Integer::sum);
            if (sealed.get(slot)) {
                ofSealed.merge(tenants[slot], 1, Integer::sum);
            }
        });
        if (!ofSealed.equals(inTree)) {
            throw new IllegalStateException("the tree holds " + inTree + " by tenant, the slots say " + ofSealed);
        }
        policy.checkHeld(all);
    }
}
