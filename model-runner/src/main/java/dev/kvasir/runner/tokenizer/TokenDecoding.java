package dev.kvasir.runner.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runner.ModelLoadException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * How a token's text in the vocabulary becomes bytes, from the {@code decoder} of {@code tokenizer.json}: byte-level BPE, or
 * SentencePiece with U+2581 for a space and {@code <0xAB>} for a byte.
 *
 * @param byteLevel whether the vocabulary is written in the {@link ByteAlphabet}
 * @param spaceMark what stands for a space; empty for none
 * @param byteFallback whether {@code <0xAB>} stands for a byte
 * @param leadingSpaces how many spaces are taken from the start of a text
 * @param firstTokenLosesMarks whether the space marks of a text's first token are dropped instead (Metaspace)
 */
record TokenDecoding(
        boolean byteLevel, String spaceMark, boolean byteFallback, int leadingSpaces, boolean firstTokenLosesMarks) {
    static TokenDecoding of(JsonNode decoder) {
        List<JsonNode> steps = new ArrayList<>();
        if (decoder.path("type").asText().equals("Sequence")) {
            decoder.path("decoders").forEach(steps::add);
        } else {
            steps.add(decoder);
        }
        if (steps.size() == 1 && type(steps.get(0)).equals("ByteLevel")) {
            return new TokenDecoding(true, "", false, 0, false);
        }
        String spaceMark = "";
        boolean byteFallback = false;
        boolean fused = false;
        int leadingSpaces = 0;
        boolean firstTokenLosesMarks = false;
        for (JsonNode step : steps) {
            switch (type(step)) {
                case "Replace" -> {
                    spaceMark = step.path("pattern").path("String").asText();
                    if (spaceMark.isEmpty() || !step.path("content").asText().equals(" ") || fused || byteFallback) {
                        throw unsupported(decoder);
                    }
                }
                case "Metaspace" -> {
                    spaceMark = step.path("replacement").asText();
                    // The older spelling of "never" is add_prefix_space: false.
                    firstTokenLosesMarks = step.has("prepend_scheme")
                            ? !step.path("prepend_scheme").asText().equals("never")
                            : step.path("add_prefix_space").asBoolean(true);
                    if (spaceMark.isEmpty() || fused) {
                        throw unsupported(decoder);
                    }
                }
                case "ByteFallback" -> byteFallback = true;
                case "Fuse" -> fused = true;
                case "Strip" -> {
                    leadingSpaces = step.path("start").asInt();
                    boolean known = fused
                            && step.path("content").asText().equals(" ")
                            && step.path("stop").asInt() == 0
                            && leadingSpaces >= 0
                            && leadingSpaces <= 16;
                    if (!known) {
                        throw unsupported(decoder);
                    }
                }
                default -> throw unsupported(decoder);
            }
        }
        return new TokenDecoding(false, spaceMark, byteFallback, leadingSpaces, firstTokenLosesMarks);
    }

    /** Returns the bytes that a token with this text stands for. */
    byte[] bytesOf(String text) {
        if (byteLevel) {
            return ByteAlphabet.bytesOf(text);
        }
        if (byteFallback && isByte(text)) {
            return new byte[] {(byte) Integer.parseInt(text.substring(3, 5), 16)};
        }
        return replaceMarks(text, " ").getBytes(StandardCharsets.UTF_8);
    }

    /** Returns the bytes of a token that begins a text. */
    byte[] firstBytesOf(String text) {
        return firstTokenLosesMarks && !(byteFallback && isByte(text))
                ? replaceMarks(text, "").getBytes(StandardCharsets.UTF_8)
                : bytesOf(text);
    }

    private String replaceMarks(String text, String replacement) {
        return spaceMark.isEmpty() ? text : text.replace(spaceMark, replacement);
    }

    /** {@code <0xAB>} */
    private static boolean isByte(String text) {
        return text.length() == 6
                && text.startsWith("<0x")
                && text.charAt(5) == '>'
                && Character.digit(text.charAt(3), 16) >= 0
                && Character.digit(text.charAt(4), 16) >= 0;
    }

    private static String type(JsonNode step) {
        return step.path("type").asText();
    }

    private static ModelLoadException unsupported(JsonNode decoder) {
        String shown = decoder.toString();
        return new ModelLoadException(
                "tokenizer.json has a decoder that is not supported (byte-level BPE and SentencePiece's"
                        + " replacements are): " + (shown.length() <= 300 ? shown : shown.substring(0, 300) + ".."));
    }
}
