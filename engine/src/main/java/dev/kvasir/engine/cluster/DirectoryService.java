package dev.kvasir.engine.cluster;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.EntryEvent;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.core.LifecycleEvent.LifecycleState;
import com.hazelcast.map.IMap;
import com.hazelcast.map.listener.EntryAddedListener;
import com.hazelcast.map.listener.EntryUpdatedListener;
import dev.kvasir.engine.cluster.ClusterCounters.Count;
import dev.kvasir.engine.config.ClusterSettings.Role;
import dev.kvasir.pool.Directory;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node's part in the directory: says how it is and what it holds, and takes in what the others say. All of its state belongs to the directory
 * thread, which waits for nobody; what waits for Hazelcast runs on a thread for chores.
 */
final class DirectoryService {
    private static final Logger log = LoggerFactory.getLogger(DirectoryService.class);
    private static final long FAREWELL_MILLIS = 2000;

    private final HazelcastInstance hazelcast;
    private final Incarnation self;
    private final byte[] model;
    private final Role role;
    private final NodeAddress address;
    private final Seals seals;
    private final ClusterTiming timing;
    private final ClusterCounters counters;
    private final Consumer<byte[]> bus;
    private final Runnable onFenced;
    private final Threads threads;
    private final IMap<Object, Object> nodes;
    private final SegmentMap segments;
    private final Numbers numbers;
    private final Inbox inbox = new Inbox();
    private final Outbox outbox = new Outbox();
    private final HeldSet published = new HeldSet();
    private final Peers peers;
    private final ClusterDirectory directory;
    private final Housekeeping housekeeping;
    private volatile NodeStatus own;
    private volatile int peerCount;
    private volatile List<NodeStatus> statuses = List.of();
    private volatile List<PeerReport> reports = List.of();
    private volatile List<Departure> departures = List.of();
    private long sequence;
    private long sent; // number of the last delta
    private boolean writing;
    private volatile boolean frozen;
    private boolean ended;

    /** What it is made of. */
    record Parts(
            HazelcastInstance hazelcast,
            Incarnation self,
            Seals seals,
            ClusterTiming timing,
            ClusterCounters counters,
            Consumer<byte[]> bus,
            Numbers numbers,
            Runnable onFenced) {}

    DirectoryService(Parts parts, byte[] model, Role role, NodeAddress address, PeerListener listener) {
        this.hazelcast = parts.hazelcast();
        this.self = parts.self();
        this.seals = parts.seals();
        this.timing = parts.timing();
        this.counters = parts.counters();
        this.bus = parts.bus();
        this.numbers = parts.numbers();
        this.onFenced = parts.onFenced();
        this.model = model;
        this.role = role;
        this.address = address;
        threads = new Threads(counters);
        nodes = hazelcast.getMap(Maps.NODES);
        segments = new SegmentMap(hazelcast.getMap(Maps.SEGMENTS), seals.segment(), counters);
        peers = new Peers(
                self,
                model,
                seals,
                timing,
                counters,
                this::isMember,
                System::nanoTime,
                inbox,
                listener,
                id -> published.get(id) != null);
        own = new NodeStatus(self.node(), 0, 0, 0, 0, 0, false, false);
        directory = new ClusterDirectory(self.node(), outbox, inbox, status -> own = status);
        housekeeping = new Housekeeping(hazelcast, nodes, segments, seals.status());
    }

    Directory directory() {
        return directory;
    }

    int peers() {
        return peerCount;
    }

    /** Returns how the peers are, as they said last. Thread-safe. */
    List<NodeStatus> statuses() {
        return statuses;
    }

    /** Returns by node how many segments of a path it holds, this one's own included. Thread-safe. */
    CompletableFuture<Map<Integer, Integer>> held(List<SegmentId> path) {
        CompletableFuture<Map<Integer, Integer>> answer = new CompletableFuture<>();
        threads.must(() -> {
            Map<Integer, Integer> counts = new HashMap<>();
            peers.countHeld(path, published, counts);
            answer.complete(counts);
        });
        return answer;
    }

    /** Returns what each node holds, this one included, as this one knows. Thread-safe. */
    CompletableFuture<Map<Integer, Map<SegmentId, Boolean>>> views() {
        CompletableFuture<Map<Integer, Map<SegmentId, Boolean>>> answer = new CompletableFuture<>();
        threads.must(() -> {
            Map<Integer, Map<SegmentId, Boolean>> views = peers.views();
            views.put(self.node(), Map.copyOf(published.segments()));
            answer.complete(views);
        });
        return answer;
    }

