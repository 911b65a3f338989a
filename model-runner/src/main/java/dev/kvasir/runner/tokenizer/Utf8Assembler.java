package dev.kvasir.runner.tokenizer;

/**
 * Assembles characters from bytes that arrive piece by piece, and holds back the start of one that isn't complete: at most three
 * bytes. What can't become a character is replaced by U+FFFD as soon as that is certain.
 */
final class Utf8Assembler {
    static final char REPLACEMENT = '\uFFFD';

    private final boolean replaceEachByte;
    private int codePoint;
    private int pending; // bytes of the unfinished character that were taken
    private int missing; // continuation bytes it still needs
    private int lower; // range of the next continuation byte, narrower after some first bytes
    private int upper;

    /**
     * @param replaceEachByte whether an unfinished character becomes one U+FFFD per byte, as Hugging Face's byte fallback has
     *     it, or a single one
     */
    Utf8Assembler(boolean replaceEachByte) {
        this.replaceEachByte = replaceEachByte;
    }

    void append(byte[] bytes, StringBuilder out) {
        for (byte b : bytes) {
            append(b & 0xFF, out);
        }
    }

    /** Ends the text: what is held back can't become a character any more. */
    void finish(StringBuilder out) {
        if (pending > 0) {
            replacePending(out);
        }
    }

    private void append(int b, StringBuilder out) {
        if (missing > 0) {
            if (b >= lower && b <= upper) {
                codePoint = codePoint << 6 | (b & 0x3F);
                pending++;
                missing--;
                lower = 0x80;
                upper = 0xBF;
                if (missing == 0) {
                    pending = 0;
                    out.appendCodePoint(codePoint);
                }
                return;
            }
            replacePending(out);
        }
        if (b < 0x80) {
            out.append((char) b);
        } else if (b >= 0xC2 && b <= 0xDF) {
            start(b & 0x1F, 1, 0x80, 0xBF);
        } else if (b >= 0xE0 && b <= 0xEF) {
            // Overlong forms and surrogates are no UTF-8.
            start(b & 0x0F, 2, b == 0xE0 ? 0xA0 : 0x80, b == 0xED ? 0x9F : 0xBF);
        } else if (b >= 0xF0 && b <= 0xF4) {
            start(b & 0x07, 3, b == 0xF0 ? 0x90 : 0x80, b == 0xF4 ? 0x8F : 0xBF);
        } else {
            out.append(REPLACEMENT);
        }
    }

    private void start(int bits, int continuationBytes, int nextLower, int nextUpper) {
        codePoint = bits;
        pending = 1;
        missing = continuationBytes;
        lower = nextLower;
        upper = nextUpper;
    }

    private void replacePending(StringBuilder out) {
        out.append(String.valueOf(REPLACEMENT).repeat(replaceEachByte ? pending : 1));
        pending = 0;
        missing = 0;
    }
}
