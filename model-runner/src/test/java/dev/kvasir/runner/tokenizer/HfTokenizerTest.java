package dev.kvasir.runner.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.ModelLoadException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HfTokenizerTest {
    @TempDir
    Path directory;

    @Test
    void encodesSpecialTokensAndDecodesThemOrNot() throws IOException {
        try (HfTokenizer tokenizer = TestTokenizers.load(directory, TestTokenizers.byteLevel())) {
            int[] ids = tokenizer.encode("<|im_start|>hello<|im_end|>", true);
            assertThat(ids).hasSize(3);
            assertThat(tokenizer.textOf(ids[0])).isEqualTo("<|im_start|>");
            assertThat(tokenizer.textOf(ids[1])).isEqualTo("hello");
            assertThat(tokenizer.specialTokens()).contains(ids[0], ids[2]).doesNotContain(ids[1]);
            assertThat(tokenizer.decode(ids, false)).isEqualTo("<|im_start|>hello<|im_end|>");
            assertThat(tokenizer.decode(ids, true)).isEqualTo("hello");
        }
    }

    @Test
    void addsWhatTheTokenizerPutsAroundATextOnlyWhenAsked() throws IOException {
        try (HfTokenizer tokenizer = TestTokenizers.load(directory, TestTokenizers.byteFallback())) {
            int[] bare = tokenizer.encode("hello", false);
            int[] full = tokenizer.encode("hello", true);
            assertThat(full).hasSize(bare.length + 1).startsWith(1);
            assertThat(tokenizer.encode("", true)).containsExactly(1);
            assertThat(tokenizer.encode("", false)).isEmpty();
        }
    }

    @Test
    void neverTruncatesOrPads() throws IOException {
        ObjectNode json = TestTokenizers.byteLevel();
        json.putObject("truncation")
                .put("direction", "Right")
                .put("max_length", 4)
                .put("strategy", "LongestFirst")
                .put("stride", 0);
        ObjectNode padding = json.putObject("padding")
                .put("direction", "Right")
                .putNull("pad_to_multiple_of")
                .put("pad_id", 0)
                .put("pad_type_id", 0)
                .put("pad_token", "!");
        padding.putObject("strategy").put("Fixed", 64);
        String text = "q".repeat(100_000);
        try (HfTokenizer tokenizer = TestTokenizers.load(directory, json)) {
            assertThat(tokenizer.encode("q", true)).hasSize(1);
            assertThat(tokenizer.encode(text, true)).hasSize(100_000);
            assertThat(tokenizer.encodePrompt(text + "\uFDD0", '\uFDD0')).hasSize(100_000);
        }
    }

    @Test
    void knowsTheBytesOfEachToken() throws IOException {
        try (HfTokenizer tokenizer = TestTokenizers.load(directory, TestTokenizers.byteLevel())) {
            byte[] text = "é 日𝄞\n\0hello".getBytes(StandardCharsets.UTF_8);
            assertThat(bytes(tokenizer, tokenizer.encode("é 日𝄞\n\0hello", false)))
                    .isEqualTo(text);
            int special = tokenizer.encode("<|im_end|>", false)[0];
            assertThat(tokenizer.bytesOf(special)).isEmpty();
            int added = tokenizer.encode("<tool_call>", false)[0];
            assertThat(tokenizer.bytesOf(added)).isEqualTo("<tool_call>".getBytes(StandardCharsets.UTF_8));
        }
        try (HfTokenizer tokenizer = TestTokenizers.load(directory, TestTokenizers.byteFallback())) {
            byte[] text = " é 日𝄞\n\0hello ж".getBytes(StandardCharsets.UTF_8);
            assertThat(bytes(tokenizer, tokenizer.encode("é 日𝄞\n\0hello ж", false)))
                    .isEqualTo(text);
            assertThat(tokenizer.bytesOf(3 + 0xAB)).containsExactly(0xAB);
            assertThat(tokenizer.textOf(3 + 0xAB)).isEqualTo("<0xAB>");
        }
    }

    @Test
    void tellsTheVocabularyAndItsSpecialTokens() throws IOException {
        try (HfTokenizer tokenizer = TestTokenizers.load(directory, TestTokenizers.byteLevel())) {
            assertThat(tokenizer.vocab()).isEqualTo(tokenizer.encode("   ", false)[0] + 1);
            assertThat(tokenizer.specialTexts())
                    .containsAll(TestTokenizers.CHAT_SPECIALS)
                    .contains("<tool_call>", "</tool_call>", "<think>")
                    .doesNotContain("   ");
            assertThat(tokenizer.specialTokens()).hasSameSizeAs(TestTokenizers.CHAT_SPECIALS);
            // A model's vocabulary may be padded beyond the tokenizer's.
            for (int unknown : new int[] {tokenizer.vocab(), 1 << 30, -1}) {
                assertThat(tokenizer.textOf(unknown)).isEmpty();
                assertThat(tokenizer.bytesOf(unknown)).isEmpty();
                assertThat(tokenizer.streamDecoder(true).next(unknown)).isEmpty();
            }
        }
    }

    @Test
    void halfASurrogatePairIsReplacedByOneCharacter() throws IOException {
        try (HfTokenizer tokenizer = TestTokenizers.load(directory, TestTokenizers.byteLevel())) {
            assertThat(tokenizer.decode(tokenizer.encode("a\uD834b\uDD1Ec\uD834", false), false))
                    .isEqualTo("a\uFFFDb\uFFFDc\uFFFD");
            assertThat(tokenizer.decode(tokenizer.encode("\uD834\uDD1E", false), false))
                    .isEqualTo("𝄞");
        }
    }

    @Test
    void manyThreadsEncodeAndDecodeAtOnce() throws Exception {
        try (HfTokenizer tokenizer = TestTokenizers.load(directory, TestTokenizers.byteFallback())) {
            ExecutorService threads = Executors.newFixedThreadPool(4);
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String text = "hello " + i + " é[INST]" + "日".repeat(i % 7);
                int[] ids = tokenizer.encode(text, false);
                String decoded = tokenizer.decode(ids, true);
                tasks.add(() -> Arrays.equals(tokenizer.encode(text, false), ids)
                        && Arrays.equals(tokenizer.encodePrompt("\uFDD0" + text, '\uFDD0'), ids)
                        && tokenizer.decode(ids, true).equals(decoded));
            }
            for (Future<Boolean> result : threads.invokeAll(tasks)) {
                assertThat(result.get()).isTrue();
            }
            threads.shutdown();
        }
    }

    @Test
    void aClosedTokenizerSaysSo() throws IOException {
        HfTokenizer tokenizer = TestTokenizers.load(directory, TestTokenizers.byteLevel());
        tokenizer.close();
        tokenizer.close();
        assertThatThrownBy(() -> tokenizer.encode("a", false))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("the tokenizer is closed");
    }

    @Test
    void refusesFilesThatAreNoTokenizer() throws IOException {
        assertThatThrownBy(() -> HfTokenizer.load(directory)).hasMessageContaining("tokenizer.json can't be read");
        for (String bad : List.of("", "[]", "{}", "{\"model\": {\"vocab\": 7}}", "{\"model\"")) {
            Files.writeString(directory.resolve("tokenizer.json"), bad);
            assertThatThrownBy(() -> HfTokenizer.load(directory))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("tokenizer.json");
        }
        ObjectNode json = TestTokenizers.byteLevel();
        json.putObject("decoder").put("type", "WordPiece");
        assertRefused(json, "decoder that is not supported");
        json = TestTokenizers.byteLevel();
        ((ObjectNode) json.at("/model")).put("type", "Nonsense");
        assertRefused(json, "tokenizer.json can't be loaded");
        json = TestTokenizers.byteLevel();
        ((ObjectNode) json.at("/model/vocab")).put("x", "seven");
        assertRefused(json, "no id that is a whole number");
        json = TestTokenizers.byteLevel();
        ((ObjectNode) json.at("/model/vocab")).put("x", 1 << 30);
        assertRefused(json, "1073741824");
        json = TestTokenizers.byteLevel();
        ((ArrayNode) json.at("/added_tokens")).add(TestTokenizers.added(4000, "<gap>", true));
        assertRefused(json, "added token \"<gap>\" the id 4000, but it is encoded as");
    }

    private void assertRefused(ObjectNode json, String message) {
        assertThatThrownBy(() -> TestTokenizers.load(directory, json))
                .isInstanceOf(ModelLoadException.class)
                .hasMessageContaining("tokenizer.json")
                .hasMessageContaining(message);
    }

    private static byte[] bytes(HfTokenizer tokenizer, int[] ids) throws IOException {
        var bytes = new java.io.ByteArrayOutputStream();
        for (int id : ids) {
            bytes.write(tokenizer.bytesOf(id));
        }
        return bytes.toByteArray();
    }
}
