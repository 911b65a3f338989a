package dev.kvasir.pool.plans;

import dev.kvasir.pool.CachePlans;
import dev.kvasir.pool.CachePlans.Read;
import dev.kvasir.pool.CacheRequest;
import dev.kvasir.pool.CacheView;
import dev.kvasir.pool.CacheView.Hit;
import dev.kvasir.pool.Directory.Holding;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.dispatch.Group;
import dev.kvasir.pool.placement.HolderChoice;
import dev.kvasir.pool.placement.Link;
import dev.kvasir.pool.placement.ReadPlanner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;

/** What requests read of cached prefixes over links, if certain nodes compute them. */
final class Reads {
    private static final int GROUP = Integer.MAX_VALUE; // stands for all members of a group; no node gets this number

    private final PlanConfig config;
    private final IntFunction<Link> links;
    private final IntToLongFunction outstandingTokens;
    private final ReadPlanner planner;

    Reads(PlanConfig config, IntFunction<Link> links, IntToLongFunction outstandingTokens) {
        this.config = config;
        this.links = links;
        this.outstandingTokens = outstandingTokens;
        planner = new ReadPlanner(config.layout(), config.heads(), config.queryElementBytes());
    }

    /** Returns a batch as dispatch sees it: what it reads if nothing is local, and how much less with each node. */
    Group group(
            CachePlans.Batch batch,
            List<CacheRequest> requests,
            CacheView view,
            List<NodeStatus> nodes,
            int newSegments) {
        long all = bytes(batch, requests, view, List.of());
        Map<Integer, Long> local = new HashMap<>();
        for (NodeStatus node : nodes) {
            long saved = all - bytes(batch, requests, view, List.of(node.node()));
            if (saved > 0) {
                local.put(node.node(), saved);
            }
        }
        return new Group(batch.degree(), newSegments, all, local);
    }

    /** Returns what a request reads from nodes outside of its group, by holder. */
    List<Read> reads(int index, CacheRequest request, CacheView view, List<Integer> members) {
        Hit hit = view.hits().get(index);
        Map<Integer, Integer> segments = new TreeMap<>();
        List<List<Holding>> holders = new ArrayList<>();
        List<Boolean> here = new ArrayList<>();
        for (List<Integer> nodes : hit.holders()) {
            holders.add(nodes.stream().map(node -> new Holding(node, false)).toList());
            here.add(nodes.stream().anyMatch(members::contains));
        }
        int segmentTokens = config.layout().segmentTokens();
        for (int node : HolderChoice.choose(GROUP, holders, here, segmentTokens, outstandingTokens)) {
            if (node != GROUP) {
                segments.merge(node, 1, Integer::sum);
            }
        }
        int newTokens = request.tokens().length - hit.tokens();
        int steps = (newTokens + config.chunkTokens() - 1) / config.chunkTokens();
        int freeSlots = view.nodes().stream()
                .filter(node -> members.contains(node.node()))
                .mapToInt(NodeStatus::freeSlots)
                .sum();
        List<Read> reads = new ArrayList<>();
        segments.forEach((holder, count) -> {
            ReadPlanner.Demand demand =
                    new ReadPlanner.Demand(count, newTokens, steps, request.outputTokens(), freeSlots);
            reads.add(new Read(index, holder, planner.plan(demand, links.apply(holder), null)));
        });
        return reads;
    }

    private long bytes(CachePlans.Batch batch, List<CacheRequest> requests, CacheView view, List<Integer> members) {
        return batch.requests().stream()
                .flatMap(request -> reads(request, requests.get(request), view, members).stream())
                .mapToLong(read -> read.plan().chosen().bytes())
                .sum();
    }
}
