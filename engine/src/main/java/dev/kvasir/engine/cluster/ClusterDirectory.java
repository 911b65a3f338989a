package dev.kvasir.engine.cluster;

import dev.kvasir.pool.Directory;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The pool's side of the cluster's directory: a view that nothing but {@link #poll} changes, and what is on its way to the others. */
final class ClusterDirectory implements Directory {
    private final int self;
    private final Outbox outbox;
    private final Inbox inbox;
    private final Consumer<NodeStatus> report;
    private final SortedMap<Integer, NodeStatus> nodes = new TreeMap<>();
    private final HolderIndex index = new HolderIndex();
    private final Set<SegmentId> announced = new HashSet<>();
    private final List<Change> unsaid = new ArrayList<>();

    ClusterDirectory(int self, Outbox outbox, Inbox inbox, Consumer<NodeStatus> report) {
        this.self = self;
        this.outbox = outbox;
        this.inbox = inbox;
        this.report = report;
    }

    @Override
    public int self() {
        return self;
    }

    @Override
    public List<Holding> holders(SegmentId id) {
        return index.holders(id);
    }

    @Override
    public void announce(SegmentId id, boolean replica) {
        announced.add(id);
        unsaid.add(Change.held(id, replica));
    }

    @Override
    public void withdraw(SegmentId id) {
        if (announced.remove(id)) {
            unsaid.add(new Change(id, Change.Kind.WITHDRAWN));
        }
    }

    @Override
    public List<NodeStatus> nodes() {
        return List.copyOf(nodes.values());
    }

    @Override
    public void report(NodeStatus own) {
        if (own.node() != self) {
            throw new IllegalArgumentException("node " + self + " can't say how node " + own.node() + " is");
        }
        report.accept(own);
    }

    @Override
    public boolean poll(Events events) {
        if (!unsaid.isEmpty()) {
            outbox.add(unsaid);
            unsaid.clear();
        }
        boolean any = false;
        for (Inbox.Item item = inbox.take(); item != null; item = inbox.take()) {
            take(item, events);
            any = true;
        }
        return any;
    }

    private void take(Inbox.Item item, Events events) {
        if (item instanceof Inbox.Item.Reported reported) {
            int node = reported.status().node();
            if (nodes.put(node, reported.status()) == null) {
                events.onJoined(node);
            }
        } else if (item instanceof Inbox.Item.Left left) {
            nodes.remove(left.node());
            left.held().forEach(id -> index.remove(id, left.node()));
            events.onLeft(left.node());
        } else if (item instanceof Inbox.Item.Changed changed) {
            changed.changes().forEach(change -> take(changed.node(), change, events));
        }
    }

    private void take(int node, Change change, Events events) {
        if (change.kind() == Change.Kind.WITHDRAWN) {
            index.remove(change.id(), node);
            return;
        }
        index.put(change.id(), node, change.kind() == Change.Kind.REPLICA);
        if (announced.contains(change.id())) {
            events.onShared(change.id());
        }
    }
}
