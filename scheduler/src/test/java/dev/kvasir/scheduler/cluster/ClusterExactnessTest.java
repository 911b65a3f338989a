package dev.kvasir.scheduler.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.ReadPlan.Way;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.synthetic.SyntheticModel;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.cluster.ClusterEngine.Answer;
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
import org.junit.jupiter.params.provider.ValueSource;

/** What a request gets is the same wherever the segments of its prompt lie. */
class ClusterExactnessTest {
    private static final double TOLERANCE = 1e-4;
    private static final int SLOTS = 64;

    @TempDir
    static Path home;

    private static final Map<String, Path> MODELS = new LinkedHashMap<>();

    @BeforeAll
    static void findModels() throws IOException {
        Path tiny = Files.createDirectory(home.resolve("tiny"));
        SyntheticModel.tiny(Family.QWEN2).seed(5).write(tiny);
        MODELS.put("tiny", tiny);
        String models = System.getProperty("kvasir.test.models", System.getenv("KVASIR_TEST_MODELS"));
        Path stories = models == null ? home.resolve("none") : Path.of(models, "stories260k");
        if (Files.isDirectory(stories)) {
            MODELS.put("stories260k", stories);
        } else {
            System.out.println("ClusterExactnessTest: no stories260k under kvasir.test.models, random weights alone");
        }
    }

    /** Each turn of a conversation is asked on the next node, so its past is spread over all of them. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5})
    void aConversationOverNodesIsThatOfOneNode(int nodes) {
        MODELS.forEach((name, model) -> {
            List<Answer> alone = conversation(model, 1);
            List<Answer> spread = conversation(model, nodes);
            for (int turn = 0; turn < alone.size(); turn++) {
                assertThat(spread.get(turn).distance(alone.get(turn)))
                        .as("%s, %d nodes, turn %d", name, nodes, turn)
                        .isLessThan(TOLERANCE);
                assertThat(spread.get(turn).cached.total())
                        .as("%s, %d nodes, tokens found in turn %d", name, nodes, turn)
                        .isEqualTo(alone.get(turn).cached.total());
            }
            if (nodes > 1) {
                assertThat(spread.get(spread.size() - 1).cached.remote()).isPositive();
            }
        });
    }

    @Test
    void fetchedCopiesGiveTheSameAsQueriesAndAreGoneAfterwards() {
        MODELS.forEach((name, model) -> {
            List<Answer> alone = conversation(model, 1);
            List<Answer> fetched = conversation(model, 3, Way.FETCH);
            for (int turn = 0; turn < alone.size(); turn++) {
                assertThat(fetched.get(turn).distance(alone.get(turn))).isLessThan(TOLERANCE);
                assertThat(fetched.get(turn).cached.total())
                        .as("%s, tokens found in turn %d", name, turn)
                        .isEqualTo(alone.get(turn).cached.total());
                assertThat(fetched.get(turn).cached.remote()).isZero();
            }
        });
    }

    private static List<Answer> conversation(Path model, int nodes) {
        return conversation(model, nodes, Way.QUERY);
    }

    private static List<Answer> conversation(Path model, int nodes, Way way) {
        List<Answer> answers = new ArrayList<>();
        try (EngineCluster cluster = new EngineCluster(model, nodes, SLOTS)) {
            cluster.forcedWay = way;
            SplittableRandom random = new SplittableRandom(11);
            int vocab = cluster.node(0).runner.config().vocab();
            int[] text = random.ints(50, 0, vocab).toArray();
            for (int turn = 0; turn < 6; turn++) {
                Answer answer = cluster.ask(turn % nodes, text, 12);
                assertThat(answer.reason).isEqualTo(FinishReason.LENGTH);
                answers.add(answer);
                int[] more = random.ints(20, 0, vocab).toArray();
                int[] next = Arrays.copyOf(text, text.length + 12 + more.length);
                for (int i = 0; i < 12; i++) {
                    next[text.length + i] = answer.tokens.get(i);
                }
                System.arraycopy(more, 0, next, text.length + 12, more.length);
                text = next;
            }
            cluster.checkNothingIsHeld();
            int copies = cluster.nodes.stream().mapToInt(ClusterEngine::sealed).sum();
            // All but the last token has keys and values; each whole segment lies on one node alone.
            assertThat(copies).isEqualTo((text.length - 20 - 1) / EngineCluster.SEGMENT);
        }
        return answers;
    }

    @Test
    void twoNodesThatHaveComputedTheSameKeepOneCopy() {
        Path model = MODELS.values().iterator().next();
        try (EngineCluster cluster = new EngineCluster(model, 2, SLOTS)) {
            int[] prompt = new SplittableRandom(3).ints(70, 0, 100).toArray();
            Answer one = cluster.node(0).submit(prompt, 5);
            Answer other = cluster.node(1).submit(prompt, 5);
            cluster.finish();
            assertThat(one.distance(other)).isLessThan(TOLERANCE);
            for (int epoch = 0; epoch < 4; epoch++) {
                cluster.pass(1_000_000_000);
                cluster.finish();
            }
            assertThat(cluster.node(0).sealed()).isEqualTo(4);
            assertThat(cluster.node(1).sealed()).isZero();
        }
    }
}
