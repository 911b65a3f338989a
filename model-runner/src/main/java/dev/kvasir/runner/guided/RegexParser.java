package dev.kvasir.runner.guided;

import dev.kvasir.runner.Guides.GuideException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Parses regular expressions as ECMA-262 writes them, but what isn't regular: back references, looking around, word boundaries. Where dialects
 * differ in what a class matches ({@code \s}, the dot), what they have in common is taken.
 */
final class RegexParser {
    /** Stand for the places before the first and behind the last character; no text has them. */
    static final int BEGIN = 0xd800;

    static final int END = 0xd801;

    private final PatternSyntaxReader in;

    private RegexParser(PatternSyntaxReader in) {
        this.in = in;
    }

    private static String shown(String regex) {
        return "'" + (regex.length() > 60 ? regex.substring(0, 60) + ".." : regex) + "'";
    }

    /** Parses; {@code ^} and {@code $} become the characters {@link #BEGIN} and {@link #END}. */
    static Pattern parse(String regex) throws GuideException {
        RegexParser parser = new RegexParser(new PatternSyntaxReader(regex, "the pattern " + shown(regex)));
        Pattern pattern = parser.choice(0);
        if (!parser.in.isAtEnd()) {
            throw parser.in.error("a ')' has no '('");
        }
        return pattern;
    }

    /** Reads a class of characters from behind its opening bracket. */
    static Pattern charClass(PatternSyntaxReader in) throws GuideException {
        return new Pattern.Chars(new RegexParser(in).charClass());
    }

    private Pattern choice(int depth) throws GuideException {
        Limits.depth(depth);
        List<Pattern> parts = new ArrayList<>();
        do {
            parts.add(sequence(depth));
        } while (in.takeIf("|"));
        return parts.size() == 1 ? parts.get(0) : new Pattern.Choice(parts);
    }

    private Pattern sequence(int depth) throws GuideException {
        List<Pattern> parts = new ArrayList<>();
        while (!in.isAtEnd() && !in.looksAt("|") && !in.looksAt(")")) {
            Pattern atom = atom(depth);
            int[] times = in.quantifier();
            if (times != null) {
                in.takeIf("?"); // lazy or not, the same texts match
                if (in.looksAt("+")) {
                    throw in.unsupported("a possessive quantifier");
                }
                atom = new Pattern.Repeat(atom, times[0], times[1]);
            }
            parts.add(atom);
        }
        return parts.size() == 1 ? parts.get(0) : new Pattern.Sequence(parts);
    }

    private Pattern atom(int depth) throws GuideException {
        int c = in.take();
        return switch (c) {
            case '(' -> group(depth);
            case '[' -> new Pattern.Chars(charClass());
            case '.' -> new Pattern.Chars(CharSet.dot());
            case '^' -> new Pattern.Chars(new int[] {BEGIN, BEGIN});
            case '$' -> new Pattern.Chars(new int[] {END, END});
            case '\\' -> new Pattern.Chars(escape(false));
            case '*', '+', '?' -> throw in.error("there is nothing to repeat");
            default -> new Pattern.Chars(new int[] {c, c});
        };
    }

    private Pattern group(int depth) throws GuideException {
        if (in.takeIf("?")) {
            if (in.looksAt("=") || in.looksAt("!") || in.looksAt("<=") || in.looksAt("<!")) {
                throw in.unsupported("a look-around");
            }
            if (in.takeIf("<")) {
                while (in.take() != '>') {
                    // the name of a group
                }
            } else if (!in.takeIf(":")) {
                throw in.unsupported("a group with options");
            }
        }
        Pattern inner = choice(depth + 1);
        in.expect(")");
        return inner;
    }

    private int[] charClass() throws GuideException {
        boolean negated = in.takeIf("^");
        BitSet set = new BitSet();
        boolean first = true;
        while (first || !in.looksAt("]")) {
            if (first && in.looksAt("]")) {
                break; // [] matches nothing, [^] anything
            }
            first = false;
            int[] low = classAtom();
            boolean single = low.length == 2 && low[0] == low[1];
            if (single && in.looksAt("-") && !in.looksAt("-]")) {
                in.take();
                int[] high = classAtom();
                if (high.length != 2 || high[0] != high[1] || high[0] < low[0]) {
                    throw in.error("a range of characters is wrong");
                }
                set.set(low[0], high[0] + 1);
            } else {
                CharSet.add(set, low);
            }
        }
        in.expect("]");
        int[] ranges = CharSet.ranges(set);
        return negated ? CharSet.negate(ranges) : ranges;
    }

    private int[] classAtom() throws GuideException {
        int c = in.take();
        return c == '\\' ? escape(true) : new int[] {c, c};
    }

    private int[] escape(boolean inClass) throws GuideException {
        int c = in.take();
        return switch (c) {
            case 'd' -> CharSet.DIGITS;
            case 'D' -> CharSet.negate(CharSet.DIGITS);
            case 'w' -> CharSet.WORD;
            case 'W' -> CharSet.negate(CharSet.WORD);
            case 's' -> CharSet.SPACE;
            case 'S' -> CharSet.notSpace();
            case 'n' -> one('\n');
            case 'r' -> one('\r');
            case 't' -> one('\t');
            case 'f' -> one('\f');
            case 'v' -> one(0x0b);
            case '0' -> one(0);
            case 'x' -> one(in.hex(2));
            case 'u' -> one(unicode());
            case 'b' -> {
                if (inClass) {
                    yield one('\b');
                }
                throw in.unsupported("a word boundary");
            }
            case 'B' -> throw in.unsupported("a word boundary");
            case 'p', 'P' -> throw in.unsupported("a Unicode property");
            case 'k' -> throw in.unsupported("a back reference");
            default -> {
                if (c >= '1' && c <= '9') {
                    throw in.unsupported("a back reference");
                }
                if (c < 128 && Character.isLetter(c)) {
                    throw in.unsupported("the escape \\" + (char) c);
                }
                yield one(c);
            }
        };
    }

    private int unicode() throws GuideException {
        if (!in.takeIf("{")) {
            int unit = in.hex(4);
            if (Character.isHighSurrogate((char) unit) && in.takeIf("\\u")) {
                return Character.toCodePoint((char) unit, (char) in.hex(4));
            }
            return unit;
        }
        int value = 0;
        while (!in.takeIf("}")) {
            value = value * 16 + in.hex(1);
            if (value > Character.MAX_CODE_POINT) {
                throw in.error("there is no such character");
            }
        }
        return value;
    }

    private int[] one(int c) throws GuideException {
        if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
            throw in.error("half a surrogate pair is no character");
        }
        return new int[] {c, c};
    }
}
