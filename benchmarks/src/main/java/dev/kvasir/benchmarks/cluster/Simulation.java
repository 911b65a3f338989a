package dev.kvasir.benchmarks.cluster;

import dev.kvasir.pool.Placement;
import dev.kvasir.pool.Placement.Copy;
import dev.kvasir.pool.PlacementAction;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.placement.PlacementConfig;
import dev.kvasir.scheduler.RouteRequest;
import dev.kvasir.scheduler.RoutingPolicy;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Sends a workload through simulated nodes. */
final class Simulation {
    /*
     * What is as in a cluster: which node runs a request (the routing policies, from what nodes have said and was sent since), where
     * segments go (each node's placement, polled each epoch), which copy is read (HolderChoice), how (ReadPlanner), that what is read is
     * pinned, that a full node evicts what was used the longest time ago, that what was computed twice at once is there twice at first.
     *
     * What is simpler: who holds what is known at once (how nodes are is not: once a quarter of a second); bytes take no time;
     * a node runs so many requests at once, each at its own pace, whatever the others do; a prompt is sealed as a whole; fetched
     * segments take slots while their request runs, answers only when they are complete.
     */
    private static final double GOSSIP_SECONDS = 0.25;
    private static final int EPOCHS_PER_SAMPLE = 10;
    private static final double NANOS = 1e9;

    private record Event(double seconds, long number, Runnable what) {}

