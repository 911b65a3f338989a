package dev.kvasir.scheduler.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.ReadPlan.Way;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.synthetic.SyntheticModel;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.cluster.ClusterEngine.Answer;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A prompt that several nodes compute together gives what it gives on one node. */
class GroupPrefillTest {
    private static final double TOLERANCE = 1e-4;
    private static final int SLOTS = 256;
    private static final int TOKENS = 8;
    private static final long PATIENCE = 20_000_000_000L;
    private static final int FROM = 100;
    private static final String STORIES = "stories260k";

    @TempDir
    static Path home;

    private static final int LONG = 1500;
    private static final int AS_LONG_AS_STORIES_CAN_BE = 480;

    private static final Map<String, Path> MODELS = new LinkedHashMap<>(); // by name

    private static Path tiny = Path.of("none");

    @BeforeAll
    static void findModels() throws IOException {
        tiny = Files.createDirectory(home.resolve("tiny"));
        SyntheticModel.tiny(Family.QWEN2).seed(5).context(2048).write(tiny);
        MODELS.put("tiny", tiny);
        MODELS.put("kvasir-mini", Path.of("..", "models", "kvasir-mini"));
        String models = System.getProperty("kvasir.test.models", System.getenv("KVASIR_TEST_MODELS"));
        Path stories = models == null ? home.resolve("none") : Path.of(models, STORIES);
        if (Files.isDirectory(stories)) {
            MODELS.put(STORIES, stories);
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 2048", "3, 2048", "2, 48", "3, 16", "5, 32"})
    void whatNodesComputeTogetherIsWhatOneComputes(int nodes, int shareTokens) {
        int[] prompt = prompt(400, 3);
        Answer alone = alone(tiny, prompt);
        try (EngineCluster cluster = new EngineCluster(tiny, nodes, SLOTS, PATIENCE, shareTokens)) {
            cluster.togetherFrom = FROM;
            Answer together = cluster.ask(nodes - 1, prompt, TOKENS);
            check(together, alone);
            assertThat(cluster.node(nodes - 1).groups.stats().computed()).isEqualTo(1);
            for (ClusterEngine node : cluster.nodes) {
                assertThat(node.groups.stats().sharedTokens()).isPositive();
            }
            cluster.checkNothingIsHeld();
        }
    }

    /** With threads, members are in the midst of a layer when others ask for it. */
    @Test
    void threeNodesAtOnceComputeAPromptOf1500Tokens() {
        MODELS.forEach((name, model) -> {
            int[] prompt = prompt(name.equals(STORIES) ? AS_LONG_AS_STORIES_CAN_BE : LONG, 7);
            Answer alone = alone(model, prompt);
            for (int leader = 0; leader < 3; leader++) {
                try (EngineCluster cluster = new EngineCluster(model, 3, SLOTS, PATIENCE, 256)) {
                    cluster.togetherFrom = FROM;
                    Answer together = cluster.node(leader).submit(prompt, TOKENS);
                    cluster.finishOnThreads();
                    double distance = check(together, alone);
                    assertThat(cluster.node(leader).groups.stats().computed())
                            .as(name)
                            .isEqualTo(1);
                    long postponed = cluster.nodes.stream()
                            .mapToLong(node -> node.server.postponed())
                            .sum();
                    System.out.printf(
                            "%s, asked at node %d: largest difference of a log-probability %.1e, %d queries postponed%n",
                            name, leader + 1, distance, postponed);
                    cluster.checkNothingIsHeld();
                }
            }
        });
    }

    /** All lead and all take part, in groups of the same nodes: whoever waits for others must never be waited for by them. */
    @RandomizedTest(3)
    void whenAllNodesLeadAtOnceNobodyWaitsForever(SplittableRandom random) {
        List<int[]> prompts = new ArrayList<>();
        List<Answer> alone = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            prompts.add(prompt(random.nextInt(FROM, 500), random.nextLong()));
            alone.add(alone(tiny, prompts.get(i)));
        }
        try (EngineCluster cluster = new EngineCluster(tiny, 3, SLOTS, PATIENCE, 64)) {
            cluster.togetherFrom = FROM;
            List<Answer> together = new ArrayList<>();
            for (int i = 0; i < prompts.size(); i++) {
                together.add(cluster.node(i % 3).submit(prompts.get(i), TOKENS));
            }
            cluster.finishOnThreads();
            for (int i = 0; i < prompts.size(); i++) {
                check(together.get(i), alone.get(i));
            }
            for (ClusterEngine node : cluster.nodes) {
                assertThat(node.queries.counts().failed()).isZero();
                assertThat(node.groups.stats().computed()).isPositive();
            }
            cluster.checkNothingIsHeld();
        }
    }

    @Test
    void whatIsCachedAnywhereIsNotComputedAgain() {
        int[] prompt = prompt(400, 3);
        Answer alone = alone(tiny, prompt);
        try (EngineCluster cluster = new EngineCluster(tiny, 3, SLOTS)) {
            cluster.ask(1, Arrays.copyOf(prompt, 100), 1);
            cluster.togetherFrom = FROM;
            check(cluster.ask(0, prompt, TOKENS), alone);
            assertThat(sharedTokens(cluster)).isEqualTo(288); // of 300, whole segments for each node
            cluster.checkNothingIsHeld();
        }
    }

    @Test
    void aPromptThatComesTwiceIsComputedOnce() {
        int[] prompt = prompt(400, 3);
        Answer alone = alone(tiny, prompt);
        try (EngineCluster cluster = new EngineCluster(tiny, 3, SLOTS)) {
            cluster.togetherFrom = FROM;
            Answer one = cluster.node(0).submit(prompt, TOKENS);
            Answer other = cluster.node(0).submit(prompt, TOKENS);
            cluster.finish();
            check(one, alone);
            check(other, alone);
            assertThat(sharedTokens(cluster)).isEqualTo(384);
        }
    }

    /** A request that reads for long what others have computed may want copies. */
    @Test
    void copiesAreFetchedWhereThatIsBetterThanQueries() {
        int[] prompt = prompt(400, 3);
        Answer alone = alone(tiny, prompt);
        for (Way way : Way.values()) {
            try (EngineCluster cluster = new EngineCluster(tiny, 3, SLOTS)) {
                cluster.forcedWay = way;
                cluster.togetherFrom = FROM;
                Answer together = cluster.ask(0, prompt, TOKENS);
                check(together, alone);
                assertThat(cluster.node(0).groups.stats().computed()).isEqualTo(1);
                assertThat(together.cached.remote()).isEqualTo(way == Way.FETCH ? 0 : 256);
                assertThat(together.cached.total()).isEqualTo(384);
                cluster.checkNothingIsHeld();
            }
        }
    }

    /** What becomes of a member in the middle. */
    private enum End {
        CRASH,
        CRASH_AND_NOTICE,
        SILENCE,
        CANCEL
    }

    @RandomizedTest(16)
    void whateverBecomesOfAMemberTheTokensAreTheSame(SplittableRandom random) {
        End end = End.values()[random.nextInt(End.values().length)];
        int when = random.nextInt(14); // steps of each node
        int victim = random.nextInt(3);
        int leader = random.nextInt(3);
        int[] prompt = prompt(400, 3);
        Answer alone = alone(tiny, prompt);
        try (EngineCluster cluster = new EngineCluster(tiny, 3, SLOTS, 300_000_000L, 32)) {
            cluster.togetherFrom = FROM;
            Answer together = cluster.node(leader).submit(prompt, TOKENS);
            for (int step = 0; step < when; step++) {
                for (ClusterEngine node : cluster.nodes) {
                    node.step();
                    cluster.awaitFrames();
                }
            }
            ClusterEngine node = cluster.node(victim);
            switch (end) {
                case SILENCE -> node.mute = true;
                case CANCEL -> cluster.node(leader).cancelLast();
                default -> {
                    node.crash();
                    if (end == End.CRASH) {
                        cluster.finish();
                    }
                    node.isFoundDead();
                }
            }
            cluster.finish();
            if (end == End.CANCEL) {
                assertThat(together.reason).isIn(FinishReason.CANCELLED, FinishReason.LENGTH);
            } else if (victim != leader || end == End.SILENCE) {
                check(together, alone);
            }
            for (int i = 0; i < 3; i++) {
                cluster.pass(ClusterEngine.LEASE);
                cluster.finish();
            }
            cluster.checkNothingIsHeld();
        }
    }

    private static Answer alone(Path model, int[] prompt) {
        try (EngineCluster one = new EngineCluster(model, 1, SLOTS)) {
            return one.ask(0, prompt, TOKENS);
        }
    }

    private static double check(Answer together, Answer alone) {
        assertThat(together.reason).isEqualTo(FinishReason.LENGTH);
        double distance = together.distance(alone);
        assertThat(distance).isLessThan(TOLERANCE);
        return distance;
    }

    private static long sharedTokens(EngineCluster cluster) {
        return cluster.nodes.stream()
                .mapToLong(node -> node.groups.stats().sharedTokens())
                .sum();
    }

    private static int[] prompt(int tokens, long seed) {
        return new SplittableRandom(seed).ints(tokens, 0, 100).toArray();
    }
}
