package dev.kvasir.runner.guided;

import dev.kvasir.runner.Guides.GuideException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Parses a small EBNF.
 *
 * <pre>
 * root  ::= "answer: " value        # the rule that is begun with; comments go to the end of the line
 * value ::= [0-9]+ | "(" value ("," value){0,3} ")" | 'none'?
 * </pre>
 *
 * <p>Texts stand between quotation marks or apostrophes and have the escapes {@code \n \t \r \\ \" \' \xHH &#92;uHHHH}. Classes are those of regular
 * expressions; what can be repeated is a text, a class, a rule's name, a dot for any character, or a group in parentheses. A rule goes on over line breaks until the next
 * {@code name ::=}.
 */
final class EbnfParser {
    private static final int MOST_RULES = 2_000;

    private final PatternSyntaxReader in;
    private final Limits limits;

    private EbnfParser(String grammar, Limits limits) {
        this.in = new PatternSyntaxReader(grammar, "the grammar");
        this.limits = limits;
    }

    /** Returns the rules by name; each that is named is there, and {@code root} is. */
    static Map<String, Pattern> parse(String grammar, Limits limits) throws GuideException {
        return new EbnfParser(grammar, limits).rules();
    }

    private Map<String, Pattern> rules() throws GuideException {
        Map<String, Pattern> rules = new LinkedHashMap<>();
        for (skip(); !in.isAtEnd(); skip()) {
            String name = name();
            skip();
            in.expect("::=");
            Pattern body = choice(0);
            if (rules.put(name, body) != null) {
                throw in.error("the rule " + SchemaReader.shown(name) + " is there twice");
            }
            if (rules.size() > MOST_RULES) {
                throw in.error("there are more than " + MOST_RULES + " rules");
            }
        }
        if (!rules.containsKey("root")) {
            throw in.error("there is no rule named root");
        }
        for (Pattern body : rules.values()) {
            check(body, rules);
        }
        return rules;
    }

    private void check(Pattern pattern, Map<String, Pattern> rules) throws GuideException {
        if (pattern instanceof Pattern.Rule rule && !rules.containsKey(rule.name())) {
            throw in.error("there is no rule named " + SchemaReader.shown(rule.name()));
        } else if (pattern instanceof Pattern.Sequence sequence) {
            for (Pattern part : sequence.parts()) {
                check(part, rules);
            }
        } else if (pattern instanceof Pattern.Choice choice) {
            for (Pattern part : choice.parts()) {
                check(part, rules);
            }
        } else if (pattern instanceof Pattern.Repeat repeat) {
            check(repeat.part(), rules);
        }
    }

    private Pattern choice(int depth) throws GuideException {
        Limits.depth(depth);
        List<Pattern> parts = new ArrayList<>();
        do {
            parts.add(sequence(depth));
            skip();
        } while (in.takeIf("|"));
        return parts.size() == 1 ? parts.get(0) : new Pattern.Choice(parts);
    }

    private Pattern sequence(int depth) throws GuideException {
        List<Pattern> parts = new ArrayList<>();
        for (skip(); !in.isAtEnd() && !in.looksAt("|") && !in.looksAt(")") && !in.isRuleAhead(); skip()) {
            limits.piece();
            Pattern atom = atom(depth);
            int[] times = in.quantifier();
            parts.add(times == null ? atom : new Pattern.Repeat(atom, times[0], times[1]));
        }
        return parts.size() == 1 ? parts.get(0) : new Pattern.Sequence(parts);
    }

    private Pattern atom(int depth) throws GuideException {
        if (in.takeIf("(")) {
            Pattern inner = choice(depth + 1);
            in.expect(")");
            return inner;
        }
        if (in.takeIf("[")) {
            return RegexParser.charClass(in);
        }
        if (in.takeIf(".")) {
            return new Pattern.Chars(CharSet.any());
        }
        if (in.looksAt("\"") || in.looksAt("'")) {
            return new Pattern.Text(text());
        }
        return new Pattern.Rule(name());
    }

    private String text() throws GuideException {
        int quote = in.take();
        StringBuilder text = new StringBuilder();
        for (int c = in.take(); c != quote; c = in.take()) {
            text.appendCodePoint(c == '\\' ? escape() : c);
        }
        return text.toString();
    }

    private int escape() throws GuideException {
        int c = in.take();
        return switch (c) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case '\\', '"', '\'' -> c;
            case 'x' -> in.hex(2);
            case 'u' -> character(in.hex(4));
            default -> throw in.error("the escape \\" + Character.toString(c) + " isn't known");
        };
    }

    private int character(int c) throws GuideException {
        if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
            throw in.error("half a surrogate pair is no character");
        }
        return c;
    }

    private String name() throws GuideException {
        StringBuilder name = new StringBuilder();
        while (PatternSyntaxReader.isOfName(in.peek()) && name.length() < 100) {
            name.appendCodePoint(in.take());
        }
        if (name.isEmpty()) {
            throw in.error("a rule's name, a text, a class or a group is missing");
        }
        return name.toString();
    }

    /** Skips white space and comments. */
    private void skip() throws GuideException {
        while (!in.isAtEnd()) {
            if (in.takeIf("#")) {
                while (!in.isAtEnd() && in.take() != '\n') {
                    // the comment
                }
            } else if (Character.isWhitespace(in.peek())) {
                in.take();
            } else {
                return;
            }
        }
    }
}
