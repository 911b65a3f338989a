package dev.kvasir.pool.plans;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.pool.CachePlans;
import dev.kvasir.pool.CachePlans.Batch;
import dev.kvasir.pool.CachePlans.Put;
import dev.kvasir.pool.CachePlans.Read;
import dev.kvasir.pool.CacheRequest;
import dev.kvasir.pool.CacheView;
import dev.kvasir.pool.Directory;
import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.ReadPlan.Way;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.placement.Link;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class DirectoryCacheTest {
    private static final KvLayout LAYOUT = new KvLayout(2, 2, 32, 16, KvDtype.FLOAT32);
    private static final int SEGMENT = LAYOUT.segmentTokens();
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);
    private static final PlanConfig CONFIG = new PlanConfig(LAYOUT, 4, 4, 64, new NodePower(1e9, 1e10));

    /** What is where, told at once; the node itself is 1. */
    private static final class Known implements Directory {
        private final Map<SegmentId, Set<Integer>> holders = new HashMap<>();
        private final Map<Integer, NodeStatus> statuses = new TreeMap<>();

        @Override
        public int self() {
            return 1;
        }

        @Override
        public List<Holding> holders(SegmentId id) {
            return holders.getOrDefault(id, Set.of()).stream()
                    .filter(node -> node != 1)
                    .sorted()
                    .map(node -> new Holding(node, false))
                    .toList();
        }

        @Override
        public void announce(SegmentId id, boolean replica) {
            throw new UnsupportedOperationException("plans only look");
        }

        @Override
        public void withdraw(SegmentId id) {
            throw new UnsupportedOperationException("plans only look");
        }

        @Override
        public List<NodeStatus> nodes() {
            return statuses.values().stream()
                    .filter(status -> status.node() != 1)
                    .toList();
        }

        @Override
        public void report(NodeStatus own) {
            throw new UnsupportedOperationException("plans only look");
        }

        @Override
        public boolean poll(Events events) {
            throw new UnsupportedOperationException("plans only look");
        }
    }

    private final Known known = new Known();
    private final DirectoryCache cache = new DirectoryCache(
            known,
            id -> known.holders.getOrDefault(id, Set.of()).contains(1),
            () -> status(1),
            node -> new Link(1e9, 0),
            node -> 0,
            CONFIG);

    private NodeStatus status(int node) {
        NodeStatus status = known.statuses.get(node);
        if (status == null) {
            throw new IllegalArgumentException("no node " + node);
        }
        return status;
    }

    private void node(int number, int slots, int free) {
        known.statuses.put(number, new NodeStatus(number, slots, free, 0, 0, 0, true, false));
    }

    private static CacheRequest request(int first, int tokens, int output) {
        int[] prompt = new int[tokens];
        Arrays.setAll(prompt, i -> first + i);
        return new CacheRequest(ROOT, prompt, output);
    }

    private static List<SegmentId> ids(CacheRequest request) {
        List<SegmentId> ids = new ArrayList<>();
        SegmentId id = request.root();
        for (int from = 0; from + SEGMENT <= request.tokens().length; from += SEGMENT) {
            id = SegmentIdentity.next(id, request.tokens(), from, from + SEGMENT);
            ids.add(id);
        }
        return ids;
    }

    /** Has a request's segments lie on nodes, one after the other. */
    private void hold(CacheRequest request, int... nodes) {
        List<SegmentId> ids = ids(request);
        for (int i = 0; i < nodes.length; i++) {
            known.holders.computeIfAbsent(ids.get(i), id -> new HashSet<>()).add(nodes[i]);
        }
    }

    @Test
    void aHitEndsAtTheFirstSegmentThatNobodyHas() {
        node(1, 100, 100);
        node(2, 100, 50);
        CacheRequest request = request(0, 5 * SEGMENT + 3, 0);
        hold(request, 1, 2, 2);
        known.holders.put(ids(request).get(4), Set.of(2));
        known.holders.put(ids(request).get(0), Set.of(1, 2));
        CacheView view = cache.prefixes(List.of(request, request(9, SEGMENT + 1, 0)));
        assertThat(view.hits().get(0))
                .isEqualTo(new CacheView.Hit(3 * SEGMENT, List.of(List.of(1, 2), List.of(2), List.of(2))));
        assertThat(view.hits().get(1).tokens()).isZero();
        assertThat(view.nodes()).extracting(NodeStatus::freeSlots).containsExactly(100, 50);
    }

    @Test
    void theLastTokenIsNeverAHit() {
        node(1, 100, 100);
        CacheRequest request = request(0, 2 * SEGMENT, 0);
        hold(request, 1, 1);
        assertThat(cache.prefixes(List.of(request)).hits().get(0).tokens()).isEqualTo(SEGMENT);
    }

    @Test
    void aBatchRunsWhereItsPrefixesLieAndReadsTheRestFromOthers() {
        node(1, 100, 10);
        node(2, 100, 10);
        node(3, 100, 10);
        CacheRequest request = request(0, 8 * SEGMENT + 1, 100);
        hold(request, 3, 3, 3, 3, 3, 2, 2, 2);
        CacheView view = cache.prefixes(List.of(request));
        CachePlans plans = cache.plans(List.of(request), view, List.of(new Batch(List.of(0), 1)));
        // 101 tokens of queries cost as much as 6 segments or so: it's less to fetch the 3.
        assertThat(plans.groups()).containsExactly(List.of(3));
        assertThat(plans.reads()).hasSize(1);
        Read read = plans.reads().get(0);
        assertThat(read.holder()).isEqualTo(2);
        assertThat(read.plan().segments()).isEqualTo(3);
        assertThat(read.plan().way()).isEqualTo(Way.FETCH);
        assertThat(plans.bytes()).isEqualTo(3L * LAYOUT.segmentBytes());
        assertThat(plans.transfers()).isEmpty();
    }

    @Test
    void whatLiesOnAnyMemberIsLocalToTheGroup() {
        node(1, 100, 10);
        node(2, 100, 10);
        node(3, 100, 10);
        CacheRequest request = request(0, 4 * SEGMENT + 1, 0);
        hold(request, 3, 2, 3, 2);
        CacheView view = cache.prefixes(List.of(request));
        CachePlans plans = cache.plans(List.of(request), view, List.of(new Batch(List.of(0), 2)));
        assertThat(plans.groups().get(0)).containsExactlyInAnyOrder(2, 3);
        assertThat(plans.reads()).isEmpty();
        assertThat(plans.bytes()).isZero();
    }

    @Test
    void newSegmentsThatDoNotFitGoToOthers() {
        node(1, 100, 2);
        node(2, 100, 6);
        CacheRequest request = request(0, 8 * SEGMENT, 0);
        CacheView view = cache.prefixes(List.of(request));
        CachePlans plans = cache.plans(List.of(request), view, List.of(new Batch(List.of(0), 1)));
        assertThat(plans.groups()).containsExactly(List.of(2));
        assertThat(plans.transfers()).containsExactly(new Put(0, 2, 1, 2));
        assertThat(plans.bytes()).isEqualTo(2L * LAYOUT.segmentBytes());
    }

    @Test
    void loadIsThatOfTheHits() {
        node(1, 100, 100);
        node(2, 100, 100);
        CacheRequest request = request(0, 10 * SEGMENT, 0);
        hold(request, 1, 1, 2, 2);
        CacheView view = cache.prefixes(List.of(request));
        assertThat(cache.load(List.of(request), view, 0.001))
                .isEqualTo(new CacheLoad(LAYOUT, 4, CONFIG.power())
                        .load(new int[] {4 * SEGMENT}, new int[] {6 * SEGMENT}, 2, 0.001));
    }

    @Test
    void aViewOfOtherRequestsIsRefused() {
        node(1, 100, 100);
        CacheRequest request = request(0, 10, 0);
        CacheView view = cache.prefixes(List.of());
        assertThatThrownBy(() -> cache.load(List.of(request), view, 1))
                .hasMessageContaining("a view of 0 requests for 1");
    }

    @RandomizedTest
    void everyCachedSegmentIsReadOnceOrLocalAndEveryNewOneHasAPlace(SplittableRandom random) {
        int nodes = random.nextInt(2, 7);
        for (int node = 1; node <= nodes; node++) {
            node(node, 200, random.nextInt(200));
        }
        List<CacheRequest> requests = new ArrayList<>();
        List<Batch> batches = new ArrayList<>();
        int degrees = 0;
        while (degrees < nodes) {
            int degree = random.nextInt(1, nodes - degrees + 1);
            List<Integer> members = new ArrayList<>();
            for (int i = 0; i < random.nextInt(1, 4); i++) {
                CacheRequest request = request(1_000 * requests.size(), random.nextInt(2, 200), random.nextInt(100));
                hold(
                        request,
                        random.ints(random.nextInt(ids(request).size() + 1), 1, nodes + 1)
                                .toArray());
                members.add(requests.size());
                requests.add(request);
            }
            batches.add(new Batch(members, degree));
            degrees += degree;
        }
        CacheView view = cache.prefixes(requests);
        CachePlans plans = cache.plans(requests, view, batches);
        for (int b = 0; b < batches.size(); b++) {
            List<Integer> group = plans.groups().get(b);
            assertThat(group).hasSize(batches.get(b).degree());
            for (int r : batches.get(b).requests()) {
                List<List<Integer>> holders = view.hits().get(r).holders();
                long remote = holders.stream()
                        .filter(on -> on.stream().noneMatch(group::contains))
                        .count();
                assertThat(plans.reads().stream()
                                .filter(read -> read.request() == r)
                                .mapToLong(read -> read.plan().segments())
                                .sum())
                        .isEqualTo(remote);
            }
        }
        assertThat(plans.reads()).noneMatch(read -> read.plan().segments() == 0);
        assertThat(plans.transfers()).noneMatch(put -> put.from() == put.to());
        long bytes = plans.reads().stream()
                        .mapToLong(read -> read.plan().chosen().bytes())
                        .sum()
                + plans.transfers().stream().mapToLong(Put::segments).sum() * LAYOUT.segmentBytes();
        assertThat(plans.bytes()).isEqualTo(bytes);
    }
}
