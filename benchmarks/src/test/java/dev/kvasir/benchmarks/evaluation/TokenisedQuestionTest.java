package dev.kvasir.benchmarks.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Turn.Part;
import dev.kvasir.runner.ChatTemplate;
import dev.kvasir.runner.Tokenizer;
import dev.kvasir.runner.synthetic.SyntheticTokenizer;
import dev.kvasir.runner.template.JinjaChatTemplate;
import dev.kvasir.runner.tokenizer.HfTokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenisedQuestionTest {
    private static final int NONE = Part.NO_PASSAGE;

    @TempDir
    private Path folder;

    private Tokenizer tokenizer;
    private ChatTemplate template;

    @BeforeEach
    void load() throws IOException {
        SyntheticTokenizer.byteLevel(512).write(folder);
        tokenizer = HfTokenizer.load(folder);
        template = JinjaChatTemplate.load(folder, null, Clock.systemUTC()).orElseThrow();
    }

    @AfterEach
    void close() {
        tokenizer.close();
    }

    private TokenisedQuestion tokenise(Part... parts) {
        return TokenisedQuestion.of(
                new Question(List.of(new Turn(Role.USER, List.of(parts))), "yes"), template, tokenizer);
    }

    private String text(TokenisedQuestion question, int passage) {
        int[] tokens = question.tokens();
        int[] own = IntStream.range(0, tokens.length)
                .filter(t -> question.passages()[t] == passage)
                .map(t -> tokens[t])
                .toArray();
        return tokenizer.decode(own, false);
    }

    @Test
    void everyPassageHasItsOwnTokens() {
        TokenisedQuestion question = tokenise(
                new Part("Read: ", NONE),
                new Part("Anna is in Köln.\n", 0),
                new Part("Bert is out.", 1),
                new Part("\nWhere?", NONE));
        assertThat(text(question, 0)).isEqualTo("Anna is in Köln.\n");
        assertThat(text(question, 1)).isEqualTo("Bert is out.");
        int[] tokens = question.tokens();
        assertThat(tokenizer.decode(Arrays.copyOf(tokens, question.promptTokens()), false))
                .isEqualTo(
                        "<|im_start|>user\nRead: Anna is in Köln.\nBert is out.\nWhere?<|im_end|>\n<|im_start|>assistant\n");
        assertThat(tokenizer.decode(Arrays.copyOfRange(tokens, question.promptTokens(), tokens.length), false))
                .isEqualTo("yes");
    }

    @Test
    void aPassageThatEndsInsideATokenIsRefused() {
        String word = longWord();
        assertThatThrownBy(() -> tokenise(new Part(word.substring(0, 2), 0), new Part(word.substring(2), NONE)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no token begins at byte");
    }

    @Test
    void aTemplateThatChangesPassagesIsRefused() {
        ChatTemplate trims = JinjaChatTemplate.of(
                "{% for message in messages %}{{ message.content | trim }}{% endfor %}", Map.of(), Clock.systemUTC());
        Question question = new Question(List.of(new Turn(Role.USER, List.of(new Part(" spaced ", 0)))), "yes");
        assertThatThrownBy(() -> TokenisedQuestion.of(question, trims, tokenizer))
                .hasMessageContaining("changes the text at the ends of passages");
        ChatTemplate forgets = JinjaChatTemplate.of("nothing", Map.of(), Clock.systemUTC());
        assertThatThrownBy(() -> TokenisedQuestion.of(question, forgets, tokenizer))
                .hasMessageContaining("leaves out or repeats passages");
    }

    // A text of letters that is one token, maybe behind a space.
    private String longWord() {
        for (int token = 0; token < tokenizer.vocab(); token++) {
            String text = new String(tokenizer.bytesOf(token), StandardCharsets.UTF_8);
            if (text.matches(" ?[a-z]{3,}")) {
                return text;
            }
        }
        throw new AssertionError("the vocabulary has no word");
    }
}
