package dev.kvasir.engine.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.TierSurvey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The prefixes that a pool holds, as a tree of runs without a branch in them, under aliases. It's made of segments and what comes before them alone, so that a pool
 * whose index is flat has one too. What would be too much for a page is left out, and counted.
 */
final class TreePicture {
    private static final int MOST_RUNS = 1500;
    private static final int MOST_CHILDREN = 48;
    private static final int MOST_DEPTH = 60; // runs, not segments: a page can't draw more

    private static final class Segment {
        final SegmentId id;
        final List<Segment> children = new ArrayList<>(1);
        int tier = Integer.MAX_VALUE; // the fastest that has it
        int hits;
        boolean pinned;
        boolean hasParent;
        int weight; // segments from here on

        Segment(SegmentId id) {
            this.id = id;
        }
    }

    private final Map<String, SegmentId> shown = new LinkedHashMap<>();
    private final ObjectNode json = JsonNodeFactory.instance.objectNode();
    private final List<TierSurvey> tiers;
    private int left = MOST_RUNS;

    TreePicture(List<TierSurvey> tiers) {
        this.tiers = tiers;
        List<Segment> roots = link();
        weigh(roots);
        json.put("segments", roots.stream().mapToInt(root -> root.weight).sum());
        put(roots, json, 0);
    }

    /** Returns the tree: {@code children} of {@code id, tenant, segments, hits, tier, pinned, weight} and so on; {@code more} counts segments left out. */
    ObjectNode json() {
        return json;
    }

    /** Returns the last segment of a run that is shown. */
    Optional<SegmentId> find(String alias) {
        return Optional.ofNullable(shown.get(alias));
    }

    private List<Segment> link() {
        Map<SegmentId, Segment> all = new LinkedHashMap<>();
        for (TierSurvey tier : tiers) {
            for (int slot = 0; slot < tier.ids().length; slot++) {
                SegmentId id = tier.ids()[slot];
                if (id != null) {
                    Segment segment = all.computeIfAbsent(id, Segment::new);
                    segment.tier = Math.min(segment.tier, tier.tier().ordinal());
                    segment.hits = Math.max(segment.hits, tier.hits()[slot]);
                    segment.pinned |= tier.states()[slot] == TierSurvey.PINNED;
                }
            }
        }
        Map<SegmentId, SegmentId> parents = new HashMap<>();
        for (TierSurvey tier : tiers) {
            for (int slot = 0; slot < tier.ids().length; slot++) {
                SegmentId id = tier.ids()[slot];
                SegmentId parent = tier.parents()[slot];
                if (id != null && parent != null) {
                    parents.putIfAbsent(id, parent);
                }
            }
        }
        parents.forEach((id, parent) -> {
            Segment before = all.get(parent);
            Segment segment = all.get(id);
            if (before != null && segment != null) {
                before.children.add(segment);
                segment.hasParent = true;
            }
        });
        return new ArrayList<>(
                all.values().stream().filter(segment -> !segment.hasParent).toList());
    }

    /** Counts from the leaves up, without recursion: a prompt may be thousands of segments deep. */
    private static void weigh(List<Segment> roots) {
        List<Segment> order = new ArrayList<>(roots);
        for (int i = 0; i < order.size(); i++) {
            order.addAll(order.get(i).children);
        }
        for (int i = order.size() - 1; i >= 0; i--) {
            Segment segment = order.get(i);
            segment.weight = 1
                    + segment.children.stream().mapToInt(child -> child.weight).sum();
        }
    }

    private void put(List<Segment> segments, ObjectNode into, int depth) {
        if (segments.isEmpty()) {
            return;
        }
        List<Segment> sorted = new ArrayList<>(segments);
        sorted.sort(
                Comparator.comparingInt((Segment segment) -> -segment.weight).thenComparing(s -> s.id.w0()));
        ArrayNode children = JsonNodeFactory.instance.arrayNode();
        int more = 0;
        for (Segment segment : sorted) {
            if (children.size() >= MOST_CHILDREN || left <= 0 || depth >= MOST_DEPTH) {
                more += segment.weight;
            } else {
                left--;
                children.add(run(segment, depth));
            }
        }
        into.set("children", children);
        if (more > 0) {
            into.put("more", more);
        }
    }

    private ObjectNode run(Segment first, int depth) {
        Segment last = first;
        int length = 1;
        boolean pinned = first.pinned;
        while (last.children.size() == 1
                && last.children.get(0).tier == first.tier
                && last.children.get(0).hits == first.hits) {
            last = last.children.get(0);
            pinned |= last.pinned;
            length++;
        }
        String alias = SegmentIdentity.alias(last.id);
        shown.put(alias, last.id);
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("id", alias)
                .put("tenant", SegmentIdentity.tenantAlias(last.id))
                .put("segments", length)
                .put("hits", first.hits)
                .put("tier", first.tier)
                .put("weight", first.weight);
        if (pinned) {
            node.put("pinned", true);
        }
        put(last.children, node, depth + 1);
        return node;
    }
}
