package dev.kvasir.scheduler.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.synthetic.SyntheticModel;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.cluster.ClusterEngine.Answer;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that holds what others read crashes, or falls silent. Every request ends with the tokens that it had got from one node alone, and nothing stays held. */
class ClusterFailureTest {
    private static final int SLOTS = 64;
    private static final int HOLDER = 0;
    private static final int READER = 1;
    private static final int TOKENS = 12;
    /** Of real time. An answer that is late for another reason is given up, too, which changes no token. */
    private static final long SHORT_PATIENCE = TimeUnit.MILLISECONDS.toNanos(300);

    @TempDir
    static Path model;

    @BeforeAll
    static void writeModel() throws IOException {
        SyntheticModel.tiny(Family.QWEN2).seed(5).write(model);
    }

    /** What becomes of the holder. */
    private enum End {
        CRASH,
        CRASH_AND_NOTICE,
        SILENCE
    }

    @RandomizedTest(12)
    void wheneverTheHolderGoesTheTokensAreTheSame(SplittableRandom random) {
        End end = End.values()[random.nextInt(End.values().length)];
        int when = random.nextInt(16); // steps: of these the last two thirds are decodes
        List<int[]> prompts = prompts(random.nextInt(1, 4));
        List<Answer> alone;
        try (EngineCluster one = new EngineCluster(model, 1, SLOTS)) {
            alone = submit(one.node(0), prompts);
            one.finish();
        }
        try (EngineCluster cluster = new EngineCluster(model, 3, SLOTS, SHORT_PATIENCE)) {
            cluster.ask(HOLDER, shared(), 1);
            ClusterEngine reader = cluster.node(READER);
            List<Answer> answers = submit(reader, prompts);
            for (int step = 0; step < when; step++) {
                step(cluster);
            }
            end(cluster, end);
            cluster.finish();
            check(answers, alone);
            cluster.pass(ClusterEngine.LEASE);
            cluster.finish();
            cluster.checkNothingIsHeld();
            assertThat(reader.pool.clusterStats().borrowed())
                    .as("segments that were borrowed by step %d, %s", when, end)
                    .isGreaterThanOrEqualTo(when > 6 ? 1 : 0);
        }
    }

    /** It is asked once, waited for once, and then left alone for a lease. */
    @Test
    void aHolderThatLendsAndNeverAnswersHoldsARequestUpOnce() {
        List<int[]> prompts = prompts(2);
        List<Answer> alone;
        try (EngineCluster one = new EngineCluster(model, 1, SLOTS)) {
            alone = submit(one.node(0), prompts);
            one.finish();
        }
        try (EngineCluster cluster = new EngineCluster(model, 2, SLOTS, SHORT_PATIENCE)) {
            cluster.ask(HOLDER, shared(), 1);
            cluster.node(HOLDER).mute = true;
            ClusterEngine reader = cluster.node(READER);
            List<Answer> answers = submit(reader, prompts);
            cluster.finish();
            check(answers, alone);
            assertThat(reader.pool.clusterStats().borrowed()).isPositive();
            assertThat(reader.queries.counts().failed()).isEqualTo(1);
            cluster.checkNothingIsHeld();
        }
    }

    private static void check(List<Answer> answers, List<Answer> alone) {
        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).reason).isEqualTo(FinishReason.LENGTH);
            assertThat(answers.get(i).tokens).as("request %d", i).isEqualTo(alone.get(i).tokens);
        }
    }

    private static void step(EngineCluster cluster) {
        for (ClusterEngine node : cluster.nodes) {
            node.step();
            cluster.awaitFrames();
        }
    }

    private static void end(EngineCluster cluster, End end) {
        ClusterEngine holder = cluster.node(HOLDER);
        holder.crash();
        if (end == End.CRASH_AND_NOTICE) {
            holder.isFoundDead();
        } else if (end == End.CRASH) {
            cluster.finish();
            holder.isFoundDead();
        }
    }

    private static int[] shared() {
        return new SplittableRandom(3).ints(70, 0, 100).toArray();
    }

    /** Of several prompts the second one has nothing to do with what another node holds. */
    private static List<int[]> prompts(int count) {
        List<int[]> prompts = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(9);
        for (int i = 0; i < count; i++) {
            int[] prompt = i == 1 ? random.ints(70, 0, 100).toArray() : shared();
            int[] longer = Arrays.copyOf(prompt, prompt.length + 5 + i);
            for (int t = prompt.length; t < longer.length; t++) {
                longer[t] = random.nextInt(100);
            }
            prompts.add(longer);
        }
        return prompts;
    }

    /** Submits them, the last one with seeded sampling. */
    private static List<Answer> submit(ClusterEngine node, List<int[]> prompts) {
        List<Answer> answers = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            boolean last = i == prompts.size() - 1;
            SamplingParams sampling = last ? SamplingParams.GREEDY.withTemperature(1, 77) : SamplingParams.GREEDY;
            answers.add(node.submit(prompts.get(i), sampling, TOKENS));
        }
        return answers;
    }
}
