package dev.kvasir.scheduler.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.synthetic.SyntheticModel;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.cluster.ClusterEngine.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A prompt that several nodes compute together gives what it gives on one node. */
class GroupPrefillTest {
    private static final double TOLERANCE = 1e-4;
    private static final int SLOTS = 128;
    private static final int TOKENS = 8;

    @TempDir
    static Path model;

    @BeforeAll
    static void writeModel() throws IOException {
        SyntheticModel.tiny(Family.QWEN2).seed(5).write(model);
    }

    @ParameterizedTest
    @CsvSource({"2, 2048", "3, 2048", "2, 48", "3, 16", "5, 32"})
    void whatNodesComputeTogetherIsWhatOneComputes(int nodes, int shareTokens) {
        int[] prompt = new SplittableRandom(3).ints(400, 0, 100).toArray();
        Answer alone;
        try (EngineCluster one = new EngineCluster(model, 1, SLOTS)) {
            alone = one.ask(0, prompt, TOKENS);
        }
        try (EngineCluster cluster = new EngineCluster(model, nodes, SLOTS, 20_000_000_000L, shareTokens)) {
            cluster.togetherFrom = 100;
            Answer together = cluster.ask(nodes - 1, prompt, TOKENS);
            assertThat(together.reason).isEqualTo(FinishReason.LENGTH);
            assertThat(together.distance(alone)).isLessThan(TOLERANCE);
            ClusterEngine leader = cluster.node(nodes - 1);
            assertThat(leader.groups.stats().computed()).isEqualTo(1);
            for (ClusterEngine node : cluster.nodes) {
                assertThat(node.groups.stats().sharedTokens()).isPositive();
                node.checkNothingIsHeld();
            }
        }
    }

    @Test
    void whatIsCachedAnywhereIsNotComputedAgain() {
        int[] prompt = new SplittableRandom(3).ints(400, 0, 100).toArray();
        int[] beginning = java.util.Arrays.copyOf(prompt, 100);
        Answer alone;
        try (EngineCluster one = new EngineCluster(model, 1, SLOTS)) {
            alone = one.ask(0, prompt, TOKENS);
        }
        try (EngineCluster cluster = new EngineCluster(model, 3, SLOTS)) {
            cluster.ask(1, beginning, 1);
            cluster.togetherFrom = 100;
            Answer together = cluster.ask(0, prompt, TOKENS);
            assertThat(together.distance(alone)).isLessThan(TOLERANCE);
            long shared = cluster.nodes.stream()
                    .mapToLong(node -> node.groups.stats().sharedTokens())
                    .sum();
            assertThat(shared).isBetween(250L, 304L);
            cluster.nodes.forEach(ClusterEngine::checkNothingIsHeld);
        }
    }
}