    /** Returns what is known of the peers. Thread-safe. */
    List<PeerReport> reports() {
        return reports;
    }

    /** Returns who went last. Thread-safe. */
    List<Departure> departures() {
        return departures;
    }

    private void notePeers() {
        peerCount = peers.count();
        statuses = peers.statuses();
        reports = peers.reports();
        departures = peers.departures();
    }

    /** Says nothing, or speaks again. */
    void freeze(boolean silent) {
        frozen = silent;
    }

    /** Begins to say and to hear. */
    void start() {
        nodes.addEntryListener(new NodeListener(), true);
        hazelcast.getCluster().addMembershipListener(new MemberListener());
        hazelcast.getLifecycleService().addLifecycleListener(event -> {
            if (event.getState() == LifecycleState.MERGED) {
                threads.must(this::onMerged);
            }
        });
        hazelcast.getPartitionService().addPartitionLostListener(event -> threads.chore(this::repair));
        threads.must(this::sayStatus);
        threads.chore(this::readNodes);
        threads.every(timing.statusMillis(), this::tick);
        threads.every(timing.flushMillis(), this::flush);
        threads.everyChore(timing.repairMillis(), this::keepHouse);
    }

    /** Takes a message of the bus, on any thread. */
    void onBus(byte[] bytes) {
        threads.may(() -> {
            if (!ended) {
                peers.onDelta(bytes);
                readWhatIsMissing();
            }
        });
    }

    private boolean isMember(UUID uuid) {
        return hazelcast.getCluster().getMembers().stream()
                .anyMatch(member -> member.getUuid().equals(uuid));
    }

    // ---- on the directory thread

    private void tick() {
        peers.dropTheStale();
        sayStatus();
        readWhatIsMissing();
    }

    private void sayStatus() {
        if (!ended && !frozen) {
            nodes.setAsync(self.node(), status(false)).exceptionally(e -> logged("a status wasn't written", e));
        }
        notePeers();
    }

    private byte[] status(boolean leaving) {
        UUID member = hazelcast.getCluster().getLocalMember().getUuid();
        return new Status(self, ++sequence, member, model, role, leaving, own, sent, published.checksum(), address)
                .encode(seals.status());
    }

    private void flush() {
        if (writing || ended || outbox.isEmpty()) {
            return;
        }
        List<Change> batch = outbox.take(published, Delta.MOST);
        if (batch.isEmpty()) {
            return;
        }
        writing = true;
        Delta delta = new Delta(self, sent + 1, batch);
        segments.write(self.node(), delta.sequence(), batch)
                .orTimeout(timing.writeMillis(), TimeUnit.MILLISECONDS)
                .whenComplete((done, e) -> threads.must(() -> publish(delta, e)));
    }

    /** Tells the others, now that the map has it: who misses the delta finds it there. */
    private void publish(Delta delta, @Nullable Throwable late) {
        writing = false;
        if (ended) {
            return;
        }
        if (late != null) {
            counters.add(Count.WRITES_LATE);
            threads.chore(this::repair);
        }
        delta.changes().forEach(change -> change.applyTo(published));
        sent = delta.sequence();
        bus.accept(delta.encode(seals.delta()));
        counters.add(Count.DELTAS_SENT);
        counters.add(Count.CHANGES_SENT, delta.changes().size());
        if (delta.changes().size() == Delta.MOST) {
            flush(); // there is more
        }
    }

    private void readWhatIsMissing() {
        for (Incarnation peer : peers.beginReading()) {
            threads.chore(() -> read(peer));
        }
    }

    private void onNode(byte[] bytes) {
        if (ended) {
            return;
        }
        if (peers.onStatus(bytes)) {
            threads.chore(this::checkNumber);
        }
        notePeers();
        readWhatIsMissing();
    }

    private void onMerged() {
        counters.add(Count.MERGES);
        log.info("merged into another part of the cluster; saying again what is held");
        // What this part had written is gone, and so are the others' views of it.
        outbox.forceAll();
        tick();
        threads.chore(this::checkNumber);
        threads.chore(this::readNodes);
        threads.chore(this::repair);
    }

