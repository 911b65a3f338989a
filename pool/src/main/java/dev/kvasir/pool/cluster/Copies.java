package dev.kvasir.pool.cluster;

import dev.kvasir.pool.Directory;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.Placement;
import dev.kvasir.pool.PlacementAction;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The segments on this node's device as the pool of all nodes sees them: homes and replicas, fresh ones that have no home yet, and where they go. */
final class Copies implements Placement.OwnCopies {
    /** Hints of replicas to come that are kept; the oldest is forgotten. */
    private static final int MOST_HINTS = 4096;

    private final MemPool pool;
    private final Directory directory;
    private final ReplicaVoice voice;
    // Both with the longest unused first.
    private final Map<SegmentId, SegmentHeader> here = new LinkedHashMap<>();
    private final Set<SegmentId> replicas = new LinkedHashSet<>();
    private final Set<SegmentId> fresh = new LinkedHashSet<>(); // computed here, in that order; no home was chosen yet
    private final Map<SegmentId, Integer> fetched =
            new HashMap<>(); // copies for requests here, and how many of these wait for them
    private final Set<SegmentId> arrived = new LinkedHashSet<>(); // while others were known to have them
    private final Map<SegmentId, Boolean> hints = new LinkedHashMap<>(); // replicas that others have said they'd send
    private final Relocations relocations;

    /** Says to another node that a replica comes. */
    interface ReplicaVoice {
        void announce(int node, SegmentId id);
    }

    Copies(MemPool pool, Directory directory, ReplicaVoice voice) {
        this.pool = pool;
        this.directory = directory;
        this.voice = voice;
        relocations = new Relocations(pool, here, this::onHandedOver, this::hasOtherHome);
    }

    void onHere(SegmentHeader segment) {
        SegmentId id = segment.id();
        boolean replica = hints.remove(id) != null;
        here.put(id, segment);
        if (replica) {
            replicas.add(id);
        }
        directory.announce(id, replica);
        if (replica && fetched.getOrDefault(id, 1) == 0) {
            fetched.remove(id);
            relocations.leave(id); // too late
        }
        if (!directory.holders(id).isEmpty()) {
            arrived.add(id); // the directory tells of what others say later, not of what they have said
        }
    }

    void onGone(SegmentId id) {
        here.remove(id);
        replicas.remove(id);
        fresh.remove(id);
        arrived.remove(id);
        relocations.forget(id);
        directory.withdraw(id);
    }

    /** A segment was computed here: whoever was to send a replica of it hasn't. */
    void onComputed(SegmentId id) {
        if (here.containsKey(id)) {
            fresh.add(id);
            becomeHome(id);
        }
    }

    private void becomeHome(SegmentId id) {
        if (replicas.remove(id)) {
            directory.announce(id, false);
        }
    }

    private boolean hasOtherHome(SegmentId id) {
        return directory.holders(id).stream().anyMatch(holding -> !holding.replica());
    }

    private void onHandedOver(SegmentId id) {
        if (replicas.add(id)) {
            directory.announce(id, true);
        }
    }

    /** A segment was read. */
    void onUsed(SegmentId id) {
        SegmentHeader header = here.remove(id);
        if (header != null) {
            here.put(id, header);
            if (replicas.remove(id)) {
                replicas.add(id);
            }
        }
    }

    boolean isHere(SegmentId id) {
        return here.containsKey(id);
    }

    /** A copy was asked for, for as long as requests need it. */
    void fetch(SegmentId id) {
        fetched.merge(id, 1, Integer::sum);
    }

    /** A request that waited for a copy has pinned it, or does without. */
    void endFetch(SegmentId id) {
        int left = fetched.merge(id, -1, Integer::sum);
        if (left > 0) {
            return;
        }
        if (replicas.contains(id)) {
            fetched.remove(id);
            relocations.leave(id); // as soon as nobody reads it
        } else if (fetched.size() >= MOST_HINTS || here.containsKey(id)) {
            fetched.remove(id);
        }
    }

    /** Sends copies of segments that follow one another. */
    void sendCopies(List<SegmentId> run, int node) {
        run.forEach(id -> voice.announce(node, id));
        relocations.send(run, node, false);
    }

