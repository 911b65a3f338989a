package dev.kvasir.runner.synthetic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SyntheticTokenizerTest {
    private static final String[] TEXTS = {
        "",
        "hello",
        "The way of the world, again and again.",
        "tabs\tand\nlines\r\n\n  spaces   ",
        "Grüße, Ωμέγα, привет, 你好, 日本語, עברית, العربية",
        "emoji 🙂👩‍👩‍👧 and combining e\u0301",
        "\u0000\u0001\u007f",
        "def f(x):\n    return x**2  # 3.14",
    };

    @TempDir
    Path directory;

    private HuggingFaceTokenizer load(SyntheticTokenizer tokenizer) throws IOException {
        tokenizer.write(directory);
        return HuggingFaceTokenizer.newInstance(directory.resolve("tokenizer.json"));
    }

    private static void assertRoundTrip(HuggingFaceTokenizer tokenizer, String text) {
        long[] ids = tokenizer.encode(text, false, false).getIds();
        assertThat(tokenizer.decode(ids, false)).isEqualTo(text);
    }

    @Test
    void byteLevelTextsRoundTrip() throws IOException {
        try (HuggingFaceTokenizer tokenizer = load(SyntheticTokenizer.byteLevel(512))) {
            for (String text : TEXTS) {
                assertRoundTrip(tokenizer, text);
            }
        }
    }

    @Test
    void sentencePieceTextsRoundTrip() throws IOException {
        try (HuggingFaceTokenizer tokenizer = load(SyntheticTokenizer.sentencePiece(512))) {
            for (String text : TEXTS) {
                assertRoundTrip(tokenizer, text);
            }
            assertThat(tokenizer.encode("x").getIds()[0]).isEqualTo(1);
        }
    }

    @RandomizedTest(5)
    void anyTextRoundTrips(SplittableRandom random) throws IOException {
        try (HuggingFaceTokenizer tokenizer = load(SyntheticTokenizer.byteLevel(random.nextInt(300, 3000)))) {
            for (int i = 0; i < 200; i++) {
                StringBuilder text = new StringBuilder();
                for (int n = random.nextInt(20); n > 0; n--) {
                    int c = random.nextInt(Character.MIN_CODE_POINT, 1 << random.nextInt(6, 21));
                    text.appendCodePoint(Character.isDefined(c) && !isSurrogate(c) ? c : 'x');
                }
                assertRoundTrip(tokenizer, text.toString());
            }
        }
    }

    private static boolean isSurrogate(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }

    @Test
    void everyTokenIsWhatItsOwnTextEncodesTo() throws IOException {
        try (HuggingFaceTokenizer tokenizer = load(SyntheticTokenizer.byteLevel(6000))) {
            // From the merges on: a byte of 128 or more is no text of its own.
            for (int id = 256; id < 6000; id++) {
                String text = tokenizer.decode(new long[] {id}, false);
                assertThat(tokenizer.encode(text, false, false).getIds())
                        .as(text)
                        .containsExactly(id);
            }
        }
    }

    @Test
    void mergedTokensReadLikeWords() throws IOException {
        try (HuggingFaceTokenizer tokenizer = load(SyntheticTokenizer.byteLevel(2000))) {
            for (int id = 256; id < 1997; id++) {
                assertThat(tokenizer.decode(new long[] {id}, false)).matches(" ?[A-Za-z]+");
            }
            assertThat(tokenizer.encode(" there was little time", false, false).getIds())
                    .hasSize(4);
        }
    }

    @Test
    void specialTokensCloseTheVocabulary() throws IOException {
        SyntheticTokenizer synthetic = SyntheticTokenizer.byteLevel(512);
        try (HuggingFaceTokenizer tokenizer = load(synthetic)) {
            assertThat(tokenizer.encode("<|endoftext|><|im_start|><|im_end|>").getIds())
                    .containsExactly(509, 510, 511);
            assertThat(synthetic.endTokens()).containsExactly(511, 509);
            assertThat(tokenizer.decode(new long[] {510, 65 - '!'}, true)).isEqualTo("A");
        }
    }

    @Test
    void bytesFallBackInSentencePiece() throws IOException {
        try (HuggingFaceTokenizer tokenizer = load(SyntheticTokenizer.sentencePiece(600))) {
            // U+00FC is C3 BC in UTF-8; byte b is id 3 + b. The word start comes first.
            assertThat(tokenizer.encode("\u00fc", false, false).getIds()).containsExactly(259, 3 + 0xC3, 3 + 0xBC);
            assertThat(tokenizer.encode("the people", false, false).getIds()).hasSize(2);
        }
    }

    @Test
    void fullVocabularyOfQwenLoads() throws IOException {
        SyntheticTokenizer synthetic = SyntheticTokenizer.byteLevel(151_936);
        try (HuggingFaceTokenizer tokenizer = load(synthetic)) {
            JsonNode json = new ObjectMapper()
                    .readTree(directory.resolve("tokenizer.json").toFile());
            assertThat(json.at("/model/vocab").size()).isEqualTo(151_933);
            assertThat(json.at("/model/merges").size()).isEqualTo(151_933 - 256);
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i < 5000; i++) {
                int id = random.nextInt(256, 151_933);
                String text = tokenizer.decode(new long[] {id}, false);
                assertThat(tokenizer.encode(text, false, false).getIds()).containsExactly(id);
            }
            for (String text : TEXTS) {
                assertRoundTrip(tokenizer, text);
            }
        }
    }

    @Test
    void sameSizeSameBytes(@TempDir Path other) throws IOException {
        SyntheticTokenizer.byteLevel(5000).write(directory);
        SyntheticTokenizer.byteLevel(5000).write(other);
        assertThat(Files.mismatch(directory.resolve("tokenizer.json"), other.resolve("tokenizer.json")))
                .isEqualTo(-1);
    }

    @Test
    void refusesVocabulariesThatAreTooSmall() {
        assertThatThrownBy(() -> SyntheticTokenizer.byteLevel(299)).hasMessageContaining("not 299");
        assertThatThrownBy(() -> SyntheticTokenizer.sentencePiece(399)).hasMessageContaining("not 399");
    }
}
