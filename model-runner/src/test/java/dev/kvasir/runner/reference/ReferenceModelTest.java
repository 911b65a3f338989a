package dev.kvasir.runner.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.RopeConfig;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ReferenceModelTest {
    private static final String LAYER = "model.layers.0.";

    @TempDir
    Path directory;

    private int written;

    private static ModelConfig byHand(Family family, int heads, boolean outputBias) {
        return new ModelConfig(
                family,
                2,
                1,
                1,
                heads,
                1,
                2,
                2,
                16,
                0,
                RopeConfig.plain(10_000),
                family == Family.QWEN2 || outputBias,
                outputBias,
                false,
                family == Family.QWEN3,
                true,
                null,
                List.of(),
                DType.FLOAT32);
    }

    // Embeddings (1, 1) and (1, -1), whose root mean squares are 1; an MLP that adds silu(x0) * x1 to the second
    // element.
    private static Map<String, float[]> weightsByHand() {
        Map<String, float[]> weights = new HashMap<>();
        weights.put("model.embed_tokens.weight", new float[] {1, 1, 1, -1});
        weights.put(LAYER + "input_layernorm.weight", new float[] {1, 1});
        weights.put(LAYER + "self_attn.q_proj.weight", new float[] {1, 0, 0, 1});
        weights.put(LAYER + "self_attn.k_proj.weight", new float[] {1, 0, 0, 1});
        weights.put(LAYER + "self_attn.v_proj.weight", new float[] {1, 0, 0, 2});
        weights.put(LAYER + "self_attn.o_proj.weight", new float[] {0, 1, 0, 0});
        weights.put(LAYER + "post_attention_layernorm.weight", new float[] {1, 1});
        weights.put(LAYER + "mlp.gate_proj.weight", new float[] {1, 0});
        weights.put(LAYER + "mlp.up_proj.weight", new float[] {0, 1});
        weights.put(LAYER + "mlp.down_proj.weight", new float[] {0, 1});
        weights.put("model.norm.weight", new float[] {2, 1});
        return weights;
    }

    // MLP, final norm and tied head of the model above, on the residual (a, b) after attention.
    private static double[] restByHand(double a, double b) {
        double rms = Math.sqrt((a * a + b * b) / 2);
        double gate = a / rms;
        double c = b + gate / (1 + Math.exp(-gate)) * (b / rms);
        double finalRms = Math.sqrt((a * a + c * c) / 2);
        double first = 2 * a / finalRms;
        double second = c / finalRms;
        return new double[] {first + second, first - second};
    }

    private static void assertClose(double[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-12));
        }
    }

    @Test
    void oneLayerOfLlamaAsWorkedByHand() {
        ReferenceModel model = new ReferenceModel(byHand(Family.LLAMA, 1, false), Weights.of(weightsByHand()));
        double[][] logits = model.logits(new int[] {0, 1});

        // Token 0 sees itself alone: its value is (1, 2), of which the projection adds the 2 to the first element.
        assertClose(logits[0], restByHand(3, 1));
        // Token 1 is turned by one radian: q1.k0 = 2 sin 1, q1.k1 = 2. The values are (1, 2) and (1, -2).
        double scale = 1 / Math.sqrt(2);
        double own = 1 / (1 + Math.exp(scale * (2 * Math.sin(1) - 2)));
        assertClose(logits[1], restByHand(1 + (1 - own) * 2 - own * 2, -1));
    }

    @Test
    void biasesOfQwen2AsWorkedByHand() {
        Map<String, float[]> weights = weightsByHand();
        weights.put(LAYER + "self_attn.q_proj.bias", new float[] {3, 0});
        weights.put(LAYER + "self_attn.k_proj.bias", new float[] {0, 4});
        weights.put(LAYER + "self_attn.v_proj.bias", new float[] {0, 10});
        double[][] logits =
                new ReferenceModel(byHand(Family.QWEN2, 1, false), Weights.of(weights)).logits(new int[] {0, 1});

        // Values (1, 12) and (1, 8).
        assertClose(logits[0], restByHand(1 + 12, 1));
        // q1 = (4, -1) and k1 = (1, 3), both turned, so their product is 1; k0 = (1, 5), not turned.
        double cos = Math.cos(1);
        double sin = Math.sin(1);
        double past = (4 * cos + sin) * 1 + (-cos + 4 * sin) * 5;
        double own = 1 / (1 + Math.exp((past - 1) / Math.sqrt(2)));
        assertClose(logits[1], restByHand(1 + (1 - own) * 12 + own * 8, -1));
    }

    @Test
    void headNormsOfQwen3AsWorkedByHand() {
        // Two query heads over one KV head; the second head's query is (y, x).
        Map<String, float[]> weights = weightsByHand();
        weights.put(LAYER + "self_attn.q_proj.weight", new float[] {6, 0, 0, 6, 0, 6, 6, 0});
        weights.put(LAYER + "self_attn.o_proj.weight", new float[] {0, 1, 0, 0, 0, 0, 0, 1});
        weights.put(LAYER + "self_attn.q_norm.weight", new float[] {2, 1});
        weights.put(LAYER + "self_attn.k_norm.weight", new float[] {1, 3});
        double[][] logits =
                new ReferenceModel(byHand(Family.QWEN3, 2, false), Weights.of(weights)).logits(new int[] {0, 1});

        assertClose(logits[0], restByHand(1 + 2, 1 + 2));
        // Norms first, so the 6 vanishes: q1 = (2, -1) and (-2, 1), k0 = (1, 3), k1 = (1, -3); then the turn of token
        // 1.
        double cos = Math.cos(1);
        double sin = Math.sin(1);
        double past = (2 * cos + sin) * 1 + (-cos + 2 * sin) * 3;
        double present = 2 * 1 + 1 * 3;
        double own = 1 / (1 + Math.exp((past - present) / Math.sqrt(2)));
        double ownOfSecond = 1 / (1 + Math.exp((present - past) / Math.sqrt(2)));
        assertClose(logits[1], restByHand(1 + (1 - own) * 2 - own * 2, -1 + (1 - ownOfSecond) * 2 - ownOfSecond * 2));
    }

    @Test
    void outputBiasOfLlamaAsWorkedByHand() {
        Map<String, float[]> weights = weightsByHand();
        for (String name : List.of("q", "k", "v")) {
            weights.put(LAYER + "self_attn." + name + "_proj.bias", new float[2]);
        }
        weights.put(LAYER + "self_attn.o_proj.bias", new float[] {0.5f, -4});
        double[][] logits =
                new ReferenceModel(byHand(Family.LLAMA, 1, true), Weights.of(weights)).logits(new int[] {0});
        assertClose(logits[0], restByHand(3.5, -3));
    }

    // The published code repeats each KV head for the query heads of its group, next to each other.
    @Test
    void groupedHeadsShareKeysAndValuesWithTheirNeighbours() throws IOException {
        SyntheticModel grouped = SyntheticModel.tiny(Family.QWEN2).heads(6, 2, 10);
        Weights weights = TestCheckpoint.read(grouped.write(nextDirectory()));
        int[] tokens = {1, 500, 33, 33, 9};
        double[] expected = new ReferenceModel(grouped.config(), weights).lastLogits(tokens);
        Weights repeated = (name, shape) -> {
            if (!name.contains("k_proj") && !name.contains("v_proj")) {
                return weights.get(name, shape);
            }
            long[] fewer = shape.clone();
            fewer[0] /= 3;
            double[] heads = weights.get(name, fewer);
            int head = heads.length / 2;
            double[] all = new double[3 * heads.length];
            for (int i = 0; i < 6; i++) {
                System.arraycopy(heads, i / 3 * head, all, i * head, head);
            }
            return all;
        };
        assertClose(new ReferenceModel(grouped.heads(6, 6, 10).config(), repeated).lastLogits(tokens), expected);
    }

    @Test
    void mlpBiasesAreAdded() throws IOException {
        SyntheticModel synthetic = SyntheticModel.tiny(Family.LLAMA).mlpBias(true);
        Weights weights = TestCheckpoint.read(synthetic.write(nextDirectory()));
        int[] tokens = {5, 300, 17};
        double[] with = new ReferenceModel(synthetic.config(), weights).lastLogits(tokens);
        for (String name : List.of("gate_proj", "up_proj", "down_proj")) {
            String bias = LAYER + "mlp." + name + ".bias";
            Weights without =
                    (tensor, shape) -> tensor.equals(bias) ? new double[(int) shape[0]] : weights.get(tensor, shape);
            assertThat(distance(new ReferenceModel(synthetic.config(), without).lastLogits(tokens), with))
                    .as(name)
                    .isGreaterThan(1e-3);
        }
    }

    @Test
    void laterTokensDoNotChangeEarlierLogits() throws IOException {
        ReferenceModel model = load(SyntheticModel.tiny(Family.QWEN3));
        double[][] one = model.logits(new int[] {1, 2, 3, 4, 5});
        double[][] other = model.logits(new int[] {1, 2, 3, 500, 400});
        for (int t = 0; t < 3; t++) {
            assertThat(one[t]).containsExactly(other[t]);
        }
        assertThat(one[3]).isNotEqualTo(other[3]);
        assertThat(model.lastLogits(new int[] {1, 2, 3, 4, 5})).containsExactly(one[4]);
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void greedyTextOfATinyModelIsNoShortCycle(Family family) throws IOException {
        for (boolean tied : new boolean[] {false, true}) {
            for (int seed = 1; seed <= 3; seed++) {
                int[] tokens =
                        load(SyntheticModel.tiny(family).tied(tied).seed(seed)).greedy(new int[] {40, 41, 42}, 40);
                assertThat(Arrays.stream(tokens).distinct().count())
                        .as("tied %s seed %s: %s", tied, seed, Arrays.toString(tokens))
                        .isGreaterThan(12);
            }
        }
    }

    @Test
    void storedDtypesDifferByTheirRoundingAlone() throws IOException {
        int[] tokens = {9, 8, 7, 100, 200, 300};
        for (Family family : Family.values()) {
            double[] full =
                    load(SyntheticModel.tiny(family).dtype(DType.FLOAT32)).lastLogits(tokens);
            double[] half =
                    load(SyntheticModel.tiny(family).dtype(DType.FLOAT16)).lastLogits(tokens);
            double[] brain =
                    load(SyntheticModel.tiny(family).dtype(DType.BFLOAT16)).lastLogits(tokens);
            assertThat(distance(full, half)).isBetween(1e-6, 0.03);
            assertThat(distance(full, brain)).isBetween(1e-4, 0.25);
        }
    }

    @Test
    void shardsAndTyingMoveWeightsOnly() throws IOException {
        SyntheticModel model = SyntheticModel.tiny(Family.MISTRAL).tied(true);
        double[] single = load(model).lastLogits(new int[] {1, 2, 3});
        Weights shards = TestCheckpoint.read(model.shards(4).write(nextDirectory()));
        assertThat(new ReferenceModel(model.config(), shards).lastLogits(new int[] {1, 2, 3}))
                .containsExactly(single);

        Weights untied =
                (name, shape) -> shards.get(name.equals("lm_head.weight") ? "model.embed_tokens.weight" : name, shape);
        assertThat(new ReferenceModel(model.tied(false).config(), untied).lastLogits(new int[] {1, 2, 3}))
                .containsExactly(single);
    }

    @Test
    void logSoftmaxGivesProbabilitiesEvenOfHugeLogits() {
        double[] logProbabilities = ReferenceModel.logSoftmax(new double[] {5000, 5000 + Math.log(3), -5000});
        assertThat(logProbabilities[0]).isCloseTo(Math.log(0.25), within(1e-9));
        assertThat(logProbabilities[1]).isCloseTo(Math.log(0.75), within(1e-9));
        assertThat(ReferenceModel.topTwoMargin(new double[] {1, 7, 4.5, 3})).isEqualTo(2.5);
        assertThat(ReferenceModel.argmax(new double[] {1, 7, 7, 3})).isEqualTo(1);
    }

    @Test
    void refusesWeightsAndTokensThatDoNotFit() {
        Map<String, float[]> weights = weightsByHand();
        ReferenceModel model = new ReferenceModel(byHand(Family.LLAMA, 1, false), Weights.of(weights));
        assertThatThrownBy(() -> model.logits(new int[] {2})).hasMessage("token 2 of a vocabulary of 2");
        weights.put("model.norm.weight", new float[3]);
        assertThatThrownBy(() -> new ReferenceModel(byHand(Family.LLAMA, 1, false), Weights.of(weights)))
                .hasMessage("tensor model.norm.weight should be [2] but has 3 elements");
        weights.remove("model.norm.weight");
        assertThatThrownBy(() -> new ReferenceModel(byHand(Family.LLAMA, 1, false), Weights.of(weights)))
                .hasMessage("there is no tensor model.norm.weight");
    }

    @Test
    void readsACheckpointAsTheTestsOwnReaderDoes() throws IOException {
        SyntheticModel model =
                SyntheticModel.tiny(Family.QWEN2).dtype(DType.FLOAT16).shards(3);
        Path written = model.write(nextDirectory());
        Weights own = TestCheckpoint.read(written);
        Weights weights = Weights.of(ModelDirectory.open(written).checkpoint());
        String name = LAYER + "self_attn.k_proj.bias";
        assertThat(weights.get(name, 32)).isEqualTo(own.get(name, 32));
        assertThat(new ReferenceModel(model.config(), weights).lastLogits(new int[] {1, 2, 3}))
                .isEqualTo(new ReferenceModel(model.config(), own).lastLogits(new int[] {1, 2, 3}));
    }

    @Test
    void aVisibilityThatHidesNothingChangesNothing() throws IOException {
        ReferenceModel model = load(SyntheticModel.tiny(Family.QWEN3).seed(11));
        int[] tokens = {5, 80, 7, 300, 41, 9, 22};
        assertThat(model.logits(tokens, 0, (query, key) -> true)).isDeepEqualTo(model.logits(tokens));
        assertThat(model.logits(tokens, 5, Visibility.ALL)).hasNumberOfRows(2);
        assertThat(model.logits(tokens, 6, Visibility.ALL)[0]).isEqualTo(model.lastLogits(tokens));
    }

    @Test
    void whatIsHiddenFromAPassageDoesNotReachIt() throws IOException {
        ReferenceModel model = load(SyntheticModel.tiny(Family.LLAMA).seed(12));
        // [0, 3) the first passage, [3, 7) the second; the token behind both sees all.
        Visibility apart = (query, key) -> query == 7 || query < 3 == key < 3;
        int[] tokens = {5, 80, 7, 300, 41, 9, 22, 17};
        int[] other = {6, 81, 7, 300, 41, 9, 22, 17};
        double[][] logits = model.logits(tokens, 3, apart);
        double[][] behindOther = model.logits(other, 3, apart);
        for (int t = 0; t < 4; t++) {
            assertThat(behindOther[t]).isEqualTo(logits[t]);
        }
        assertThat(distance(behindOther[4], logits[4])).isGreaterThan(0.01);
        assertThat(distance(model.logits(other)[6], model.logits(tokens)[6])).isGreaterThan(0.01);

        // Rotary positions are relative: what sees only itself is computed as if it stood alone.
        double[][] alone = model.logits(Arrays.copyOfRange(tokens, 3, 7));
        for (int t = 0; t < 4; t++) {
            assertThat(distance(alone[t], logits[t])).isLessThan(1e-9);
        }
    }

    @Test
    void aTokenThatDoesNotSeeItselfIsRefused() throws IOException {
        ReferenceModel model = load(SyntheticModel.tiny(Family.LLAMA).seed(12));
        assertThatThrownBy(() -> model.logits(new int[] {1, 2}, 0, (query, key) -> key < query))
                .hasMessage("token 0 doesn't see itself");
    }

    private ReferenceModel load(SyntheticModel synthetic) throws IOException {
        return new ReferenceModel(synthetic.config(), TestCheckpoint.read(synthetic.write(nextDirectory())));
    }

    private Path nextDirectory() {
        return directory.resolve("model-" + written++);
    }

    private static double distance(double[] a, double[] b) {
        double max = 0;
        for (int i = 0; i < a.length; i++) {
            max = Math.max(max, Math.abs(a[i] - b[i]));
        }
        return max;
    }
}
