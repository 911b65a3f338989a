package dev.kvasir.pool.placement;

import dev.kvasir.pool.Directory;
import dev.kvasir.pool.Directory.Holding;
import dev.kvasir.pool.Placement.Copy;
import dev.kvasir.pool.Placement.OwnCopies;
import dev.kvasir.pool.PlacementAction;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.placement.HeavyHitters.Hitter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes copies of what is hot and gives them up when it has cooled down. */
final class Replication {
    /*
     * Spread N ln N and more items of any popularity over N nodes, and what can overload one is only the few most popular ones
     * (Fan et al., "Small Cache, Big Effect", SoCC 2011, show it for a cache in front of N nodes). So a heavy hitter is what has
     * more of the pool's reads than 1 / (c N ln N). Where popularity is flat, that alone would copy everything; hence it must
     * also stand out, by two standard deviations, from the other segments of this node. Both have to hold.
     *
     *   r = clamp(ceil(rate / (targetShare * totalRate / N)), 1, N)
     *
     * copies then bear at most targetShare of a node's mean load each. Requests choose the copy with the least work before it, so
     * that copies bear about the same, and a node that sees its own copy's reads takes them times the copies for the whole.
     *
     * Two epochs in a row must call for a copy. What others say is up to an epoch older than what is known here, so that any rise in
     * traffic looks at first as if it were here alone.
     *
     * The home makes copies: there is one, so nobody makes them twice. It goes by the least that the sketch is sure of. A
     * replica gives itself up: nobody else has to reach it. It goes by the most that may be, and by twice of that, so a
     * rate has to halve before a copy goes that it called for; of several the highest number goes, one an epoch.
     */
    private static final long NEVER = Long.MIN_VALUE / 2;
    private static final int IN_FLIGHT_EPOCHS = 3; // until a replica that was asked for must have been announced

    private final Directory directory;
    private final OwnCopies own;
    private final PlacementConfig config;
    private final Loads loads;
    private final Map<SegmentId, Map<Integer, Long>> asked = new HashMap<>(); // by segment and node: in which epoch
    private final Set<SegmentId> granted = new HashSet<>(); // segments with a home here that replicas were made of
    private long epoch;
    private Map<SegmentId, Integer> wanted = new HashMap<>(); // copies that the last epoch called for
    private final Map<SegmentId, Long> since = new HashMap<>(); // own replicas: first seen in which epoch

    Replication(Directory directory, OwnCopies own, PlacementConfig config, Loads loads) {
        this.directory = directory;
        this.own = own;
        this.config = config;
        this.loads = loads;
    }

    /** Returns how many copies a segment is to have that is read so much; tokens a second. */
    static int copies(double rate, double totalRate, int nodes, double targetShare) {
        if (totalRate <= 0) {
            return 1;
        }
        double copies = Math.ceil(rate / (targetShare * totalRate / nodes));
        return (int) Math.max(1, Math.min(nodes, copies));
    }

    /**
     * Returns replicas to make.
     *
     * @param hottest reads of this node's copies, the hottest first
     * @param slots of this node
     * @param held segments on this node
     * @param most copies
     */
    List<PlacementAction> grow(List<Hitter> hottest, int slots, int held, int most, long epoch) {
        int nodes = loads.takers(node -> true).size();
        double total = loads.totalRate();
        List<PlacementAction> actions = new ArrayList<>();
        Map<SegmentId, Integer> wantedBefore = wanted;
        wanted = new HashMap<>();
        this.epoch = epoch;
        forget();
        if (nodes < 2 || total <= 0) {
            return actions;
        }
        double threshold = threshold(hottest, held, nodes, total);
        int room = (int) (config.replicaShare() * slots) - replicasGranted();
        for (Hitter hitter : hottest) {
            Set<Integer> holders = holders(hitter.id());
            double least = hitter.least() * (1 + serving(hitter.id()));
            if (own.copyOf(hitter.id()) != Copy.HOME || least <= threshold) {
                continue;
            }
            int copies = copies(least, total, nodes, config.targetShare());
            wanted.put(hitter.id(), copies);
            int lacking = Math.min(copies, wantedBefore.getOrDefault(hitter.id(), 1)) - 1 - holders.size();
            int count = Math.min(lacking, Math.min(room, most - actions.size()));
            List<Integer> targets = loads.takers(node -> node != directory.self() && !holders.contains(node));
            for (int to : Homes.leastLoadedFirst(hitter.id(), loads, targets)) {
                if (count-- <= 0) {
                    break;
                }
                actions.add(new PlacementAction.Replicate(hitter.id(), to));
                asked.computeIfAbsent(hitter.id(), id -> new HashMap<>()).put(to, epoch);
                granted.add(hitter.id());
                room--;
                double share = least / (holders.size() + 2); // what one more copy takes
                loads.sent(to, 1, share);
                loads.sent(directory.self(), 0, -share / (holders.size() + 1));
            }
        }
        return actions;
    }

