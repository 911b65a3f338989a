package dev.kvasir.scheduler.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.scheduler.RouteRequest;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class CacheAwareTest {
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);
    private static final int SEGMENT = 16;

    private static NodeStatus node(int number, int queue) {
        return new NodeStatus(number, 100, 50, queue, 0, 0, true, false);
    }

    private static RouteRequest prompt(int first, int tokens) {
        int[] prompt = new int[tokens];
        Arrays.setAll(prompt, i -> first + i);
        return new RouteRequest(ROOT, prompt);
    }

    /** SGLang's rule with a list of prompts for each node in the place of trees. */
    private static final class Plain {
        private final CacheAwareConfig config;
        private final Map<Integer, List<int[]>> had = new TreeMap<>();
        private final Map<Integer, Integer> queues = new TreeMap<>();

        private Plain(CacheAwareConfig config) {
            this.config = config;
        }

        int choose(int[] prompt) {
            int chosen = choose(
                    prompt, queues.values().stream().mapToInt(n -> n).max().orElseThrow());
            queues.merge(chosen, 1, Integer::sum);
            had.computeIfAbsent(chosen, node -> new ArrayList<>()).add(prompt);
            return chosen;
        }

        private int choose(int[] prompt, int max) {
            int shortest = first(queues);
            int min = queues.get(shortest);
            if (max - min > config.absoluteImbalance() && max > config.relativeImbalance() * min) {
                return shortest;
            }
            int best = 0;
            int most = -1;
            Map<Integer, Integer> sizes = new TreeMap<>();
            for (int node : queues.keySet()) {
                List<int[]> prompts = had.getOrDefault(node, List.of());
                int matched = 0;
                int size = 0;
                for (int i = 0; i < prompts.size(); i++) {
                    matched = Math.max(matched, common(prompt, prompts.get(i)));
                    int known = 0;
                    for (int j = 0; j < i; j++) {
                        known = Math.max(known, common(prompts.get(i), prompts.get(j)));
                    }
                    size += prompts.get(i).length / SEGMENT - known;
                }
                sizes.put(node, size);
                if (matched > most) {
                    most = matched;
                    best = node;
                }
            }
            return (double) most * SEGMENT / prompt.length > config.matchRate() ? best : first(sizes);
        }

        /** Returns how many whole segments two prompts share from the beginning. */
        private static int common(int[] a, int[] b) {
            int mismatch = Arrays.mismatch(a, b);
            return (mismatch < 0 ? a.length : mismatch) / SEGMENT;
        }

        /** Returns the first node with the least number. */
        private static int first(Map<Integer, Integer> numbers) {
            int first = 0;
            for (Map.Entry<Integer, Integer> entry : numbers.entrySet()) {
                if (first == 0 || entry.getValue() < numbers.get(first)) {
                    first = entry.getKey();
                }
            }
            return first;
        }
    }

    @RandomizedTest(50)
    void choosesAsThePlainRuleDoes(SplittableRandom random) {
        CacheAwareConfig config = new CacheAwareConfig(0.3, random.nextInt(1, 12), 1.5, 1 << 20);
        CacheAware policy = new CacheAware(SEGMENT, config);
        Plain plain = new Plain(config);
        List<NodeStatus> nodes = new ArrayList<>();
        for (int node = 1; node <= 4; node++) {
            plain.queues.put(node, random.nextInt(6));
            nodes.add(node(node, plain.queues.get(node)));
        }
        for (int i = 0; i < 150; i++) {
            // Twelve documents, the first ones more often, cut anywhere, with tails of their own.
            int document = (int) (12 * random.nextDouble() * random.nextDouble());
            int[] prompt = prompt(1_000 * document, random.nextInt(1, 200)).tokens();
            if (random.nextBoolean()) {
                int from = random.nextInt(prompt.length);
                for (int t = from; t < prompt.length; t++) {
                    prompt[t] = random.nextInt(1_000_000);
                }
            }
            assertThat(policy.choose(new RouteRequest(ROOT, prompt), nodes)).hasValue(plain.choose(prompt));
            if (random.nextInt(10) == 0) { // a node says how long its queue is
                int node = random.nextInt(1, 5);
                int queue = Math.max(0, plain.queues.get(node) - random.nextInt(1, 4));
                plain.queues.put(node, queue);
                nodes.set(node - 1, new NodeStatus(node, 100, 50, queue, 0, i, true, false));
            }
        }
    }

    @Test
    void aKnownPrefixGoesBackUnlessQueuesDifferByBothLimits() {
        CacheAware policy = new CacheAware(SEGMENT, CacheAwareConfig.DEFAULT);
        assertThat(policy.choose(prompt(0, 100), List.of(node(1, 0), node(2, 0))))
                .hasValue(1);
        assertThat(policy.choose(prompt(0, 100), List.of(node(1, 64), node(2, 0))))
                .hasValue(1);
        assertThat(policy.choose(prompt(0, 100), List.of(node(1, 200), node(2, 134))))
                .hasValue(1);
        assertThat(policy.choose(prompt(0, 100), List.of(node(1, 204), node(2, 134))))
                .hasValue(2);
    }

    @Test
    void differentRootsShareNothing() {
        CacheAware policy = new CacheAware(SEGMENT, CacheAwareConfig.DEFAULT);
        List<NodeStatus> nodes = List.of(node(1, 0), node(2, 0));
        assertThat(policy.choose(prompt(0, 100), nodes)).hasValue(1);
        RouteRequest other =
                new RouteRequest(new SegmentId(9, 9, 9, 9), prompt(0, 100).tokens());
        assertThat(policy.choose(other, nodes)).hasValue(2);
    }

    @Test
    void whatANodeHadIsForgottenWithIt() {
        CacheAware policy = new CacheAware(SEGMENT, CacheAwareConfig.DEFAULT);
        assertThat(policy.choose(prompt(0, 100), List.of(node(1, 0)))).hasValue(1);
        assertThat(policy.choose(prompt(5_000, 300), List.of(node(1, 0), node(2, 0))))
                .hasValue(2);
        assertThat(policy.choose(prompt(0, 100), List.of(node(2, 0), node(3, 0))))
                .hasValue(3);
    }

    @RandomizedTest
    void memoryIsBoundedAndNoSegmentOutlivesItsParent(SplittableRandom random) {
        RecentPrefixes recent = new RecentPrefixes(50);
        List<List<SegmentId>> paths = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            List<SegmentId> path = new ArrayList<>();
            long chain = random.nextInt(4);
            for (int depth = 0; depth < random.nextInt(1, 20); depth++) {
                chain = chain * 3 + random.nextInt(2);
                path.add(new SegmentId(chain, depth, 0, 0));
            }
            paths.add(path);
            recent.add(path);
            assertThat(recent.matched(path)).isEqualTo(path.size());
            assertThat(recent.size()).isLessThanOrEqualTo(50);
        }
        // If a child were left without its parent, some of what is counted couldn't be matched.
        long reachable = paths.stream()
                .flatMap(path -> path.subList(0, recent.matched(path)).stream())
                .distinct()
                .count();
        assertThat(reachable).isEqualTo(recent.size());
    }
}
