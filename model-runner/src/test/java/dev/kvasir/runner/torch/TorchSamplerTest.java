package dev.kvasir.runner.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.runner.GuideState;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.RowOutput;
import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import dev.kvasir.runner.RunnerOptions.Plan;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.StepInput;
import dev.kvasir.runner.StepRow;
import dev.kvasir.runner.reference.ReferenceModel;
import dev.kvasir.runner.sampling.Draws;
import dev.kvasir.runner.synthetic.SyntheticModel;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sampled tokens against the definitions, worked in float64 from the reference's logits. */
class TorchSamplerTest {
    /** A draw this close to the border between two tokens may fall to either side. */
    private static final double BORDER = 1e-4;

    private static final int VOCAB = 512;
    private static final int PROMPT = 20;

    @TempDir
    static Path home;

    private static TorchModelRunner runner;
    private static ReferenceModel reference;

    @BeforeAll
    static void load() throws IOException {
        SyntheticModel.tiny(Family.LLAMA).seed(8).write(home);
        runner = TestModels.torch(home, DTypeChoice.FLOAT32, Plan.FUSED, 16);
        reference = TestModels.reference(home);
        assertThat(runner.config().vocab()).isEqualTo(VOCAB);
    }

    @AfterAll
    static void close() {
        runner.close();
    }

    @RandomizedTest(60)
    void tokensAreThoseOfTheDefinition(SplittableRandom random) {
        List<StepRow> rows = new ArrayList<>();
        for (int r = 0; r < 6; r++) {
            int length = random.nextInt(PROMPT, 60);
            int[] tokens = random.ints(length, 0, 40).toArray();
            int[] slots = {4 * r, 4 * r + 1, 4 * r + 2, 4 * r + 3};
            rows.add(new StepRow(tokens, 0, length, slots, params(random), -1, PROMPT));
        }
        List<RowOutput> together = runner.run(new StepInput(rows)).rows();
        for (int r = 0; r < rows.size(); r++) {
            StepRow row = rows.get(r);
            RowOutput alone = runner.run(new StepInput(List.of(row))).rows().get(0);
            assertThat(together.get(r).token()).as("beside its neighbours").isEqualTo(alone.token());
            check(row, alone);
        }
    }

    /** What a guide doesn't allow is as good as banned, in a batch in which other rows have no guide. */
    @RandomizedTest(30)
    void guidedTokensAreThoseOfABan(SplittableRandom random) {
        List<StepRow> guided = new ArrayList<>();
        List<StepRow> banned = new ArrayList<>();
        for (int r = 0; r < 6; r++) {
            int length = random.nextInt(PROMPT, 60);
            int[] tokens = random.ints(length, 0, 40).toArray();
            int[] slots = {4 * r, 4 * r + 1, 4 * r + 2, 4 * r + 3};
            SamplingParams params = params(random).withBanned(new int[0]);
            BitSet allowed = new BitSet();
            random.ints(1 + random.nextInt(1 + random.nextInt(300)), 0, VOCAB).forEach(allowed::set);
            int[] others = IntStream.range(0, VOCAB)
                    .filter(token -> !allowed.get(token))
                    .toArray();
            boolean isGuided = random.nextInt(3) > 0;
            guided.add(new StepRow(
                    tokens, 0, length, slots, params, -1, PROMPT, isGuided ? new Fixed(allowed.toLongArray()) : null));
            banned.add(
                    new StepRow(tokens, 0, length, slots, isGuided ? params.withBanned(others) : params, -1, PROMPT));
        }
        List<RowOutput> byGuide = runner.run(new StepInput(guided)).rows();
        List<RowOutput> byBan = runner.run(new StepInput(banned)).rows();
        for (int r = 0; r < guided.size(); r++) {
            assertThat(byGuide.get(r).token()).isEqualTo(byBan.get(r).token());
        }
    }

    /** Allows the same tokens always. */
    private record Fixed(long[] allowed) implements GuideState {
        @Override
        public void accept(int token) {
            throw new IllegalStateException("the runner only asks");
        }

        @Override
        public boolean isComplete() {
            return false;
        }

        @Override
        public boolean isOver() {
            return false;
        }
    }

    /** Lists of changes grow while they are made; what is added then must not get lost. */
    @Test
    void manyBiasesAndBansCountAll(@TempDir Path own) throws IOException {
        SyntheticModel.tiny(Family.LLAMA).seed(8).write(own);
        try (TorchModelRunner fresh = TestModels.torch(own, DTypeChoice.FLOAT32, Plan.FUSED, 16)) {
            for (int only : new int[] {64, 65, 128, 300}) {
                int[] others =
                        IntStream.range(0, VOCAB).filter(token -> token != only).toArray();
                Map<Integer, Float> bias = new HashMap<>();
                Arrays.stream(others).forEach(token -> bias.put(token, -100f));
                SamplingParams biased = new SamplingParams(0, 0, 1, 0, 1, 0, 0, bias, 0, -1, new int[0]);
                SamplingParams banned = SamplingParams.GREEDY.withBanned(others);
                for (SamplingParams params : List.of(biased, banned)) {
                    StepRow row = new StepRow(new int[] {1, 2, 3}, 0, 3, new int[] {0}, params, -1, 3);
                    assertThat(fresh.run(new StepInput(List.of(row)))
                                    .rows()
                                    .get(0)
                                    .token())
                            .isEqualTo(only);
                }
            }
        }
    }

