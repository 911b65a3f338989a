package dev.kvasir.pool.placement;

import dev.kvasir.pool.Directory;
import dev.kvasir.pool.Placement.Copy;
import dev.kvasir.pool.Placement.OwnCopies;
import dev.kvasir.pool.PlacementAction;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.placement.HeavyHitters.Hitter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Moves segments away from a node that has too much. */
final class Rebalancing {
    /*
     * Three reasons, one at a time:
     *
     *   - The node is about to leave: all that is nowhere else goes, what is read most first.
     *   - It's read much more than the mean. What is read most goes to the least loaded, as long as that node doesn't get more than
     *     this one keeps, until half of the excess is gone; the other half waits for figures that know of the first. A heavy hitter
     *     is of no use for that: it would only overload another. Those are replicated.
     *   - It's full, and others have room: what would be evicted next goes there. That fills a node that has just joined.
     *
     * The second and the third must hold for two epochs in a row: what others say is up to an epoch older than what is known here, so that
     * any rise in traffic looks at first as if it were here alone.
     *
     * Nodes that join or leave need no further rule. An epoch's moves are bounded, so that they never take the link from requests.
     */
    private static final int PATIENCE = 2; // epochs
    /** Until then, another home of the same segment may not know yet that this node leaves, and give its copy up in favour of the one here. */
    private static final int KNOWN = 2; // epochs

    private final Directory directory;
    private final OwnCopies own;
    private final PlacementConfig config;
    private final Loads loads;
    private int busyEpochs; // in a row in which this node was read too much
    private int leavingEpochs;
    private int fullEpochs; // in a row in which others had room and this node none

    Rebalancing(Directory directory, OwnCopies own, PlacementConfig config, Loads loads) {
        this.directory = directory;
        this.own = own;
        this.config = config;
        this.loads = loads;
    }

    /**
     * Returns segments to move.
     *
     * @param slots of this node
     * @param most segments
     */
    List<PlacementAction> moves(List<Hitter> hottest, int slots, int most) {
        int self = directory.self();
        double mean = loads.meanRate();
        double free = loads.freeShare(self);
        boolean isBusy = loads.rate(self) > (1 + config.moveMargin()) * mean;
        boolean isFull = free < config.freeMargin() / 2 && loads.greatestFreeShare() > free + config.freeMargin();
        busyEpochs = isBusy ? busyEpochs + 1 : 0;
        fullEpochs = isFull ? fullEpochs + 1 : 0;
        if (busyEpochs >= PATIENCE) {
            List<PlacementAction> moves = lighten(hottest, mean, most);
            if (!moves.isEmpty()) {
                return moves;
            }
        }
        int surplus = (int) Math.ceil((loads.meanFreeShare() - free) * slots / 2);
        return fullEpochs >= PATIENCE ? makeRoom(surplus, most) : List.of();
    }

    /** Returns what a node that is about to leave has to do. */
    List<PlacementAction> leave(List<Hitter> hottest) {
        leavingEpochs++;
        List<PlacementAction> actions = new ArrayList<>();
        own.replicas().forEach(id -> leaveReplica(id, actions));
        Set<SegmentId> gone = new HashSet<>();
        Stream<SegmentId> hot = hottest.stream().map(Hitter::id);
        Stream<SegmentId> rest = own.coldest(config.leavingMovesPerEpoch()).stream();
        Stream.concat(hot, rest)
                .filter(id -> own.copyOf(id) == Copy.HOME && gone.add(id))
                .limit(config.leavingMovesPerEpoch())
                .forEach(id -> leave(id, actions));
        return actions;
    }

    /** A replica goes if there is a home. The one that there was may have gone in the same moment: then one of the replicas is the home. */
    private void leaveReplica(SegmentId id, List<PlacementAction> actions) {
        if (Keeper.isSelf(directory, Copy.REPLICA, id, loads::isDraining)) {
            actions.add(new PlacementAction.Promote(id));
        } else if (!Keeper.otherHomes(directory, id).isEmpty()) {
            actions.add(new PlacementAction.Drop(id));
        }
    }

    private void leave(SegmentId id, List<PlacementAction> actions) {
        // A replica may go at any time, as one does that was fetched for a request.
        boolean stays = directory.holders(id).stream()
                .anyMatch(holding -> !holding.replica() && !loads.isDraining(holding.node()));
        List<Integer> targets = loads.takers(node -> node != directory.self());
        if (stays) {
            if (leavingEpochs > KNOWN) {
                actions.add(new PlacementAction.Drop(id));
            }
        } else if (!targets.isEmpty()) {
            int to = Homes.leastLoadedFirst(id, loads, targets).get(0);
            actions.add(new PlacementAction.Move(id, to));
            loads.sent(to, 1, loads.meanSegmentRate());
        }
    }

    private List<PlacementAction> lighten(List<Hitter> hottest, double mean, int most) {
        int self = directory.self();
        double excess = (loads.rate(self) - mean) / 2;
        List<PlacementAction> moves = new ArrayList<>();
        for (Hitter hitter : hottest) {
            if (excess <= 0 || moves.size() >= most) {
                break;
            }
            List<Integer> targets = loads.takers(node -> node != self);
            boolean isAlone = own.copyOf(hitter.id()) == Copy.HOME
                    && directory.holders(hitter.id()).isEmpty();
            if (targets.isEmpty() || !isAlone || hitter.rate() > excess) {
                continue;
            }
            int to = Homes.leastLoadedFirst(hitter.id(), loads, targets).get(0);
            if (loads.rate(to) + hitter.rate() < loads.rate(self) - hitter.rate()) {
                moves.add(new PlacementAction.Move(hitter.id(), to));
                loads.sent(to, 1, hitter.rate());
                loads.sent(self, -1, -hitter.rate());
                excess -= hitter.rate();
            }
        }
        return moves;
    }

    private List<PlacementAction> makeRoom(int segments, int most) {
        int self = directory.self();
        List<PlacementAction> moves = new ArrayList<>();
        for (SegmentId id : own.coldest(Math.min(segments, most))) {
            List<Integer> emptier = loads.takers(node -> node != self && loads.freeShare(node) > loads.freeShare(self));
            if (emptier.isEmpty()) {
                break;
            }
            if (directory.holders(id).isEmpty()) {
                double free =
                        emptier.stream().mapToDouble(loads::freeShare).max().orElseThrow();
                List<Integer> emptiest = emptier.stream()
                        .filter(node -> loads.freeShare(node) == free)
                        .toList();
                int to = Loads.draw(id, emptiest);
                moves.add(new PlacementAction.Move(id, to));
                loads.sent(to, 1, 0);
                loads.sent(self, -1, 0);
            }
        }
        return moves;
    }
}
