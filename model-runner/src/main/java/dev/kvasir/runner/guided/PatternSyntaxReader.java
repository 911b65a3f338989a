package dev.kvasir.runner.guided;

import dev.kvasir.runner.Guides.GuideException;

/** Reads the text of a pattern, character by character, and says where it is wrong. */
final class PatternSyntaxReader {
    private final String text;
    private final String what;
    private int at;

    PatternSyntaxReader(String text, String what) {
        this.text = text;
        this.what = what;
    }

    boolean isAtEnd() {
        return at >= text.length();
    }

    /** Returns the next code point without taking it, -1 at the end. */
    int peek() {
        return isAtEnd() ? -1 : text.codePointAt(at);
    }

    int take() throws GuideException {
        if (isAtEnd()) {
            throw error("it ends too early");
        }
        int c = text.codePointAt(at);
        at += Character.charCount(c);
        if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
            throw error("it has half a surrogate pair");
        }
        return c;
    }

    boolean takeIf(String expected) {
        if (text.startsWith(expected, at)) {
            at += expected.length();
            return true;
        }
        return false;
    }

    boolean looksAt(String expected) {
        return text.startsWith(expected, at);
    }

    /** Returns whether a rule's name and {@code ::=} stand here. */
    boolean isRuleAhead() {
        int i = at;
        while (i < text.length() && isOfName(text.charAt(i))) {
            i++;
        }
        if (i == at) {
            return false;
        }
        while (i < text.length() && Character.isWhitespace(text.charAt(i))) {
            i++;
        }
        return text.startsWith("::=", i);
    }

    static boolean isOfName(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    }

    void expect(String expected) throws GuideException {
        if (!takeIf(expected)) {
            throw error("'" + expected + "' is missing");
        }
    }

    /** Takes decimal digits. */
    int number() throws GuideException {
        int begin = at;
        while (!isAtEnd() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (begin == at || at - begin > 6) {
            throw error("a number of 1 to 6 digits is missing");
        }
        return Integer.parseInt(text.substring(begin, at));
    }

    int hex(int digits) throws GuideException {
        int value = 0;
        for (int i = 0; i < digits; i++) {
            int digit = Character.digit(take(), 16);
            if (digit < 0) {
                throw error("a hexadecimal digit is missing");
            }
            value = value * 16 + digit;
        }
        return value;
    }

    /**
     * Reads {@code min} and {@code max} of a quantifier that stands here.
     *
     * @return null if none does
     */
    int @org.jspecify.annotations.Nullable [] quantifier() throws GuideException {
        if (takeIf("*")) {
            return new int[] {0, -1};
        }
        if (takeIf("+")) {
            return new int[] {1, -1};
        }
        if (takeIf("?")) {
            return new int[] {0, 1};
        }
        if (!takeIf("{")) {
            return null;
        }
        int min = looksAt(",") ? 0 : number();
        int max = min;
        if (takeIf(",")) {
            max = looksAt("}") ? -1 : number();
        }
        expect("}");
        if (max >= 0 && max < min) {
            throw error("a repetition of " + min + " to " + max + " times can't be");
        }
        return new int[] {min, max};
    }

    GuideException error(String message) {
        return new GuideException(what + " is wrong at character " + Math.min(at, text.length()) + ": " + message);
    }

    GuideException unsupported(String construct) {
        return new GuideException(what + " has " + construct + " at character " + Math.min(at, text.length())
                + ", which isn't supported");
    }
}