    private static SamplingParams params(SplittableRandom random) {
        Map<Integer, Float> bias = new HashMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            bias.put(random.nextInt(VOCAB), (float) random.nextDouble(-5, 5));
        }
        return new SamplingParams(
                random.nextInt(4) == 0 ? 0 : (float) random.nextDouble(0.2, 2),
                random.nextBoolean() ? 0 : random.nextInt(1, VOCAB + 20),
                random.nextBoolean() ? 1 : (float) random.nextDouble(0.05, 1),
                random.nextInt(3) > 0 ? 0 : (float) random.nextDouble(0, 0.5),
                random.nextBoolean() ? 1 : (float) random.nextDouble(0.7, 1.6),
                random.nextBoolean() ? 0 : (float) random.nextDouble(-2, 2),
                random.nextBoolean() ? 0 : (float) random.nextDouble(-1, 1),
                bias,
                random.nextLong(),
                -1,
                random.nextBoolean() ? new int[0] : random.ints(3, 0, VOCAB).toArray());
    }

    private static void check(StepRow row, RowOutput output) {
        SamplingParams params = row.sample();
        double[] scores = reference.lastLogits(Arrays.copyOf(row.tokens(), row.to()));
        params.logitBias().forEach((token, value) -> scores[token] += value);
        IntStream.range(0, row.to())
                .map(i -> row.tokens()[i])
                .distinct()
                .forEach(token -> scores[token] = scores[token] > 0
                        ? scores[token] / params.repetitionPenalty()
                        : scores[token] * params.repetitionPenalty());
        for (int i = row.promptTokens(); i < row.to(); i++) {
            scores[row.tokens()[i]] -= params.frequencyPenalty();
        }
        IntStream.range(row.promptTokens(), row.to())
                .map(i -> row.tokens()[i])
                .distinct()
                .forEach(token -> scores[token] -= params.presencePenalty());
        for (int token : params.banned()) {
            scores[token] = Double.NEGATIVE_INFINITY;
        }
        List<Integer> byScore = IntStream.range(0, VOCAB)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -scores[i]))
                .toList();
        if (params.isGreedy()) {
            assertThat(scores[output.token()]).isGreaterThan(scores[byScore.get(0)] - BORDER);
            return;
        }
        double[] weights = new double[VOCAB];
        double sum = 0;
        for (int i = 0; i < VOCAB; i++) {
            weights[i] = Math.exp((scores[i] - scores[byScore.get(0)]) / params.temperature());
            sum += weights[i];
        }
        boolean truncated = params.topK() > 0 || params.topP() < 1 || params.minP() > 0;
        List<Integer> order =
                truncated ? byScore : IntStream.range(0, VOCAB).boxed().toList();
        assertPlausible(row, params, output.token(), order, weights, sum);
    }

    private static void assertPlausible(
            StepRow row, SamplingParams params, int token, List<Integer> order, double[] weights, double sum) {
        // Whether the token is the draw's for the nucleus as computed here, or for one that ends a hair earlier or
        // later.
        List<Integer> plausible = new ArrayList<>();
        for (double slack : new double[] {0, -BORDER, BORDER}) {
            List<Integer> kept = order;
            if (params.topK() > 0) {
                kept = kept.subList(0, Math.min(params.topK(), VOCAB));
            }
            double total = params.topK() > 0 ? mass(kept, weights) : sum;
            if (params.topP() < 1) {
                int count = 0;
                double before = 0;
                while (count < kept.size() && (count == 0 || before < (params.topP() + slack) * total)) {
                    before += weights[kept.get(count++)];
                }
                kept = kept.subList(0, count);
            }
            double best = weights[kept.get(0)];
            kept = kept.stream()
                    .filter(i -> params.minP() == 0 || weights[i] >= (params.minP() + slack) * best)
                    .toList();
            for (double shift : new double[] {0, -BORDER, BORDER}) {
                plausible.add(invert(kept, weights, Draws.uniform(params.seed(), row.to()) + shift));
            }
        }
        assertThat(token).as("%s", params).isIn(plausible);
    }

    private static double mass(List<Integer> kept, double[] weights) {
        return kept.stream().mapToDouble(i -> weights[i]).sum();
    }

    private static int invert(List<Integer> kept, double[] weights, double uniform) {
        double target = uniform * mass(kept, weights);
        double reached = 0;
        for (int i : kept) {
            reached += weights[i];
            if (target < reached) {
                return i;
            }
        }
        return kept.get(kept.size() - 1);
    }
}