    /** Another node will send a replica. */
    void expect(SegmentId id) {
        if (here.containsKey(id)) {
            return; // it comes to nothing, or came before this was said: then there are two homes, of which one goes
        }
        if (hints.size() >= MOST_HINTS) {
            hints.remove(hints.keySet().iterator().next());
        }
        hints.put(id, true);
    }

    int size() {
        return here.size();
    }

    Relocations relocations() {
        return relocations;
    }

    /**
     * Frees slots by giving up replicas that nobody reads, the longest unused first, until {@code count} slots are free or there are no more. Costs nothing where
     * so many are free or can't be had, else O(replicas that go or are read).
     */
    void makeRoom(int count) {
        if (replicas.isEmpty() || pool.usage(Tier.DEVICE).available() < count) {
            return;
        }
        for (int left = replicas.size(); left > 0 && pool.usage(Tier.DEVICE).free() < count; left--) {
            SegmentId oldest = replicas.iterator().next();
            delete(oldest);
            if (replicas.remove(oldest)) {
                replicas.add(oldest); // it's being read
            }
        }
    }

    private void delete(SegmentId id) {
        SegmentHeader header = here.get(id);
        if (header != null) {
            pool.delete(header.parent(), header.tokens()); // stays if somebody reads it
        }
    }

    /** Chooses homes for what was computed, and does what placement says. */
    void place(Placement placement) {
        if (!fresh.isEmpty()) {
            if (!directory.nodes().isEmpty()) {
                runs().forEach(run -> home(run, placement));
            }
            fresh.clear();
        }
        arrived.forEach(placement::onShared);
        arrived.clear();
        for (PlacementAction action : placement.poll()) {
            act(action);
        }
        relocations.poll();
    }

    private void home(List<SegmentId> run, Placement placement) {
        List<SegmentId> alone = new ArrayList<>();
        for (SegmentId id : run) {
            if (directory.holders(id).isEmpty()) {
                alone.add(id);
            } else {
                arrived.add(id);
            }
        }
        if (alone.size() < run.size() || alone.isEmpty()) {
            return; // others have some of it: which copy goes is decided first
        }
        for (Placement.Part part : placement.homesFor(alone)) {
            if (part.node() != directory.self()) {
                relocations.send(alone.subList(part.from(), part.to()), part.node(), true);
            }
        }
    }

    /** Returns the fresh ones, those together that follow one another. */
    private List<List<SegmentId>> runs() {
        List<List<SegmentId>> runs = new ArrayList<>();
        Map<SegmentId, List<SegmentId>> byEnd = new HashMap<>();
        for (SegmentId id : fresh) {
            SegmentHeader header = here.get(id);
            if (header == null) {
                continue;
            }
            List<SegmentId> run = byEnd.remove(header.parent());
            if (run == null) {
                run = new ArrayList<>();
                runs.add(run);
            }
            run.add(id);
            byEnd.put(id, run);
        }
        return runs;
    }

    private void act(PlacementAction action) {
        SegmentId id = action.id();
        if (!here.containsKey(id)) {
            return;
        }
        if (action instanceof PlacementAction.Replicate replicate) {
            sendCopies(List.of(id), replicate.to());
        } else if (action instanceof PlacementAction.Move move) {
            relocations.send(List.of(id), move.to(), true);
        } else if (action instanceof PlacementAction.Drop) {
            delete(id);
        } else if (action instanceof PlacementAction.Promote) {
            relocations.forget(id);
            becomeHome(id);
        }
    }

    @Override
    public Placement.Copy copyOf(SegmentId id) {
        if (!here.containsKey(id)) {
            return Placement.Copy.NONE;
        }
        return replicas.contains(id) ? Placement.Copy.REPLICA : Placement.Copy.HOME;
    }

    @Override
    public List<SegmentId> replicas() {
        return List.copyOf(replicas);
    }

    @Override
    public List<SegmentId> coldest(int count) {
        return here.keySet().stream()
                .filter(id -> !replicas.contains(id))
                .limit(count)
                .toList();
    }
}
