package dev.kvasir.engine.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes out of the maps what nodes that are gone have left there. The oldest member does it; nobody waits for it, for what is there of the gone is
 * looked up by nobody. Its methods wait for Hazelcast.
 */
final class Housekeeping {
    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);

    private final HazelcastInstance hazelcast;
    private final IMap<Object, Object> nodes;
    private final SegmentMap segments;
    private final Seal seal;
    private Set<Integer> aliveBefore = Set.of();

    Housekeeping(HazelcastInstance hazelcast, IMap<Object, Object> nodes, SegmentMap segments, Seal seal) {
        this.hazelcast = hazelcast;
        this.nodes = nodes;
        this.segments = segments;
        this.seal = seal;
    }

    /** Removes a node's entries. */
    void remove(int node) {
        try {
            nodes.delete(node);
            segments.removeAll(node);
        } catch (RuntimeException e) {
            log.debug("what node {} has left couldn't be removed yet", node, e);
        }
    }

    /** Removes the entries of a member's nodes, if it's this one's turn. */
    void removeAllOf(UUID member) {
        try {
            if (isOldest()) {
                owners().forEach((node, owner) -> {
                    if (owner.equals(member)) {
                        remove(node);
                    }
                });
            }
        } catch (RuntimeException e) {
            log.debug("what member {} has left couldn't be removed yet", member, e);
        }
    }

    /** Removes entries that were left over after all: when every member has a node, twice in a row the same. */
    void sweep() {
        try {
            if (!isOldest()) {
                aliveBefore = Set.of();
                return;
            }
            Set<UUID> members = members();
            Set<Integer> alive = new TreeSet<>();
            owners().forEach((node, owner) -> {
                if (members.contains(owner)) {
                    alive.add(node);
                } else {
                    nodes.delete(node);
                }
            });
            if (alive.size() == members.size() && alive.equals(aliveBefore)) {
                segments.removeAllBut(alive.stream().mapToInt(Integer::intValue).toArray());
            }
            aliveBefore = alive;
        } catch (RuntimeException e) {
            log.debug("the maps couldn't be swept", e);
        }
    }

    private boolean isOldest() {
        return hazelcast.getCluster().getMembers().iterator().next().localMember();
    }

    private Set<UUID> members() {
        return hazelcast.getCluster().getMembers().stream().map(Member::getUuid).collect(Collectors.toSet());
    }

    /** Returns which member each node's status names. */
    private Map<Integer, UUID> owners() {
        Map<Integer, UUID> owners = new HashMap<>();
        for (Map.Entry<Object, Object> entry : nodes.entrySet()) {
            if (entry.getKey() instanceof Integer node && entry.getValue() instanceof byte[] bytes) {
                try {
                    owners.put(node, Status.decode(bytes, seal).member());
                } catch (RefusedException e) {
                    log.debug("node {} has no status: {}", node, e.reason());
                }
            }
        }
        return owners;
    }
}
