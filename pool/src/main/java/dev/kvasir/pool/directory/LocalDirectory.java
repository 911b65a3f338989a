package dev.kvasir.pool.directory;

import dev.kvasir.pool.Directory;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** One node's view of a {@link DirectoryHub}. */
public final class LocalDirectory implements Directory {
    private final DirectoryHub hub;
    private final int self;
    private final ConcurrentLinkedQueue<News> news = new ConcurrentLinkedQueue<>();
    private final SortedMap<Integer, NodeStatus> nodes = new TreeMap<>();
    private final Map<SegmentId, SortedMap<Integer, Holding>> holders = new HashMap<>();
    private final Map<SegmentId, Boolean> announced = new HashMap<>();
    private final Map<SegmentId, Optional<Holding>> unsaid = new LinkedHashMap<>();
    private @Nullable NodeStatus report;

    LocalDirectory(DirectoryHub hub, int self) {
        this.hub = hub;
        this.self = self;
    }

    @Override
    public int self() {
        return self;
    }

    @Override
    public List<Holding> holders(SegmentId id) {
        SortedMap<Integer, Holding> found = holders.get(id);
        return found == null ? List.of() : List.copyOf(found.values());
    }

    @Override
    public void announce(SegmentId id, boolean replica) {
        announced.put(id, replica);
        unsaid.put(id, Optional.of(new Holding(self, replica)));
    }

    @Override
    public void withdraw(SegmentId id) {
        if (announced.remove(id) != null) {
            unsaid.put(id, Optional.empty());
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
        report = own;
    }

    @Override
    public boolean poll(Events events) {
        unsaid.forEach((id, holding) -> hub.say(self, id, holding));
        unsaid.clear();
        if (report != null) {
            hub.report(report);
            report = null;
        }
        List<News> heard = new ArrayList<>();
        for (News next = news.poll(); next != null; next = news.poll()) {
            heard.add(next);
        }
        heard.forEach(next -> take(next, events));
        return !heard.isEmpty();
    }

    /** Takes in what another has said, at the next poll. */
    void hear(News next) {
        news.add(next);
    }

    private void take(News next, Events events) {
        if (next instanceof News.Joined joined) {
            nodes.put(joined.status().node(), joined.status());
            events.onJoined(joined.status().node());
        } else if (next instanceof News.Left left) {
            nodes.remove(left.node());
            holders.values().forEach(found -> found.remove(left.node()));
            holders.values().removeIf(Map::isEmpty);
            events.onLeft(left.node());
        } else if (next instanceof News.Reported reported) {
            nodes.put(reported.status().node(), reported.status());
        } else if (next instanceof News.Said said) {
            take(said, events);
        }
    }

    private void take(News.Said said, Events events) {
        SortedMap<Integer, Holding> found = holders.computeIfAbsent(said.id(), id -> new TreeMap<>());
        said.holding().ifPresentOrElse(holding -> found.put(said.node(), holding), () -> found.remove(said.node()));
        if (found.isEmpty()) {
            holders.remove(said.id());
        }
        if (said.holding().isPresent() && announced.containsKey(said.id())) {
            events.onShared(said.id());
        }
    }
}
