package dev.kvasir.pool.tree;

import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.eviction.EvictionPolicy;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Recomputes what a prefix tree keeps counting, from its runs and the paths that are alive. O(tokens), with every digest. */
final class TreeAudit {
    private final int segmentTokens;
    private final Map<SegmentId, Run> roots;
    private final Set<PinnedPath> paths;
    private final EvictionPolicy policy;
    private final Map<Run, Integer> ends = new HashMap<>(); // paths that end at a run, for those runs not yet met

    private int segments;
    private int pinned;
    private int evictable;

    TreeAudit(int segmentTokens, Map<SegmentId, Run> roots, Set<PinnedPath> paths, EvictionPolicy policy) {
        this.segmentTokens = segmentTokens;
        this.roots = roots;
        this.paths = paths;
        this.policy = policy;
    }

    void check(int countedSegments, int countedPinned, Consumer<SlotAddress> held) {
        for (PinnedPath path : paths) {
            checkPath(path);
            ends.merge(path.end(), 1, Integer::sum);
        }
        roots.forEach((id, root) -> {
            checkRoot(id, root);
            for (Run run : PrefixTree.subtree(root)) {
                checkRun(run);
                for (int i = 0; i < run.segments(); i++) {
                    held.accept(run.address(i));
                }
            }
        });
        expect(ends.isEmpty(), ends.size() + " runs have readers but are not in the tree");
        same("segments", countedSegments, segments);
        same("pinned segments", countedPinned, pinned);
        same("evictable runs", policy.size(), evictable);
    }

    private void checkPath(PinnedPath path) {
        int index = path.segments();
        for (Run run = path.end(); run != null; run = run.parent()) {
            for (int i = run.segments() - 1; i >= 0; i--) {
                index--;
                expect(index >= 0, path + " is shorter than its runs");
                expect(
                        path.address(index).equals(run.address(i))
                                && path.id(index).equals(run.id(i)),
                        path + " and its runs differ in segment " + index);
            }
        }
        same("segments in the runs of " + path, path.segments(), path.segments() - index);
    }

    private static void checkRoot(SegmentId id, Run root) {
        expect(root.isRoot() && root.root().equals(id) && root.segments() == 0, "root " + id + " is not a root");
        expect(root.pins > 0 || !root.isLeaf(), "root " + id + " has neither segments nor readers");
    }

    private void checkRun(Run run) {
        Run parent = run.parent();
        if (parent != null) {
            expect(run.segments() > 0, "a run is empty");
            expect(parent.child(run.tokens(), 0) == run, "a run is not the child that its first segment leads to");
            expect(
                    run.lastUse <= parent.lastUse,
                    "a run was used at " + run.lastUse + ", its parent at " + parent.lastUse);
            expect(run.hits <= parent.hits || parent.isRoot(), "a run has more hits than its parent");
            checkIdentities(run, parent.lastId());
        }
        Integer endsHere = ends.remove(run);
        int pins = endsHere == null ? 0 : endsHere;
        for (Run child : run.children()) {
            pins += child.pins;
        }
        same("pins of a run of " + run.segments() + " segments", run.pins, pins);

        boolean canGo = parent != null && pins == 0 && run.isLeaf();
        expect(run.evictable == canGo, "a run of " + pins + " pins is " + (canGo ? "not " : "") + "evictable");
        segments += run.segments();
        pinned += pins > 0 ? run.segments() : 0;
        evictable += canGo ? 1 : 0;
    }

    private void checkIdentities(Run run, SegmentId before) {
        SegmentId id = before;
        for (int i = 0; i < run.segments(); i++) {
            id = SegmentIdentity.next(id, run.tokens(), i * segmentTokens, (i + 1) * segmentTokens);
            expect(id.equals(run.id(i)), "segment " + run.id(i) + " has tokens of " + id);
        }
    }

    private static void same(String what, int counted, int real) {
        expect(counted == real, what + ": " + counted + " counted, " + real + " there");
    }

    private static void expect(boolean right, String problem) {
        if (!right) {
            throw new IllegalStateException(problem);
        }
    }
}
