package dev.kvasir.runner.tokenizer;

import dev.kvasir.runner.TextDecoder;
import java.util.Set;

/**
 * Decodes one token stream piece by piece. The pieces together are what decoding all tokens at once gives; each costs its own
 * length, since only the bytes of an unfinished character (three at most) are ever held back.
 */
final class StreamDecoder implements TextDecoder {
    private final Vocabulary vocabulary;
    private final boolean skipSpecialTokens;
    private final Set<Integer> shown;
    private final Utf8Assembler assembler;
    private final StringBuilder piece = new StringBuilder();
    private boolean atStart;
    private int spacesToStrip;

    /** @param atStart whether a text begins here; otherwise it goes on after a prompt and a leading space belongs to it */
    StreamDecoder(Vocabulary vocabulary, boolean skipSpecialTokens, boolean atStart) {
        this(vocabulary, skipSpecialTokens, atStart, Set.of());
    }

    /** @param shown special tokens that are never skipped */
    StreamDecoder(Vocabulary vocabulary, boolean skipSpecialTokens, boolean atStart, Set<Integer> shown) {
        this.shown = shown;
        this.vocabulary = vocabulary;
        this.skipSpecialTokens = skipSpecialTokens;
        this.assembler = new Utf8Assembler(vocabulary.decoding().byteFallback());
        this.atStart = atStart;
        this.spacesToStrip = atStart ? vocabulary.decoding().leadingSpaces() : 0;
    }

    @Override
    public String next(int token) {
        piece.setLength(0);
        append(token, piece);
        return stripped(piece);
    }

    @Override
    public String finish() {
        piece.setLength(0);
        assembler.finish(piece);
        return stripped(piece);
    }

    /** Returns the text of all tokens; the stream is over then. */
    String decode(int[] tokens) {
        StringBuilder text = new StringBuilder(tokens.length * 4);
        for (int token : tokens) {
            append(token, text);
        }
        assembler.finish(text);
        return stripped(text);
    }

    private void append(int token, StringBuilder out) {
        String text = vocabulary.textOf(token);
        if (text.isEmpty() || (skipSpecialTokens && vocabulary.isSpecial(token) && !shown.contains(token))) {
            return;
        }
        assembler.append(
                atStart
                        ? vocabulary.decoding().firstBytesOf(text)
                        : vocabulary.decoding().bytesOf(text),
                out);
        atStart = false;
    }

    private String stripped(StringBuilder text) {
        int from = 0;
        while (spacesToStrip > 0 && from < text.length()) {
            if (text.charAt(from) != ' ') {
                spacesToStrip = 0;
            } else {
                spacesToStrip--;
                from++;
            }
        }
        return text.substring(from);
    }
}
