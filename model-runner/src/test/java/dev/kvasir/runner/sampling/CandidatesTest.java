package dev.kvasir.runner.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.runner.SamplingParams;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CandidatesTest {
    private static SamplingParams params(int topK, float topP, float minP) {
        return new SamplingParams(1, topK, topP, minP, 1, 0, 0, Map.of(), 0, -1, new int[0]);
    }

    private static Candidates of(float... probabilities) {
        return new Candidates(IntStream.range(0, probabilities.length).toArray(), probabilities, true);
    }

    @Test
    void topPKeepsTheTokenThatReachesTheMass() {
        Candidates candidates = of(0.5f, 0.25f, 0.125f, 0.125f);

        assertThat(candidates.choose(params(0, 0.6f, 0), 0.999f)).isEqualTo(1);
        assertThat(candidates.choose(params(0, 0.5f, 0), 0.999f)).isZero();
    }

    @Test
    void topPAfterTopKIsRelativeToWhatTopKLeft() {
        // Of the first two, the first weighs two thirds.
        assertThat(of(0.5f, 0.25f, 0.25f).choose(params(2, 0.66f, 0), 0.999f)).isZero();
        assertThat(of(0.5f, 0.25f, 0.25f).choose(params(2, 0.67f, 0), 0.999f)).isEqualTo(1);
    }

    @Test
    void minPKeepsTokensNearTheBestOne() {
        assertThat(of(0.5f, 0.3f, 0.2f).choose(params(0, 1, 0.5f), 0.999f)).isEqualTo(1);
        assertThat(of(0.5f, 0.3f, 0.2f).choose(params(0, 1, 1f), 0.999f)).isZero();
    }

    @Test
    void equalProbabilitiesStandInTheOrderOfTheirIds() {
        Candidates candidates = new Candidates(new int[] {9, 4, 7}, new float[] {0.4f, 0.3f, 0.3f}, true);

        assertThat(candidates.choose(params(0, 1, 0), 0.5f)).isEqualTo(4);
        assertThat(candidates.choose(params(0, 1, 0), 0.9f)).isEqualTo(7);
    }

    @RandomizedTest(200)
    void fewCandidatesChooseAsTheWholeVocabularyDoesWhereTheyCover(SplittableRandom random) {
        int vocab = random.nextInt(2, 60);
        float[] all = distribution(random, vocab);
        int k = random.nextInt(1, vocab + 1);
        SamplingParams params = params(
                random.nextBoolean() ? 0 : random.nextInt(1, vocab + 5),
                random.nextBoolean() ? 1 : (float) random.nextDouble(0.05, 1),
                random.nextBoolean() ? 0 : (float) random.nextDouble(0, 0.9));
        Candidates few = top(all, k);
        if (!few.cover(params)) {
            return;
        }
        for (int draw = 0; draw < 50; draw++) {
            float u = Draws.uniform(random.nextLong(), draw);
            assertThat(few.choose(params, u)).isEqualTo(naive(all, params, u));
        }
    }

    @Test
    void theWholeVocabularyCoversEverything() {
        assertThat(of(0.5f, 0.5f).cover(params(0, 1, 0))).isTrue();
        Candidates few = new Candidates(new int[] {0, 1}, new float[] {0.2f, 0.1f}, false);
        assertThat(few.cover(params(0, 1, 0))).isFalse();
        assertThat(few.cover(params(0, 0.9f, 0))).isFalse();
        assertThat(few.cover(params(0, 0.25f, 0))).isTrue();
        assertThat(few.cover(params(2, 0.9f, 0))).isTrue();
        assertThat(few.cover(params(3, 0.9f, 0))).isFalse();
        assertThat(few.cover(params(0, 1, 0.6f))).isTrue();
    }

    @Test
    void drawsAreUniformAndDependOnSeedAndPositionAlone() {
        int[] buckets = new int[10];
        for (int position = 0; position < 20_000; position++) {
            float u = Draws.uniform(42, position);
            assertThat(u).isBetween(0f, 0.99999995f).isEqualTo(Draws.uniform(42, position));
            buckets[(int) (u * 10)]++;
        }
        // 2,000 expected in each; five standard deviations are 212.
        assertThat(IntStream.of(buckets)).allSatisfy(count -> assertThat(count).isBetween(1_788, 2_212));
        assertThat(Draws.uniform(42, 1)).isNotEqualTo(Draws.uniform(43, 1));
        assertThat(Draws.uniform(42, 1)).isNotEqualTo(Draws.uniform(41, 2));
    }

    private static float[] distribution(SplittableRandom random, int vocab) {
        double[] weights = new double[vocab];
        double sum = 0;
        for (int i = 0; i < vocab; i++) {
            // Powers of two, so that ties are frequent.
            weights[i] = Math.pow(2, random.nextInt(6));
            sum += weights[i];
        }
        float[] probabilities = new float[vocab];
        for (int i = 0; i < vocab; i++) {
            probabilities[i] = (float) (weights[i] / sum);
        }
        return probabilities;
    }

    private static Candidates top(float[] all, int k) {
        List<Integer> order = order(all).subList(0, k);
        float[] probabilities = new float[k];
        for (int i = 0; i < k; i++) {
            probabilities[i] = all[order.get(i)];
        }
        return new Candidates(order.stream().mapToInt(Integer::intValue).toArray(), probabilities, k == all.length);
    }

    private static List<Integer> order(float[] all) {
        List<Integer> order =
                new ArrayList<>(IntStream.range(0, all.length).boxed().toList());
        order.sort(Comparator.<Integer>comparingDouble(i -> -all[i]).thenComparingInt(i -> i));
        return order;
    }

    // By the definitions: filter, renormalise, invert the cumulative distribution.
    private static int naive(float[] all, SamplingParams params, float u) {
        List<Integer> kept = order(all);
        if (params.topK() > 0) {
            kept = kept.subList(0, Math.min(params.topK(), kept.size()));
        }
        double total =
                params.topK() > 0 ? kept.stream().mapToDouble(i -> all[i]).sum() : 1;
        List<Integer> nucleus = new ArrayList<>();
        double before = 0;
        for (int i : kept) {
            if (nucleus.isEmpty() || params.topP() == 1 || before < params.topP() * total) {
                nucleus.add(i);
            }
            before += all[i];
        }
        float best = all[nucleus.get(0)];
        List<Integer> left = nucleus.stream()
                .filter(i -> all[i] == best || all[i] >= params.minP() * best)
                .toList();
        double target = u * left.stream().mapToDouble(i -> all[i]).sum();
        double reached = 0;
        for (int i : left) {
            reached += all[i];
            if (target < reached) {
                return i;
            }
        }
        return left.get(left.size() - 1);
    }
}
