package dev.kvasir.benchmarks.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.benchmarks.evaluation.PassageModel.Verdict;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.reference.ReferenceModel;
import dev.kvasir.runner.reference.Weights;
import dev.kvasir.runner.synthetic.SyntheticModel;
import dev.kvasir.runner.tokenizer.HfTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PassageModelTest {
    @TempDir
    private Path folder;

    @Test
    void isRightAsFarAsGreedyDecodingGivesTheExpectedTokens() throws IOException {
        Path directory = SyntheticModel.tiny(Family.LLAMA).seed(3).write(folder.resolve("tiny"));
        try (PassageModel model = new PassageModel(directory);
                HfTokenizer tokenizer = HfTokenizer.load(directory)) {
            TokenisedQuestion asked = model.tokenise(new Question(List.of(Turn.of(Role.USER, "Say it")), "it"));
            int prompt = asked.promptTokens();
            int[] greedy = new ReferenceModel(
                            ModelDirectory.open(directory).config(),
                            Weights.of(ModelDirectory.open(directory).checkpoint()))
                    .greedy(Arrays.copyOf(asked.tokens(), prompt), 4);

            // Three tokens as decoded, and then no end token: not the whole reply.
            TokenisedQuestion tooShort = following(asked, Arrays.copyOf(greedy, 3));
            assertThat(model.judge(tooShort, PassageAttention.FULL))
                    .isEqualTo(new Verdict(false, tokenizer.decode(greedy, false)));
            // The second token is another one: the verdict shows what was decoded up to there.
            TokenisedQuestion other = following(asked, new int[] {greedy[0], (greedy[1] + 1) % 256, greedy[2]});
            assertThat(model.judge(other, PassageAttention.FULL))
                    .isEqualTo(new Verdict(false, tokenizer.decode(Arrays.copyOf(greedy, 2), false)));
        }
    }

    @Test
    void anEndTokenBehindTheExpectedReplyMakesItRight() throws IOException {
        Path directory = SyntheticModel.tiny(Family.LLAMA).seed(3).write(folder.resolve("tiny"));
        TokenisedQuestion greedy;
        int next;
        try (PassageModel model = new PassageModel(directory)) {
            TokenisedQuestion asked = model.tokenise(new Question(List.of(Turn.of(Role.USER, "Say it")), "it"));
            ReferenceModel reference = new ReferenceModel(
                    ModelDirectory.open(directory).config(),
                    Weights.of(ModelDirectory.open(directory).checkpoint()));
            int[] decoded = reference.greedy(Arrays.copyOf(asked.tokens(), asked.promptTokens()), 3);
            greedy = following(asked, Arrays.copyOf(decoded, 2));
            next = decoded[2];
        }
        // The same model, told that what it says next is an end.
        Files.writeString(directory.resolve("generation_config.json"), "{\"eos_token_id\": [" + next + "]}");
        try (PassageModel model = new PassageModel(directory)) {
            assertThat(model.judge(greedy, PassageAttention.FULL).right()).isTrue();
            // Nothing in it is a passage, so there is nothing to hide.
            assertThat(model.judge(greedy, PassageAttention.OWN).right()).isTrue();
        }
    }

    @Test
    void aModelWithoutAChatTemplateCanNotBeAsked() throws IOException {
        Path directory = SyntheticModel.tiny(Family.LLAMA).write(folder.resolve("tiny"));
        Files.deleteIfExists(directory.resolve("chat_template.jinja"));
        Path config = directory.resolve("tokenizer_config.json");
        Files.writeString(config, "{}");
        assertThatThrownBy(() -> new PassageModel(directory).close())
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("has no chat template");
    }

    private static TokenisedQuestion following(TokenisedQuestion asked, int[] reply) {
        int prompt = asked.promptTokens();
        int[] tokens = Arrays.copyOf(asked.tokens(), prompt + reply.length);
        System.arraycopy(reply, 0, tokens, prompt, reply.length);
        int[] passages = new int[tokens.length];
        Arrays.fill(passages, -1);
        return new TokenisedQuestion(tokens, prompt, passages);
    }
}
