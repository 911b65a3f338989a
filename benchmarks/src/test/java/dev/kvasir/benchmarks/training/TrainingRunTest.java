package dev.kvasir.benchmarks.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.benchmarks.training.Example.Reply;
import dev.kvasir.benchmarks.training.TorchTrainer.Outcome;
import dev.kvasir.benchmarks.training.TorchTrainer.Rates;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.notes.TwoHopTask;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.RopeConfig;
import dev.kvasir.runner.Tokenizer;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.reference.ReferenceModel;
import dev.kvasir.runner.reference.Visibility;
import dev.kvasir.runner.reference.Weights;
import dev.kvasir.runner.tokenizer.HfTokenizer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {
    private static final long SEED = 7;

    @TempDir
    private static Path folder;

    private static Tokenizer tokenizer;

    @BeforeAll
    static void learn() throws IOException {
        TokenizerLearner.write(folder, SEED);
        tokenizer = HfTokenizer.load(folder);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    private static ModelConfig small() {
        return new ModelConfig(
                Family.LLAMA,
                64,
                96,
                2,
                4,
                2,
                16,
                tokenizer.vocab(),
                512,
                1e-5f,
                RopeConfig.plain(10_000),
                false,
                false,
                false,
                false,
                true,
                null,
                List.of(1),
                DType.BFLOAT16);
    }

    private static List<Example> examples(int count, double unseenShare) {
        SplittableRandom random = new SplittableRandom(SEED);
        ConversationEncoder encoder = new ConversationEncoder(tokenizer);
        return Stream.generate(() -> encoder.encode(new TwoHopTask(2, 3, 3, unseenShare).next(random, Split.TRAINING)))
                .limit(count)
                .toList();
    }

    @Test
    void theLossIsThatOfTheServedModel() throws IOException {
        ModelConfig config = small();
        TrainingState state = TrainingState.initial(Parameters.initial(config, Map.of(), new SplittableRandom(SEED)));
        Path directory = folder.resolve("loss");
        ModelFiles.write(directory, folder, config, state.parameters());
        ReferenceModel reference = new ReferenceModel(
                config, Weights.of(ModelDirectory.open(directory).checkpoint()));
        for (double unseenShare : new double[] {0, 1}) {
            List<Example> examples = examples(3, unseenShare);
            Batch batch = new Batch(examples, 256);
            Outcome outcome;
            try (TorchTrainer trainer = new TorchTrainer(config, state, 1)) {
                outcome = trainer.accumulate(batch, 1);
            }
            int at = 0;
            for (Example example : examples) {
                byte[] groups = example.groups();
                Visibility visibility = (query, key) -> groups[query] != Example.BLIND || groups[key] != Example.UNSEEN;
                double[][] logits = reference.logits(example.tokens(), 0, visibility);
                for (Reply reply : example.replies()) {
                    for (int i = reply.from(); i < reply.to(); i++, at++) {
                        double expected = -ReferenceModel.logSoftmax(logits[i - 1])[example.tokens()[i]];
                        // bfloat16 has 8 bits.
                        assertThat((double) outcome.losses()[at]).isCloseTo(expected, within(0.06));
                    }
                }
            }
        }
    }

    @Test
    void stepsDownTheGradientTeachABatch() {
        ModelConfig config = small();
        Batch batch = new Batch(examples(4, 0.5), 256);
        double first = 0;
        double last = 0;
        try (TorchTrainer trainer = new TorchTrainer(
                config, TrainingState.initial(Parameters.initial(config, Map.of(), new SplittableRandom(SEED))), 1)) {
            for (int step = 1; step <= 60; step++) {
                Progress progress = new Progress();
                progress.add(batch, trainer.accumulate(batch, 50));
                trainer.update(new Rates(0.01, 0.01), step);
                first = step == 1 ? progress.loss() : first;
                last = progress.loss();
            }
        }
        assertThat(first).isGreaterThan(5);
        assertThat(last).isLessThan(0.2);
    }

    @Test
    void gradientsOfTwoBatchesAddUp() {
        ModelConfig config = small();
        TrainingState state = TrainingState.initial(Parameters.initial(config, Map.of(), new SplittableRandom(SEED)));
        List<Example> examples = examples(4, 0);
        Rates rates = new Rates(0.01, 0);
        List<float[]> apart;
        try (TorchTrainer trainer = new TorchTrainer(config, state, 1)) {
            trainer.accumulate(new Batch(examples.subList(0, 2), 256), 10);
            trainer.accumulate(new Batch(examples.subList(2, 4), 256), 10);
            trainer.update(rates, 1);
            apart = trainer.state();
        }
        try (TorchTrainer trainer = new TorchTrainer(config, state, 1)) {
            trainer.accumulate(new Batch(examples, 256), 10);
            trainer.update(rates, 1);
            // The first moments are the gradients, but for a factor.
            int moments = Parameters.values().length;
            for (int i = moments; i < 2 * moments; i++) {
                float[] together = trainer.state().get(i);
                double difference = 0;
                double length = 0;
                for (int j = 0; j < together.length; j++) {
                    difference += Math.pow(together[j] - apart.get(i)[j], 2);
                    length += Math.pow(together[j], 2);
                }
                assertThat(Math.sqrt(difference)).isLessThan(0.03 * Math.sqrt(length));
            }
        }
    }

    @Test
    void aRunThatIsResumedIsTheSameAsOneThatIsNot() throws IOException {
        Path whole = runDirectory("whole");
        new TrainingRun(whole, plan(1_600), tokenizer, new PrintWriter(new StringWriter())).run(1);
        Path parts = runDirectory("parts");
        // The plan's length decides on the rates; a run that is cut off has the same plan, so cut it at a checkpoint.
        new TrainingRun(parts, plan(1_600), tokenizer, new PrintWriter(new StringWriter())).runUntil(1, 600);
        assertThat(TrainingState.read(parts.resolve("checkpoint.bin"), ModelFiles.config(tokenizer))
                        .tokens())
                .isBetween(600L, 1_500L);
        new TrainingRun(parts, plan(1_600), tokenizer, new PrintWriter(new StringWriter())).run(1);

        assertThat(parts.resolve("model/model.safetensors"))
                .hasSameBinaryContentAs(whole.resolve("model/model.safetensors"));
        assertThat(ModelDirectory.open(whole.resolve("model")).config().endTokens())
                .hasSize(2);
    }

    @Test
    void aCheckpointOfAnotherModelIsRefused() throws IOException {
        Path file = folder.resolve("other.bin");
        TrainingState.initial(Parameters.initial(small(), Map.of(), new SplittableRandom(SEED)))
                .write(file);
        assertThat(TrainingState.read(file, small()).step()).isZero();
        assertThatThrownBy(() -> TrainingState.read(file, ModelFiles.config(tokenizer)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("belongs to a model of another shape");
        Files.writeString(file, "no checkpoint at all");
        assertThatThrownBy(() -> TrainingState.read(file, small()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is no checkpoint");
    }

    @Test
    void aRunThatWasBegunOtherwiseIsRefused() throws IOException {
        Path directory = Files.createDirectories(folder.resolve("claimed"));
        plan(100).claim(directory);
        plan(200).claim(directory);
        TrainingPlan other = new TrainingPlan(100, 300, 300, 0.003, 1_000, SEED + 1);
        assertThatThrownBy(() -> other.claim(directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("was begun with seed 7, step-tokens 300, not with seed 8, step-tokens 300");
    }

    private static Path runDirectory(String name) throws IOException {
        Path directory = Files.createDirectories(folder.resolve(name));
        for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(folder.resolve(file), directory.resolve(file));
        }
        return directory;
    }

    private static TrainingPlan plan(long tokens) {
        return new TrainingPlan(tokens, 300, 300, 0.003, 1_000, SEED);
    }
}
