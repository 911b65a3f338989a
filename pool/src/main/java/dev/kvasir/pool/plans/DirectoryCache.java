package dev.kvasir.pool.plans;

import dev.kvasir.pool.CacheInterface;
import dev.kvasir.pool.CachePlans;
import dev.kvasir.pool.CacheRequest;
import dev.kvasir.pool.CacheView;
import dev.kvasir.pool.CacheView.Hit;
import dev.kvasir.pool.Directory;
import dev.kvasir.pool.Directory.Holding;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.dispatch.Assignment;
import dev.kvasir.pool.dispatch.Dispatcher;
import dev.kvasir.pool.dispatch.Group;
import dev.kvasir.pool.dispatch.Offer;
import dev.kvasir.pool.placement.Link;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Answers from a directory's view and the node's own books. */
public final class DirectoryCache implements CacheInterface {
    private final Directory directory;
    private final Predicate<SegmentId> own;
    private final Supplier<NodeStatus> status;
    private final PlanConfig config;
    private final Reads reads;

    /**
     * Creates one for a node.
     *
     * @param directory the node's view of the others
     * @param own whether the node itself holds a segment
     * @param status how the node is
     * @param links by node number: how fast the link to it is
     * @param outstandingTokens by node number: tokens that requests have asked it to read and that it hasn't read yet
     */
    public DirectoryCache(
            Directory directory,
            Predicate<SegmentId> own,
            Supplier<NodeStatus> status,
            IntFunction<Link> links,
            IntToLongFunction outstandingTokens,
            PlanConfig config) {
        this.directory = directory;
        this.own = own;
        this.status = status;
        this.config = config;
        reads = new Reads(config, links, outstandingTokens);
    }

    @Override
    public CacheView prefixes(List<CacheRequest> requests) {
        List<NodeStatus> nodes = new ArrayList<>(directory.nodes());
        nodes.add(status.get());
        nodes.sort(Comparator.comparingInt(NodeStatus::node));
        return new CacheView(requests.stream().map(this::hit).toList(), nodes);
    }

    private Hit hit(CacheRequest request) {
        int segmentTokens = config.layout().segmentTokens();
        List<List<Integer>> holders = new ArrayList<>();
        SegmentId id = request.root();
        for (int from = 0; from + segmentTokens < request.tokens().length; from += segmentTokens) {
            id = SegmentIdentity.next(id, request.tokens(), from, from + segmentTokens);
            List<Integer> nodes = new ArrayList<>(
                    directory.holders(id).stream().map(Holding::node).toList());
            if (own.test(id)) {
                nodes.add(directory.self());
                nodes.sort(Comparator.naturalOrder());
            }
            if (nodes.isEmpty()) {
                break;
            }
            holders.add(nodes);
        }
        return new Hit(holders.size() * segmentTokens, holders);
    }

    @Override
    public double load(List<CacheRequest> requests, CacheView view, double idealSeconds) {
        check(requests, view);
        int[] prefixes = view.hits().stream().mapToInt(Hit::tokens).toArray();
        int[] inputs = new int[prefixes.length];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = requests.get(i).tokens().length - prefixes[i];
        }
        int nodes = Math.max(1, view.nodes().size());
        return new CacheLoad(config.layout(), config.heads(), config.power())
                .load(prefixes, inputs, nodes, idealSeconds);
    }

    @Override
    public CachePlans plans(List<CacheRequest> requests, CacheView view, List<CachePlans.Batch> batches) {
        check(requests, view);
        List<NodeStatus> nodes =
                view.nodes().stream().filter(NodeStatus::canCompute).toList();
        List<Group> groups = new ArrayList<>();
        int newSegments = 0;
        for (CachePlans.Batch batch : batches) {
            int ofBatch = batch.requests().stream()
                    .mapToInt(r -> newSegments(requests.get(r), view.hits().get(r)))
                    .sum();
            newSegments += ofBatch;
            groups.add(reads.group(batch, requests, view, nodes, ofBatch));
        }
        Assignment assignment =
                new Dispatcher(config.layout().segmentBytes()).assign(groups, Offer.of(view.nodes(), newSegments));

        List<CachePlans.Read> planned = new ArrayList<>();
        List<CachePlans.Put> puts = new ArrayList<>();
        for (int b = 0; b < batches.size(); b++) {
            List<Integer> members = assignment.members().get(b);
            for (int request : batches.get(b).requests()) {
                planned.addAll(reads.reads(request, requests.get(request), view, members));
            }
            for (Assignment.Put put : assignment.puts().get(b)) {
                if (put.from() != put.to()) {
                    puts.add(new CachePlans.Put(b, put.from(), put.to(), put.segments()));
                }
            }
        }
        long readBytes =
                planned.stream().mapToLong(read -> read.plan().chosen().bytes()).sum();
        return new CachePlans(assignment.members(), planned, puts, readBytes + assignment.putBytes());
    }

    private int newSegments(CacheRequest request, Hit hit) {
        return (request.tokens().length - hit.tokens()) / config.layout().segmentTokens();
    }

    private static void check(List<CacheRequest> requests, CacheView view) {
        if (requests.size() != view.hits().size()) {
            throw new IllegalArgumentException("a view of " + view.hits().size() + " requests for " + requests.size());
        }
    }
}
