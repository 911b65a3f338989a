package dev.kvasir.runner.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The alphabet of byte-level BPE (GPT-2): each byte is written as a printable character, so that a vocabulary of byte strings
 * can be stored as text.
 */
final class ByteAlphabet {
    private static final int SIZE = 0x100 + 68;
    private static final short[] BYTE_OF = new short[SIZE];
    private static final char[] CHAR_OF = new char[256];

    static {
        Arrays.fill(BYTE_OF, (short) -1);
        int next = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
            char c = (char) (printable ? b : next++);
            CHAR_OF[b] = c;
            BYTE_OF[c] = (short) b;
        }
    }

    private ByteAlphabet() {}

    /** Returns the character that stands for a byte. */
    static char charOf(byte b) {
        return CHAR_OF[b & 0xFF];
    }

    /** Returns the bytes that a text of the vocabulary stands for; a text with other characters stands for itself. */
    static byte[] bytesOf(String text) {
        byte[] bytes = new byte[text.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = text.charAt(i);
            if (c >= SIZE || BYTE_OF[c] < 0) {
                return text.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) BYTE_OF[c];
        }
        return bytes;
    }
}
