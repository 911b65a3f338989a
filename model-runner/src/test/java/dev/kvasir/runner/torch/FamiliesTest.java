package dev.kvasir.runner.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.RopeConfig;
import dev.kvasir.runner.RopeConfig.Scaling;
import dev.kvasir.runner.RowOutput;
import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import dev.kvasir.runner.RunnerOptions.Plan;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.StepInput;
import dev.kvasir.runner.StepRow;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.runner.reference.ReferenceModel;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each family of models, stored in each way, against a float64 forward pass written from the published architecture. */
class FamiliesTest {
    private static final int TOKENS = 90;
    private static final double TOLERANCE = 1e-4;

    record Stored(Family family, DType dtype, int shards, boolean tied, RopeConfig rope) {
        @Override
        public String toString() {
            return family + " " + dtype + (shards > 1 ? " sharded" : "") + (tied ? " tied" : " untied") + " rope "
                    + rope.scaling();
        }
    }

    static Stream<Stored> storages() {
        List<RopeConfig> ropes = List.of(
                RopeConfig.plain(10_000),
                new RopeConfig(10_000, Scaling.LINEAR, 4, 1, 1, 1),
                // An original context this short puts all three bands of frequencies into the test's head dimension.
                new RopeConfig(10_000, Scaling.LLAMA3, 8, 1, 4, 64));
        List<Stored> all = new ArrayList<>();
        for (Family family : Family.values()) {
            for (DType dtype : DType.values()) {
                for (boolean tied : new boolean[] {true, false}) {
                    for (RopeConfig rope : ropes) {
                        all.add(new Stored(family, dtype, tied ? 1 : 3, tied, rope));
                    }
                }
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("storages")
    void agreesWithTheReference(Stored stored, @TempDir Path directory) throws IOException {
        SyntheticModel.tiny(stored.family())
                .seed(11)
                .dtype(stored.dtype())
                .shards(stored.shards())
                .tied(stored.tied())
                .rope(stored.rope())
                .write(directory);
        compare(directory, stored.family().ordinal());
    }

    @ParameterizedTest
    @MethodSource("biases")
    void agreesWithTheReferenceWithBiases(boolean attention, boolean mlp, @TempDir Path directory) throws IOException {
        SyntheticModel.tiny(Family.LLAMA)
                .seed(12)
                .attentionBias(attention)
                .mlpBias(mlp)
                .write(directory);
        compare(directory, 5);
    }

    static Stream<Arguments> biases() {
        return Stream.of(Arguments.of(true, false), Arguments.of(false, true), Arguments.of(true, true));
    }

    private static void compare(Path directory, int seed) throws IOException {
        ReferenceModel reference = TestModels.reference(directory);
        for (Plan plan : List.of(Plan.FUSED, Plan.LAYERED)) {
            try (TorchModelRunner torch = TestModels.torch(directory, DTypeChoice.FLOAT32, plan, 16)) {
                int vocab = torch.config().vocab();
                int[] tokens = new SplittableRandom(seed).ints(TOKENS, 0, vocab).toArray();
                double[][] expected = reference.logits(tokens);
                int[] slots = new int[6];
                for (int i = 0; i < slots.length; i++) {
                    slots[i] = 2 * i + 1;
                }
                List<TokenLogprobs> computed = new ArrayList<>();
                // Chunks of 37, 52 and 1: a first chunk, one behind a past that ends within a segment, a decode.
                for (int[] chunk : new int[][] {{0, 37}, {37, 89}, {89, 90}}) {
                    SamplingParams all = SamplingParams.GREEDY.withLogprobs(vocab);
                    StepRow row = new StepRow(tokens, chunk[0], chunk[1], slots, all, vocab, TOKENS);
                    RowOutput output =
                            torch.run(new StepInput(List.of(row))).rows().get(0);
                    computed.addAll(output.promptLogprobs());
                    if (chunk[1] == TOKENS) {
                        computed.add(output.logprobs());
                        assertThat(output.token()).isEqualTo(ReferenceModel.argmax(expected[TOKENS - 1]));
                    }
                }
                assertThat(computed).hasSize(TOKENS);
                for (int position = 0; position < TOKENS; position++) {
                    double[] truth = ReferenceModel.logSoftmax(expected[position]);
                    TokenLogprobs got = computed.get(position);
                    double worst = IntStream.range(0, vocab)
                            .mapToDouble(i -> Math.abs(got.topLogprobs()[i] - truth[got.topTokens()[i]]))
                            .max()
                            .orElseThrow();
                    assertThat(worst).as("%s plan, position %d", plan, position).isLessThan(TOLERANCE);
                }
            }
        }
    }
}