    /**
     * Returns own replicas to give up or to make a home.
     *
     * @param hottest reads of this node's copies
     * @param slots of this node
     */
    List<PlacementAction> shrink(List<Hitter> hottest, int slots, long epoch) {
        Map<SegmentId, Double> most = new HashMap<>();
        hottest.forEach(hitter -> most.put(hitter.id(), hitter.most()));
        int nodes = Math.max(1, loads.takers(node -> true).size());
        double total = loads.totalRate();
        List<SegmentId> replicas = own.replicas();
        since.keySet().retainAll(new HashSet<>(replicas));
        int surplus = replicas.size() - (int) (config.replicaShare() * slots);
        List<PlacementAction> actions = new ArrayList<>();
        for (SegmentId id : replicas) {
            long age = epoch - since.computeIfAbsent(id, replica -> epoch);
            if (Keeper.isSelf(directory, Copy.REPLICA, id, loads::isDraining)) {
                actions.add(new PlacementAction.Promote(id));
            } else if (age >= config.windows() && Keeper.isLastReplica(directory, id)) {
                int copies = directory.holders(id).size() + 1;
                double twice = 2 * copies * most.getOrDefault(id, 0.0);
                if (surplus > 0 || copies(twice, total, nodes, config.targetShare()) < copies) {
                    actions.add(new PlacementAction.Drop(id));
                    surplus--;
                }
            }
        }
        return actions;
    }

    private double threshold(List<Hitter> hottest, int held, int nodes, double total) {
        double popular = total / (config.c() * nodes * Math.log(nodes));
        double sum = 0;
        double squares = 0;
        for (Hitter hitter : hottest) {
            sum += hitter.rate();
            squares += hitter.rate() * hitter.rate();
        }
        int count = Math.max(1, Math.max(held, hottest.size())); // what isn't in the list was hardly read
        double mean = sum / count;
        double deviation = Math.sqrt(Math.max(0, squares / count - mean * mean));
        return Math.max(popular, mean + 2 * deviation);
    }

    /** Returns the other nodes that hold a segment or have been asked to. */
    private Set<Integer> holders(SegmentId id) {
        Set<Integer> nodes = inFlight(id);
        directory.holders(id).forEach(holding -> nodes.add(holding.node()));
        return nodes;
    }

    /** Returns the nodes that have been asked of late to hold a segment, and may not have said yet that they do. */
    private Set<Integer> inFlight(SegmentId id) {
        Set<Integer> nodes = new HashSet<>();
        asked.getOrDefault(id, Map.of()).forEach((node, at) -> {
            if (epoch - at < IN_FLIGHT_EPOCHS) {
                nodes.add(node);
            }
        });
        return nodes;
    }

    /** Returns how many other copies have taken their share of the reads for as long as these are counted. */
    private long serving(SegmentId id) {
        Map<Integer, Long> since = asked.getOrDefault(id, Map.of());
        return directory.holders(id).stream()
                .filter(holding -> epoch - since.getOrDefault(holding.node(), NEVER) > config.windows())
                .count();
    }

    private int replicasGranted() {
        int count = 0;
        for (SegmentId id : granted) {
            Set<Integer> nodes = inFlight(id);
            directory.holders(id).stream().filter(Holding::replica).forEach(holding -> nodes.add(holding.node()));
            count += nodes.size();
        }
        return count;
    }

    /** Forgets what was asked for long ago, and segments that are no longer this node's. */
    private void forget() {
        asked.values().forEach(nodes -> nodes.values()
                .removeIf(at -> epoch - at > Math.max(IN_FLIGHT_EPOCHS, config.windows())));
        asked.values().removeIf(Map::isEmpty);
        granted.removeIf(id -> own.copyOf(id) != Copy.HOME || holders(id).isEmpty());
    }
}
