package dev.kvasir.runner.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.Pooling;
import dev.kvasir.runner.RowOutput;
import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import dev.kvasir.runner.RunnerOptions.Plan;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.StepInput;
import dev.kvasir.runner.StepRow;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hidden states behind the final norm against a float64 forward pass, in chunks and beside rows that sample. */
class HiddenStatesTest {
    private static final int TOKENS = 90;
    private static final double TOLERANCE = 1e-4;

    @ParameterizedTest
    @EnumSource
    void agreeWithTheReference(Family family, @TempDir Path directory) throws IOException {
        SyntheticModel.tiny(family).seed(21).write(directory);
        for (Plan plan : List.of(Plan.FUSED, Plan.LAYERED)) {
            try (TorchModelRunner torch = TestModels.torch(directory, DTypeChoice.FLOAT32, plan, 16)) {
                int vocab = torch.config().vocab();
                int[] tokens = new SplittableRandom(family.ordinal())
                        .ints(TOKENS, 0, vocab)
                        .toArray();
                double[][] expected = TestModels.reference(directory).hiddenStates(tokens);
                double[] sum = new double[torch.config().hidden()];
                for (int[] chunk : new int[][] {{0, 37}, {37, 89}, {89, 90}}) {
                    StepRow last = row(tokens, chunk, new int[] {1, 3, 5, 7, 9, 11}, null, Pooling.LAST);
                    StepRow mean = row(tokens, chunk, new int[] {0, 2, 4, 6, 8, 10}, null, Pooling.MEAN);
                    int[] others = {12, 13, 14, 15, 16, 17};
                    StepRow sampling = row(tokens, chunk, others, SamplingParams.GREEDY, null);
                    List<RowOutput> outputs = torch.run(new StepInput(List.of(last, sampling, mean)))
                            .rows();
                    assertClose(outputs.get(0).hidden(), expected[chunk[1] - 1], 1);
                    assertThat(outputs.get(0).token()).isEqualTo(RowOutput.NO_TOKEN);
                    assertThat(outputs.get(1).hidden()).isNull();
                    assertThat(outputs.get(1).token()).isNotNegative();
                    double[] part = outputs.get(2).hidden();
                    Arrays.setAll(sum, i -> sum[i] + part[i]);
                }
                double[] total = new double[sum.length];
                for (double[] state : expected) {
                    Arrays.setAll(total, i -> total[i] + state[i]);
                }
                assertClose(sum, total, TOKENS);
            }
        }
    }

    private static StepRow row(int[] tokens, int[] chunk, int[] slots, SamplingParams sample, Pooling pooling) {
        return new StepRow(tokens, chunk[0], chunk[1], slots, sample, -1, TOKENS, null, pooling);
    }

    private static void assertClose(double[] got, double[] wanted, int summands) {
        assertThat(got).hasSameSizeAs(wanted);
        for (int i = 0; i < got.length; i++) {
            assertThat(got[i]).isCloseTo(wanted[i], within(TOLERANCE * summands));
        }
    }
}
