package dev.kvasir.pool.tree;

import dev.kvasir.pool.PrefixReport;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.Tier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/** Looks at all runs of a prefix tree, for who wants to know what it holds. Changes nothing. */
final class TreeSurvey {
    /** A run and the segments from its root to its end. */
    private record Prefix(Run run, int segments) {}

    /** The least reported first: seldom found, then short; the identity makes the order the same each time. */
    private static final Comparator<Prefix> BY_WORTH = Comparator.<Prefix>comparingInt(prefix -> prefix.run().hits)
            .thenComparingInt(Prefix::segments)
            .thenComparing(prefix -> prefix.run().lastId(), Comparator.comparingLong(SegmentId::w0));

    private final int segmentTokens;
    private final Map<SegmentId, Run> roots;

    TreeSurvey(int segmentTokens, Map<SegmentId, Run> roots) {
        this.segmentTokens = segmentTokens;
        this.roots = roots;
    }

    List<PrefixReport> topPrefixes(int count) {
        if (count < 1) {
            return List.of();
        }
        PriorityQueue<Prefix> top = new PriorityQueue<>(BY_WORTH); // the best so far, the worst of them in front
        roots.values()
                .forEach(root -> visit(root, prefix -> {
                    top.add(prefix);
                    if (top.size() > count) {
                        top.remove();
                    }
                }));
        List<Prefix> best = new ArrayList<>(top);
        best.sort(BY_WORTH.reversed());
        return best.stream().map(this::report).toList();
    }

    Map<SegmentId, Map<Tier, Integer>> segmentsByRoot() {
        Map<SegmentId, Map<Tier, Integer>> counts = new HashMap<>();
        roots.forEach((id, root) -> {
            Map<Tier, Integer> ofRoot = new EnumMap<>(Tier.class);
            visit(root, prefix -> {
                Run run = prefix.run();
                for (int i = 0; i < run.segments(); i++) {
                    ofRoot.merge(run.address(i).tier(), 1, Integer::sum);
                }
            });
            if (!ofRoot.isEmpty()) { // else a root with readers only
                counts.put(id, ofRoot);
            }
        });
        return counts;
    }

    /** Visits the runs below a root, which is empty itself. */
    private static void visit(Run root, Consumer<Prefix> visitor) {
        Deque<Prefix> open = new ArrayDeque<>(); // no recursion: a tree may be as deep as it has segments
        open.add(new Prefix(root, 0));
        while (!open.isEmpty()) {
            Prefix parent = open.removeLast();
            for (Run child : parent.run().children()) {
                Prefix prefix = new Prefix(child, parent.segments() + child.segments());
                visitor.accept(prefix);
                open.addLast(prefix);
            }
        }
    }

    private PrefixReport report(Prefix prefix) {
        Run run = prefix.run();
        return new PrefixReport(
                SegmentIdentity.alias(run.lastId()),
                SegmentIdentity.tenantAlias(run.root()),
                prefix.segments() * segmentTokens,
                run.hits,
                run.address(run.segments() - 1).tier());
    }
}