    private void fence() {
        if (!ended) {
            ended = true;
            peers.dropAll();
            notePeers();
            log.error("another node has this node's number {}: it must start again", self.node());
            onFenced.run();
        }
    }

    // ---- on the thread for chores

    private void read(Incarnation peer) {
        try {
            List<Change> found = segments.read(peer.node());
            threads.must(() -> {
                peers.endReading(peer, found);
                readWhatIsMissing();
            });
        } catch (RuntimeException e) {
            logged("what a peer holds couldn't be read", e);
            threads.must(() -> peers.failReading(peer));
        }
    }

    /** Hears at once who is there; each says so again soon. */
    private void readNodes() {
        try {
            for (Object value : nodes.values()) {
                if (value instanceof byte[] bytes) {
                    threads.may(() -> onNode(bytes));
                }
            }
        } catch (RuntimeException e) {
            logged("the nodes couldn't be read", e);
        }
    }

    private void keepHouse() {
        checkNumber();
        repair();
        housekeeping.sweep();
    }

    private void checkNumber() {
        try {
            if (!numbers.isStillOurs(self)) {
                threads.must(this::fence);
            }
        } catch (RuntimeException e) {
            logged("this node's number couldn't be looked up", e);
        }
    }

    /** Has what the map has of this node compared with what it holds, and put right. */
    private void repair() {
        try {
            Map<SegmentId, Boolean> before = threads.ask(() -> new HashMap<>(published.segments()));
            Map<SegmentId, Boolean> found = new HashMap<>();
            segments.read(self.node()).forEach(c -> found.put(c.id(), c.kind() == Change.Kind.REPLICA));
            threads.must(() -> rewrite(before, found));
        } catch (RuntimeException e) {
            logged("what this node holds couldn't be compared with the map", e);
        }
    }

    private void rewrite(Map<SegmentId, Boolean> before, Map<SegmentId, Boolean> found) {
        Set<SegmentId> ids = new HashSet<>(before.keySet());
        ids.addAll(found.keySet());
        // What has changed meanwhile was written meanwhile.
        ids.removeIf(id -> {
            Boolean now = published.get(id);
            boolean settled = now == null ? !before.containsKey(id) : now.equals(before.get(id));
            boolean right = now == null ? !found.containsKey(id) : now.equals(found.get(id));
            return !settled || right;
        });
        if (!ids.isEmpty() && !ended) {
            counters.add(Count.REPAIRED, ids.size());
            outbox.force(ids);
        }
    }

    private static @Nullable Void logged(String what, Throwable e) {
        log.atDebug().setCause(e).log(what);
        return null;
    }

    // ---- the end

    /** Says farewell and takes back what was said; waits a little for that. */
    void leave() {
        try {
            CompletableFuture<Void> said = threads.ask(() -> {
                ended = true;
                return nodes.setAsync(self.node(), status(true)).toCompletableFuture();
            });
            said.get(FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
            CompletableFuture<Void> swept = new CompletableFuture<>();
            threads.chore(() -> {
                housekeeping.remove(self.node());
                swept.complete(null);
            });
            swept.get(FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            log.info("left without a farewell; the others find out by themselves");
        }
        stop();
    }

    /** Ends the threads, and says nothing. */
    void stop() {
        threads.close();
    }

    private final class NodeListener
            implements EntryAddedListener<Object, Object>, EntryUpdatedListener<Object, Object> {
        @Override
        public void entryAdded(EntryEvent<Object, Object> event) {
            take(event);
        }

        @Override
        public void entryUpdated(EntryEvent<Object, Object> event) {
            take(event);
        }

        private void take(EntryEvent<Object, Object> event) {
            try {
                if (event.getValue() instanceof byte[] bytes) {
                    threads.may(() -> onNode(bytes));
                } else {
                    counters.add(Count.DROPPED_LENGTH);
                }
            } catch (RuntimeException e) {
                counters.add(Count.DROPPED_VALUE); // of a class that nothing here reads
            }
        }
    }

    private final class MemberListener implements MembershipListener {
        @Override
        public void memberAdded(MembershipEvent event) {
            threads.must(DirectoryService.this::sayStatus);
        }

        @Override
        public void memberRemoved(MembershipEvent event) {
            threads.must(() -> {
                peers.dropTheStale();
                notePeers();
            });
            Member gone = event.getMember();
            threads.chore(() -> housekeeping.removeAllOf(gone.getUuid()));
        }
    }
}
