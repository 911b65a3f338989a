package dev.kvasir.runner.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.TextDecoder;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StreamDecoderTest {
    @TempDir
    static Path directory;

    private static HfTokenizer byteLevel;
    private static HfTokenizer byteFallback;
    private static HfTokenizer metaspace;

    @BeforeAll
    static void load() throws IOException {
        byteLevel = TestTokenizers.load(directory, TestTokenizers.byteLevel());
        byteFallback = TestTokenizers.load(directory, TestTokenizers.byteFallback());
        metaspace = TestTokenizers.load(directory, TestTokenizers.metaspace());
    }

    @AfterAll
    static void close() {
        byteLevel.close();
        byteFallback.close();
        metaspace.close();
    }

    @RandomizedTest(200)
    void byteLevelPiecesAreWhatTheNativeLibraryDecodesAtOnce(SplittableRandom random) {
        int[] ids = random.ints(random.nextInt(60), -2, byteLevel.vocab() + 2).toArray();
        for (boolean skip : new boolean[] {true, false}) {
            String whole = byteLevel.nativeDecode(ids, skip);
            assertThat(byteLevel.decode(ids, skip)).isEqualTo(whole);
            assertThat(stream(byteLevel, ids, skip)).isEqualTo(whole);
        }
    }

    @RandomizedTest(200)
    void bytesOfMultilingualTextInAnyPiecesGiveTheTextBack(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(40); i > 0; i--) {
            int c = random.nextInt(random.nextBoolean() ? 0x800 : Character.MAX_CODE_POINT + 1);
            text.appendCodePoint(Character.isBmpCodePoint(c) && Character.isSurrogate((char) c) ? 'x' : c);
        }
        List<Integer> levels = new ArrayList<>();
        List<Integer> fallbacks = new ArrayList<>();
        for (byte b : text.toString().getBytes(StandardCharsets.UTF_8)) {
            levels.add(byteLevel.encode(" ", false)[0] - ' ' + (b & 0xFF));
            fallbacks.add(3 + (b & 0xFF));
        }
        int[] level = levels.stream().mapToInt(id -> id).toArray();
        assertThat(stream(byteLevel, level, false)).isEqualTo(text.toString());
        int[] fallback = fallbacks.stream().mapToInt(id -> id).toArray();
        assertThat(stream(byteFallback, fallback, false)).isEqualTo(text.toString());
    }

    @RandomizedTest(200)
    void byteFallbackPiecesAreWhatTheNativeLibraryDecodesAtOnce(SplittableRandom random) {
        for (HfTokenizer tokenizer : List.of(byteFallback, metaspace)) {
            int[] ids = piecesWithoutMixedRuns(random, tokenizer);
            for (boolean skip : new boolean[] {true, false}) {
                assertThat(tokenizer.decode(ids, skip)).isEqualTo(tokenizer.nativeDecode(ids, skip));
            }
            // A stream goes on after something, here a letter, so that no leading space is dropped.
            int[] after = new int[ids.length + 1];
            after[0] = tokenizer.encode("hello", false)[0];
            System.arraycopy(ids, 0, after, 1, ids.length);
            String first = tokenizer.nativeDecode(new int[] {after[0]}, false);
            assertThat(first + stream(tokenizer, ids, false)).isEqualTo(tokenizer.nativeDecode(after, false));
        }
    }

    @RandomizedTest(100)
    void anyTokensStreamToWhatTheyDecodeTo(SplittableRandom random) {
        for (HfTokenizer tokenizer : List.of(byteLevel, byteFallback, metaspace)) {
            int[] ids = random.ints(random.nextInt(60), 0, tokenizer.vocab()).toArray();
            StreamDecoder atStart = new StreamDecoder(vocabulary(tokenizer), false, true);
            assertThat(concat(atStart, ids)).isEqualTo(tokenizer.decode(ids, false));
        }
    }

    @Test
    void neverGivesHalfACharacter() {
        TextDecoder decoder = byteFallback.streamDecoder(true);
        byte[] clef = "𝄞".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 3; i++) {
            assertThat(decoder.next(3 + (clef[i] & 0xFF))).isEmpty();
        }
        assertThat(decoder.next(3 + (clef[3] & 0xFF))).isEqualTo("𝄞");
        assertThat(decoder.next(3 + 0xE2)).isEmpty();
        assertThat(decoder.finish()).isEqualTo("\uFFFD");
    }

    @Test
    void aBrokenCharacterIsReplacedAtTheNextTokenNotAtTheEnd() {
        TextDecoder decoder = byteFallback.streamDecoder(true);
        assertThat(decoder.next(3 + 0xE2)).isEmpty();
        assertThat(decoder.next(3 + 'a')).isEqualTo("\uFFFDa");
        assertThat(decoder.next(3 + 0xFF)).isEqualTo("\uFFFD");
        assertThat(decoder.next(3 + 0x80)).isEqualTo("\uFFFD");
    }

    @Test
    void aReplacementCharacterInTheTextIsNotHeldBack() {
        TextDecoder decoder = byteLevel.streamDecoder(true);
        StringBuilder text = new StringBuilder();
        for (int id : byteLevel.encode("a\uFFFDb\uFFFD", false)) {
            text.append(decoder.next(id));
        }
        assertThat(text).hasToString("a\uFFFDb\uFFFD");
        assertThat(decoder.finish()).isEmpty();
    }

    @Test
    void aStreamKeepsTheSpaceThatATextWouldLose() {
        int[] ids = byteFallback.encode("hello", false);
        assertThat(byteFallback.decode(ids, true)).isEqualTo("hello");
        assertThat(stream(byteFallback, ids, true)).isEqualTo(" hello");
    }

    private static Vocabulary vocabulary(HfTokenizer tokenizer) {
        ObjectNode json = tokenizer == byteLevel
                ? TestTokenizers.byteLevel()
                : tokenizer == byteFallback ? TestTokenizers.byteFallback() : TestTokenizers.metaspace();
        return Vocabulary.of(json);
    }

    /**
     * Returns random tokens in which each run of byte tokens is UTF-8 as a whole or has nothing but broken bytes: the native library
     * gives a whole run up if a byte of it is wrong, which a stream can't know in advance.
     */
    private static int[] piecesWithoutMixedRuns(SplittableRandom random, HfTokenizer tokenizer) {
        List<Integer> ids = new ArrayList<>();
        for (int i = random.nextInt(30); i > 0; i--) {
            switch (random.nextInt(3)) {
                case 0 -> {
                    for (byte b : "ж日𝄞\n"
                            .substring(random.nextInt(2), 5 - random.nextInt(2) * 3)
                            .getBytes(StandardCharsets.UTF_8)) {
                        ids.add(3 + (b & 0xFF));
                    }
                }
                case 1 -> {
                    for (int n = random.nextInt(4); n > 0; n--) {
                        ids.add(3 + 0x80 + random.nextInt(0x40));
                    }
                }
                default -> {}
            }
            // A token that ends the run; special ones only where they aren't skipped over.
            ids.add(random.nextInt(3 + 256, tokenizer.vocab() - 2));
        }
        return ids.stream().mapToInt(id -> id).toArray();
    }

    private static String stream(HfTokenizer tokenizer, int[] ids, boolean skip) {
        return concat(tokenizer.streamDecoder(skip), ids);
    }

    private static String concat(TextDecoder decoder, int[] ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            String piece = decoder.next(id);
            assertThat(piece.isEmpty() || !Character.isHighSurrogate(piece.charAt(piece.length() - 1)))
                    .isTrue();
            text.append(piece);
        }
        return text.append(decoder.finish()).toString();
    }
}
