package dev.kvasir.runner.guided;

/**
 * A JSON string of {@code min} to {@code max} characters, from behind its opening quotation mark to the closing one. Characters are counted by the thread, not
 * by states: an automaton for 10,000 characters would need a mask for each of them.
 */
final class StringTerminal implements Terminal {
    /** Between two characters; here the string may end. */
    static final int BETWEEN = 0;
    /** Behind the closing quotation mark. */
    static final int CLOSED = -2;

    private static final int ESCAPE = 1;
    private static final int HEX4 = 2; // \\u
    private static final int HEX3_LOW = 3; // \\ud: no surrogate may follow
    private static final int HEX3 = 4;
    private static final int HEX2 = 5;
    private static final int HEX1 = 6;
    private static final int MORE1 = 7; // continuation bytes of UTF-8
    private static final int MORE2 = 8;
    private static final int MORE3 = 9;
    private static final int AFTER_E0 = 10; // no overlong forms
    private static final int AFTER_ED = 11; // no surrogates
    private static final int AFTER_F0 = 12;
    private static final int AFTER_F4 = 13;
    static final int STATES = 14;

    /** The state after a byte, {@link #CLOSED}, or {@link ByteDfa#DEAD}; the same for all strings. */
    private static final byte[] NEXT = new byte[STATES * 256];

    static {
        java.util.Arrays.fill(NEXT, (byte) ByteDfa.DEAD);
        range(BETWEEN, 0x20, 0x7f, BETWEEN);
        range(BETWEEN, '"', '"', CLOSED);
        range(BETWEEN, '\\', '\\', ESCAPE);
        range(BETWEEN, 0xc2, 0xdf, MORE1);
        range(BETWEEN, 0xe1, 0xef, MORE2);
        range(BETWEEN, 0xe0, 0xe0, AFTER_E0);
        range(BETWEEN, 0xed, 0xed, AFTER_ED);
        range(BETWEEN, 0xf1, 0xf3, MORE3);
        range(BETWEEN, 0xf0, 0xf0, AFTER_F0);
        range(BETWEEN, 0xf4, 0xf4, AFTER_F4);
        range(MORE1, 0x80, 0xbf, BETWEEN);
        range(MORE2, 0x80, 0xbf, MORE1);
        range(MORE3, 0x80, 0xbf, MORE2);
        range(AFTER_E0, 0xa0, 0xbf, MORE1);
        range(AFTER_ED, 0x80, 0x9f, MORE1);
        range(AFTER_F0, 0x90, 0xbf, MORE2);
        range(AFTER_F4, 0x80, 0x8f, MORE2);
        for (char c : "\"\\/bfnrt".toCharArray()) {
            range(ESCAPE, c, c, BETWEEN);
        }
        range(ESCAPE, 'u', 'u', HEX4);
        hex(HEX4, HEX3);
        range(HEX4, 'd', 'd', HEX3_LOW);
        range(HEX4, 'D', 'D', HEX3_LOW);
        range(HEX3_LOW, '0', '7', HEX2);
        hex(HEX3, HEX2);
        hex(HEX2, HEX1);
        hex(HEX1, BETWEEN);
    }

    final int min;
    final int max; // Integer.MAX_VALUE for any number

    StringTerminal(int min, int max) {
        this.min = min;
        this.max = max;
    }

    private static void range(int state, int first, int last, int next) {
        java.util.Arrays.fill(NEXT, state * 256 + first, state * 256 + last + 1, (byte) next);
    }

    private static void hex(int state, int next) {
        range(state, '0', '9', next);
        range(state, 'a', 'f', next);
        range(state, 'A', 'F', next);
    }

    static int step(int state, byte b) {
        return NEXT[state * 256 + (b & 0xff)];
    }
}
