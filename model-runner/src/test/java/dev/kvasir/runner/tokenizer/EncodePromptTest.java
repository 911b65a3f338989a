package dev.kvasir.runner.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodePromptTest {
    private static final char MARKER = '\uFDD3';

    @TempDir
    static Path directory;

    private static List<HfTokenizer> tokenizers;

    @BeforeAll
    static void load() throws IOException {
        tokenizers = List.of(
                TestTokenizers.load(directory, TestTokenizers.byteLevel()),
                TestTokenizers.load(directory, TestTokenizers.byteFallback()),
                TestTokenizers.load(directory, TestTokenizers.metaspace()));
    }

    @AfterAll
    static void close() {
        tokenizers.forEach(HfTokenizer::close);
    }

    @RandomizedTest(100)
    void theGuardedWayGivesTheIdsOfTheOrdinaryWay(SplittableRandom random) {
        for (HfTokenizer tokenizer : tokenizers) {
            String prompt = text(random, tokenizer);
            assertThat(tokenizer.encodeGuarded(prompt, MARKER))
                    .as(prompt)
                    .isEqualTo(tokenizer.encode(prompt, false))
                    .isEqualTo(tokenizer.encodePrompt(prompt, MARKER));
        }
    }

    @Test
    void everySpecialTextInAMessageStaysText() {
        for (HfTokenizer tokenizer : tokenizers) {
            String open = tokenizer.specialTexts().iterator().next();
            ControlText control = new ControlText(tokenizer.specialTexts());
            for (String content : tokenizer.specialTexts()) {
                int[] ids = tokenizer.encodePrompt(open + control.protect(content, MARKER) + open, MARKER);
                assertThat(controlIn(tokenizer, ids)).as(content).containsExactly(open, open);
                int[] inner = Arrays.copyOfRange(ids, 1, ids.length - 1);
                assertThat(tokenizer.decode(inner, true)).isEqualTo(content);
            }
        }
    }

    @RandomizedTest(300)
    void noContentBecomesControlAndNoneIsChanged(SplittableRandom random) {
        for (HfTokenizer tokenizer : tokenizers) {
            ControlText control = new ControlText(tokenizer.specialTexts());
            List<String> texts = List.copyOf(tokenizer.specialTexts());
            StringBuilder prompt = new StringBuilder();
            List<String> expected = new ArrayList<>();
            List<String> contents = new ArrayList<>();
            for (int i = random.nextInt(1, 5); i > 0; i--) {
                // Sometimes nothing stands between two messages.
                if (random.nextInt(3) > 0) {
                    String glue = texts.get(random.nextInt(texts.size()));
                    prompt.append(glue);
                    expected.add(glue);
                    // What glue and content make together could be another text of the template's, which is no attack.
                    prompt.append('\n');
                }
                String content = hostile(random, texts);
                contents.add(content);
                prompt.append(control.protect(content, MARKER));
            }
            int[] ids = tokenizer.encodePrompt(prompt.toString(), MARKER);
            assertThat(controlIn(tokenizer, ids)).as(prompt.toString()).isEqualTo(expected);
            String plain = prompt.toString().replace(String.valueOf(MARKER), "");
            if (tokenizer == tokenizers.get(0)) {
                assertThat(tokenizer.decode(ids, false)).isEqualTo(plain);
            }
            for (String content : contents) {
                assertThat(plain).contains(content);
            }
        }
    }

    @Test
    void aControlTextSplitOverTwoMessagesStaysText() {
        HfTokenizer tokenizer = tokenizers.get(0);
        ControlText control = new ControlText(tokenizer.specialTexts());
        for (String text : tokenizer.specialTexts()) {
            for (int cut = 0; cut <= text.length(); cut++) {
                String prompt = control.protect("x" + text.substring(0, cut), MARKER)
                        + control.protect(text.substring(cut) + "y", MARKER);
                int[] ids = tokenizer.encodePrompt(prompt, MARKER);
                assertThat(controlIn(tokenizer, ids)).as(prompt).isEmpty();
                assertThat(tokenizer.decode(ids, true)).isEqualTo("x" + text + "y");
            }
        }
    }

    @Test
    void aContentThatCompletesTheTemplatesWordsStaysText() {
        HfTokenizer tokenizer = tokenizers.get(0);
        ControlText control = new ControlText(tokenizer.specialTexts());
        for (String prompt : List.of(
                "<" + control.protect("a", MARKER) + ">",
                "<|" + control.protect("im_end|>", MARKER),
                control.protect("<|im_end", MARKER) + "|>",
                "<|" + control.protect(" im_start ", MARKER).strip() + "|>")) {
            assertThat(controlIn(tokenizer, tokenizer.encodePrompt(prompt, MARKER)))
                    .as(prompt)
                    .isEmpty();
        }
    }

    @Test
    void aReplyKeepsTheModelsOwnWordsButNoTurnMarks() {
        HfTokenizer tokenizer = tokenizers.get(0);
        String reply = ControlText.ofReplies(tokenizer).protect("<think>hm<|im_end|>", MARKER);
        assertThat(reply).contains("<think>hm");
        assertThat(controlIn(tokenizer, tokenizer.encodePrompt(reply, MARKER))).containsExactly("<think>");
        String content = ControlText.of(tokenizer).protect("<think>hm<|im_end|>", MARKER);
        assertThat(controlIn(tokenizer, tokenizer.encodePrompt(content, MARKER)))
                .isEmpty();
    }

    @Test
    void markersStandInsideTheSpaceThatATemplateTrims() {
        ControlText control = new ControlText(List.of("<|im_end|>"));
        String content = control.protect("  <|im_  ", MARKER);
        assertThat(content.strip()).isEqualTo("<|im_" + MARKER);
        assertThat(control.protect("plain text, 1 < 2", MARKER)).isEqualTo("plain text, 1 < 2");
        assertThat(control.protect("", MARKER)).isEmpty();
    }

    @Test
    void protectingIsLinearInTheContent() {
        List<String> texts = IntStream.range(0, 256)
                .mapToObj(i -> "<|reserved_special_token_" + i + "|>")
                .toList();
        ControlText control = new ControlText(texts);
        String content = "<|reserved_special_token_".repeat(40_000);
        assertThat(control.protect(content, MARKER)).isEqualTo(content + MARKER);
    }

    @Test
    void theMarkerOccursInNoContent() {
        assertThat(ControlText.chooseMarker(List.of("hello"))).isEqualTo('\uFDD0');
        assertThat(ControlText.chooseMarker(List.of("a\uFDD0b", "\uFDD2\uFDD1")))
                .isEqualTo('\uFDD3');
        StringBuilder all = new StringBuilder();
        for (char c = '\uFDD0'; c <= '\uFDEF'; c++) {
            all.append(c);
        }
        assertThatThrownBy(() -> ControlText.chooseMarker(List.of(all.toString())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("noncharacters");
    }

    private static List<String> controlIn(HfTokenizer tokenizer, int[] ids) {
        return Arrays.stream(ids)
                .mapToObj(tokenizer::textOf)
                .filter(tokenizer.specialTexts()::contains)
                .toList();
    }

    /** Returns words, spaces and control texts in any order. */
    private static String text(SplittableRandom random, HfTokenizer tokenizer) {
        List<String> texts = List.copyOf(tokenizer.specialTexts());
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(20); i > 0; i--) {
            text.append(
                    switch (random.nextInt(4)) {
                        case 0 -> texts.get(random.nextInt(texts.size()));
                        case 1 -> " ".repeat(random.nextInt(4));
                        case 2 -> "hello";
                        default -> "é日𝄞\n<|a>s".substring(random.nextInt(2), random.nextInt(4, 9));
                    });
        }
        return text.toString();
    }

    /** Returns control texts, whole and in pieces, nested into each other. */
    private static String hostile(SplittableRandom random, List<String> texts) {
        StringBuilder content = new StringBuilder();
        for (int i = random.nextInt(1, 6); i > 0; i--) {
            String text = texts.get(random.nextInt(texts.size()));
            int from = random.nextInt(text.length());
            int to = random.nextInt(from, text.length()) + 1;
            switch (random.nextInt(4)) {
                case 0 -> content.append(text);
                case 1 -> content.append(text, from, to);
                case 2 -> content.insert(random.nextInt(content.length() + 1), text);
                default -> content.append("hello é");
            }
        }
        return content.toString();
    }
}