    private final SimConfig config;
    private final RoutingPolicy routing;
    private final SimIndex index = new SimIndex();
    private final Map<Integer, SimNode> nodes = new TreeMap<>();
    private final SimCounts counts = new SimCounts();
    private final PooledReads reads;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingDouble(Event::seconds).thenComparingLong(Event::number));

    private double now;
    private long eventNumber;
    private Turn routed; // what is being routed
    private int arrived;
    private int open; // requests that haven't been answered
    private boolean isCounting;
    private int epochs;

    private Simulation(SimConfig config, Turn first) {
        this.config = config;
        routed = first;
        routing = config.routing()
                .create(Chains.SEGMENT_TOKENS, request -> tokensByNode(), new SplittableRandom(config.seed()));
        for (int number = 1; number <= config.nodes(); number++) {
            nodes.put(number, new SimNode(number, config.slots(), index, () -> (long) (now * NANOS)));
        }
        reads = new PooledReads(config, nodes, index, counts);
    }

    /** Runs a workload from its first request to its last answer. */
    static SimCounts run(SimConfig config, Workload workload) {
        Turn first = workload.sessions().get(0).turns().get(0);
        return new Simulation(config, first).run(workload);
    }

    private SimCounts run(Workload workload) {
        int warmUp = (int) (config.warmUp() * workload.requests());
        open = workload.requests();
        for (Session session : workload.sessions()) {
            send(session, 0, session.startSeconds(), warmUp);
        }
        every(GOSSIP_SECONDS, this::gossip);
        every(PlacementConfig.DEFAULT.epochNanos() / NANOS, this::epoch);
        every(config.windowSeconds(), this::endWindow);
        gossip();
        while (!events.isEmpty()) {
            Event next = events.remove();
            now = next.seconds();
            next.what().run();
        }
        settle();
        return counts;
    }

    private void at(double seconds, Runnable what) {
        events.add(new Event(seconds, eventNumber++, what));
    }

    /** Does something again and again until all requests have been answered. */
    private void every(double seconds, Runnable what) {
        at(now + seconds, () -> {
            if (open > 0) {
                what.run();
                every(seconds, what);
            }
        });
    }

    // ---- requests

    private void send(Session session, int turn, double seconds, int warmUp) {
        Turn request = session.turns().get(turn);
        at(seconds + request.thinkSeconds(), () -> {
            isCounting = arrived >= warmUp;
            arrived++;
            Running running = new Running(request, isCounting, () -> {
                if (turn + 1 < session.turns().size()) {
                    send(session, turn + 1, now, warmUp);
                }
            });
            route(running);
        });
    }

    private void route(Running request) {
        routed = request.turn;
        int number = routing.choose(new RouteRequest(Chains.ROOT, request.turn.tokens()), index.said())
                .orElseThrow();
        SimNode node = node(number);
        node.waiting.add(request);
        admit(node);
    }

    private void admit(SimNode node) {
        while (node.running < config.running() && !node.waiting.isEmpty()) {
            Running request = node.waiting.remove();
            node.running++;
            int hits = reads.begin(node, request);
            int newTokens = (request.turn.prompt() - hits) * Chains.SEGMENT_TOKENS + 1;
            at(now + newTokens * config.prefillTokenSeconds(), () -> sealPrompt(node, request, hits));
        }
    }

    private void sealPrompt(SimNode node, Running request, int hits) {
        seal(node, request, hits, request.turn.prompt());
        at(now + request.turn.outputTokens() * config.outputTokenSeconds(), () -> finish(node, request));
    }

    private void finish(SimNode node, Running request) {
        seal(node, request, request.turn.prompt(), request.turn.ids().length);
        reads.end(node, request);
        if (config.pooled() && !request.computed.isEmpty()) {
            place(node, request.computed);
        }
        node.running--;
        open--;
        request.afterwards.run();
        admit(node);
    }

    /** Makes segments [from, to) of a request visible on the node that has computed them. */
    private void seal(SimNode node, Running request, int from, int to) {
        for (int i = from; i < to; i++) {
            SegmentId id = request.turn.ids()[i];
            if (node.slots.copyOf(id) != Copy.NONE) {
                node.slots.use(id);
            } else if (hold(node, id, Copy.HOME)) {
                request.computed.add(id);
            } else {
                counts.notKept += request.isCounted ? 1 : 0;
                continue;
            }
            request.pin(node, id);
        }
        touchFromTheEnd(node, request.turn, to);
    }

    /** Makes parents younger than their children, so that ends go first. */
    private static void touchFromTheEnd(SimNode node, Turn turn, int to) {
        for (int i = to - 1; i >= 0; i--) {
            if (node.slots.copyOf(turn.ids()[i]) != Copy.NONE) {
                node.slots.use(turn.ids()[i]);
            }
        }
    }

    /** Sends segments that were computed here to where they are to lie. */
    private void place(SimNode node, List<SegmentId> computed) {
        for (Placement.Part part : node.placement.homesFor(computed)) {
            if (part.node() != node.number) {
                for (SegmentId id : computed.subList(part.from(), part.to())) {
                    if (node.slots.copyOf(id) == Copy.HOME && move(node, node(part.node()), id)) {
                        counts.putBytes += isCounting ? bytes() : 0;
                    }
                }
            }
        }
    }

    // ---- copies

    /** Holds a segment on a node, for which it evicts; false if everything there is pinned. */
    private boolean hold(SimNode node, SegmentId id, Copy how) {
        if (!reads.makeRoom(node, 1)) {
            return false;
        }
        boolean isShared = how == Copy.HOME && index.holders(id).containsValue(Copy.HOME);
        node.slots.put(id, how);
        index.put(id, node.number, how);
        if (isShared && config.pooled()) {
            index.holders(id).keySet().forEach(holder -> node(holder).placement.onShared(id));
        }
        return true;
    }

    private boolean move(SimNode from, SimNode to, SegmentId id) {
        if (from.slots.isPinned(id)) {
            return false; // somebody reads it; if it's still too much, it is moved another time
        }
        if (to.slots.copyOf(id) == Copy.NONE) {
            if (!hold(to, id, Copy.HOME)) {
                return false;
            }
        } else {
            to.slots.put(id, Copy.HOME);
            index.put(id, to.number, Copy.HOME);
        }
        reads.drop(from, id);
        return true;
    }

    private void epoch() {
        if (config.pooled()) {
            nodes.values().forEach(node -> {
                for (PlacementAction action : node.placement.poll()) {
                    carryOut(node, action);
                }
            });
        }
        if (isCounting && epochs++ % EPOCHS_PER_SAMPLE == 0) {
            int held =
                    nodes.values().stream().mapToInt(node -> node.slots.held()).sum();
            counts.sample(held, index.duplicates(), index.replicas());
        }
    }

    private void carryOut(SimNode node, PlacementAction action) {
        SegmentId id = action.id();
        if (node.slots.copyOf(id) == Copy.NONE) {
            return; // evicted since
        }
        if (action instanceof PlacementAction.Replicate replicate) {
            SimNode to = node(replicate.to());
            if (to.slots.copyOf(id) == Copy.NONE && hold(to, id, Copy.REPLICA)) {
                counts.replicateBytes += isCounting ? bytes() : 0;
            }
        } else if (action instanceof PlacementAction.Move move) {
            if (move(node, node(move.to()), id)) {
                counts.moveBytes += isCounting ? bytes() : 0;
            }
        } else if (action instanceof PlacementAction.Promote) {
            node.slots.put(id, Copy.HOME);
            index.put(id, node.number, Copy.HOME);
        } else if (!node.slots.isPinned(id)) {
            reads.drop(node, id);
        }
    }

    // ---- what nodes hear of each other, and what is counted

    private void gossip() {
        index.say(nodes.values().stream().map(SimNode::status).toList());
    }

    private void endWindow() {
        List<Long> tokens = new ArrayList<>();
        for (SimNode node : nodes.values()) {
            tokens.add(node.windowTokens);
            node.windowTokens = 0;
        }
        if (isCounting) {
            counts.window(tokens);
        }
    }

    /** Lets a few epochs pass without requests and counts what is still there twice. */
    private void settle() {
        isCounting = false;
        for (int i = 0; i < 3; i++) {
            now += PlacementConfig.DEFAULT.epochNanos() / NANOS;
            gossip();
            epoch();
        }
        counts.duplicatesLeft = index.duplicates();
        for (SimNode node : nodes.values()) {
            if (node.slots.pinned() > 0 || node.slots.free() + node.slots.held() != node.slots.slots()) {
                throw new IllegalStateException("node " + node.number + " has " + node.slots.pinned() + " pins and "
                        + node.slots.free() + " + " + node.slots.held() + " of " + node.slots.slots() + " slots");
            }
        }
    }

    private Map<Integer, Integer> tokensByNode() {
        Map<Integer, Integer> tokens = new HashMap<>();
        for (int i = 0; i < routed.prompt(); i++) {
            Map<Integer, Copy> holders = index.holders(routed.ids()[i]);
            if (holders.isEmpty()) {
                break;
            }
            holders.keySet().forEach(node -> tokens.merge(node, Chains.SEGMENT_TOKENS, Integer::sum));
        }
        return tokens;
    }

    private long bytes() {
        return config.layout().segmentBytes();
    }

    private SimNode node(int number) {
        SimNode node = nodes.get(number);
        if (node == null) {
            throw new IllegalStateException("no node " + number);
        }
        return node;
    }
}
