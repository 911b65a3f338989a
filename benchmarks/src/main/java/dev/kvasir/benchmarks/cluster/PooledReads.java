package dev.kvasir.benchmarks.cluster;

import dev.kvasir.pool.Directory.Holding;
import dev.kvasir.pool.Placement.Copy;
import dev.kvasir.pool.ReadPlan;
import dev.kvasir.pool.ReadPlan.Way;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.placement.HolderChoice;
import dev.kvasir.pool.placement.ReadPlanner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Matches and pins prefixes, in a node's own slots or in all nodes', and counts what is read. */
final class PooledReads {
    private static final int QUERY_ELEMENT_BYTES = 4;
    private static final int CHUNK_TOKENS = 512;

    private final SimConfig config;
    private final Map<Integer, SimNode> nodes;
    private final SimIndex index;
    private final SimCounts counts;
    private final ReadPlanner planner;
    private final Map<Integer, Long> outstanding = new HashMap<>(); // tokens that running requests read of a node

    PooledReads(SimConfig config, Map<Integer, SimNode> nodes, SimIndex index, SimCounts counts) {
        this.config = config;
        this.nodes = nodes;
        this.index = index;
        this.counts = counts;
        planner = new ReadPlanner(config.layout(), config.heads(), QUERY_ELEMENT_BYTES);
    }

    /** Pins what a request's node can find of its prompt; returns how many segments that are. */
    int begin(SimNode node, Running request) {
        List<List<Holding>> holders = new ArrayList<>();
        List<Boolean> here = new ArrayList<>();
        for (int i = 0; i < request.turn.prompt(); i++) {
            SegmentId id = request.turn.ids()[i];
            boolean isHere = node.slots.copyOf(id) != Copy.NONE;
            List<Holding> others = config.pooled() ? others(node, id) : List.of();
            if (!isHere && others.isEmpty()) {
                break;
            }
            holders.add(others);
            here.add(isHere);
        }
        int[] chosen = HolderChoice.choose(
                node.number, holders, here, Chains.SEGMENT_TOKENS, number -> outstanding.getOrDefault(number, 0L));
        for (int i = chosen.length - 1; i >= 0; i--) { // from the end, so that parents are younger than children
            SimNode holder = nodes.getOrDefault(chosen[i], node);
            SegmentId id = request.turn.ids()[i];
            request.pin(holder, id);
            holder.slots.use(id);
            holder.placement.onRead(id, Chains.SEGMENT_TOKENS);
            holder.windowTokens += Chains.SEGMENT_TOKENS;
            if (holder != node) {
                request.remote.merge(holder.number, 1, Integer::sum);
            }
        }
        if (request.isCounted) {
            counts.requests++;
            counts.promptTokens += (long) request.turn.prompt() * Chains.SEGMENT_TOKENS;
            counts.hitTokens += (long) chosen.length * Chains.SEGMENT_TOKENS;
        }
        int newTokens = (request.turn.prompt() - chosen.length) * Chains.SEGMENT_TOKENS + 1;
        request.remote.forEach((holder, segments) -> {
            outstanding.merge(holder, (long) segments * Chains.SEGMENT_TOKENS, Long::sum);
            plan(node, request, segments, newTokens);
        });
        return chosen.length;
    }

    /** Gives back what a request has pinned and taken for its reads. */
    void end(SimNode node, Running request) {
        request.unpinAll();
        node.slots.giveBack(request.lent);
        request.remote.forEach(
                (holder, segments) -> outstanding.merge(holder, -(long) segments * Chains.SEGMENT_TOKENS, Long::sum));
    }

    private List<Holding> others(SimNode node, SegmentId id) {
        List<Holding> others = new ArrayList<>();
        index.holders(id).forEach((holder, how) -> {
            if (holder != node.number) {
                others.add(new Holding(holder, how == Copy.REPLICA));
            }
        });
        return others;
    }

    private void plan(SimNode node, Running request, int segments, int newTokens) {
        int steps = (newTokens + CHUNK_TOKENS - 1) / CHUNK_TOKENS;
        int room = node.slots.free() + node.slots.held() - node.slots.pinned();
        ReadPlan plan = planner.plan(
                new ReadPlanner.Demand(segments, newTokens, steps, request.turn.outputTokens(), Math.max(0, room)),
                config.link(),
                config.reads());
        if (plan.way() == Way.FETCH && makeRoom(node, segments)) {
            node.slots.lend(segments);
            request.lent += segments;
        }
        if (request.isCounted) {
            counts.remoteTokens += (long) segments * Chains.SEGMENT_TOKENS;
            counts.queryPlans += plan.way() == Way.QUERY ? 1 : 0;
            counts.fetchPlans += plan.way() == Way.FETCH ? 1 : 0;
            counts.noRoomPlans += plan.reason() == ReadPlan.Reason.NO_ROOM ? 1 : 0;
            counts.queryBytes += plan.way() == Way.QUERY ? plan.query().bytes() : 0;
            counts.fetchBytes += plan.way() == Way.FETCH ? plan.fetch().bytes() : 0;
        }
    }

    /** Evicts until so many slots are free; false if too much is pinned. */
    boolean makeRoom(SimNode node, int count) {
        while (node.slots.free() < count) {
            Optional<SegmentId> victim = node.slots.victim();
            if (victim.isEmpty()) {
                return false;
            }
            drop(node, victim.get());
        }
        return true;
    }

    void drop(SimNode node, SegmentId id) {
        node.slots.remove(id);
        index.remove(id, node.number);
    }
}
