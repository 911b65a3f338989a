package dev.kvasir.runner.template;

import dev.kvasir.runner.template.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Splits a template into tokens, with the white space rules that Hugging Face sets: {@code trim_blocks} and
 * {@code lstrip_blocks}.
 */
final class Lexer {
    /*
     * What happens to space around a tag, as Jinja2 does it:
     *
     *   {%- and -%}  (also {{- {#-)  take all space before or after, new lines too
     *   %} and #}                    take one new line behind them (trim_blocks); +%} doesn't
     *   {% and {#                    take the spaces before them if they are first on their line (lstrip_blocks); {%+ doesn't
     *
     * One new line at the template's end is dropped.
     */
    private static final String[] OPERATORS = {
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=",
        ".", ":", "|", ",", ";"
    };

    private static final Pattern RAW = Pattern.compile("\\s*raw\\s*(-?)%\\}");
    private static final Pattern END_RAW = Pattern.compile("\\{%[-+]?\\s*endraw\\s*(-?)%\\}");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private int line = 1;

    private Lexer(String source) {
        this.source = source;
    }

    static List<Token> tokens(String template) {
        String source = template.replace("\r\n", "\n").replace('\r', '\n');
        if (source.endsWith("\n")) {
            source = source.substring(0, source.length() - 1);
        }
        Lexer lexer = new Lexer(source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        boolean lineStarts = true;
        while (at < source.length()) {
            int tag = nextTag();
            int end = tag < 0 ? source.length() : tag;
            String text = source.substring(at, end);
            if (tag < 0) {
                text(text);
                break;
            }
            char kind = source.charAt(tag + 1);
            char control = tag + 2 < source.length() ? source.charAt(tag + 2) : ' ';
            boolean signed = control == '-' || control == '+';
            if (control == '-') {
                text(text.stripTrailing(), text);
            } else if (kind != '{' && control != '+') {
                text(withoutIndent(text, lineStarts), text);
            } else {
                text(text);
            }
            at = tag + 2 + (signed ? 1 : 0);
            switch (kind) {
                case '#' -> comment();
                case '%' -> {
                    if (!raw()) {
                        tag(Kind.STATEMENT_BEGIN, Kind.STATEMENT_END, "%}");
                    }
                }
                default -> tag(Kind.EXPRESSION_BEGIN, Kind.EXPRESSION_END, "}}");
            }
            lineStarts = at > 0 && source.charAt(at - 1) == '\n';
        }
        tokens.add(new Token(Kind.END, "end of the template", line));
    }

    private int nextTag() {
        for (int i = source.indexOf('{', at); i >= 0 && i + 1 < source.length(); i = source.indexOf('{', i + 1)) {
            char next = source.charAt(i + 1);
            if (next == '{' || next == '%' || next == '#') {
                return i;
            }
        }
        return -1;
    }

    private static String withoutIndent(String text, boolean lineStarts) {
        int start = text.lastIndexOf('\n') + 1;
        if (start == 0 && !lineStarts) {
            return text;
        }
        for (int i = start; i < text.length(); i++) {
            if (text.charAt(i) != ' ' && text.charAt(i) != '\t') {
                return text;
            }
        }
        return text.substring(0, start);
    }

    private void text(String text) {
        text(text, text);
    }

    private void text(String kept, String whole) {
        if (!kept.isEmpty()) {
            tokens.add(new Token(Kind.TEXT, kept, line));
        }
        countLines(whole);
    }

    private void comment() {
        int end = source.indexOf("#}", at);
        if (end < 0) {
            throw error("a comment has no end");
        }
        countLines(source.substring(at, end));
        closeTag(end);
    }

    /** Takes {@code {% raw %} .. {% endraw %}} whole; returns whether it stands here. */
    private boolean raw() {
        Matcher open = RAW.matcher(source).region(at, source.length());
        if (!open.lookingAt()) {
            return false;
        }
        Matcher close = END_RAW.matcher(source);
        if (!close.find(open.end())) {
            throw error("raw has no endraw");
        }
        String text = source.substring(open.end(), close.start());
        boolean stripsEnd = source.charAt(close.start() + 2) == '-';
        // A new line behind raw's opening stays, unlike behind any other tag.
        String kept = open.group(1).equals("-") ? text.stripLeading() : text;
        text(stripsEnd ? kept.stripTrailing() : withoutIndent(kept, false), text);
        closeTag(close.end() - 2);
        return true;
    }

    private void tag(Kind begin, Kind end, String closing) {
        tokens.add(new Token(begin, begin == Kind.STATEMENT_BEGIN ? "{%" : "{{", line));
        Deque<Character> open = new ArrayDeque<>();
        while (true) {
            skipSpace();
            if (at >= source.length()) {
                throw error("a tag has no " + closing);
            }
            if (open.isEmpty()) {
                boolean signed = source.charAt(at) == '-' || source.charAt(at) == '+';
                if (source.startsWith(closing, at + (signed ? 1 : 0))) {
                    tokens.add(new Token(end, closing, line));
                    if (end == Kind.STATEMENT_END || source.charAt(at) == '-') {
                        closeTag(at + (signed ? 1 : 0));
                    } else {
                        at += 2 + (signed ? 1 : 0);
                    }
                    return;
                }
            }
            word(open);
        }
    }

    /** Goes on behind a tag's closing at {@code end} and takes the space that belongs to it. */
    private void closeTag(int end) {
        char control = source.charAt(end - 1);
        at = end + 2;
        int from = at;
        if (control == '-') {
            while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
                at++;
            }
        } else if (control != '+' && at < source.length() && source.charAt(at) == '\n') {
            at++;
        }
        countLines(source.substring(from, at));
    }

    private void word(Deque<Character> open) {
        char c = source.charAt(at);
        if (c == '"' || c == '\'') {
            string(c);
        } else if (Character.isDigit(c)) {
            number();
        } else if (Character.isLetter(c) || c == '_') {
            int start = at;
            while (at < source.length() && (Character.isLetterOrDigit(source.charAt(at)) || source.charAt(at) == '_')) {
                at++;
            }
            tokens.add(new Token(Kind.NAME, source.substring(start, at), line));
        } else {
            operator(open);
        }
    }

    private void operator(Deque<Character> open) {
        for (String operator : OPERATORS) {
            if (source.startsWith(operator, at)) {
                char c = operator.charAt(0);
                if (c == '(' || c == '[' || c == '{') {
                    open.push(c == '(' ? ')' : c == '[' ? ']' : '}');
                } else if (c == ')' || c == ']' || c == '}') {
                    if (open.isEmpty() || open.pop() != c) {
                        throw error("unexpected '" + c + "'");
                    }
                }
                tokens.add(new Token(Kind.OPERATOR, operator, line));
                at += operator.length();
                return;
            }
        }
        throw error("unexpected character '" + Character.toString(source.codePointAt(at)) + "'");
    }

    private void number() {
        int start = at;
        boolean isFloat = false;
        while (at < source.length()) {
            char c = source.charAt(at);
            boolean fraction =
                    c == '.' && !isFloat && at + 1 < source.length() && Character.isDigit(source.charAt(at + 1));
            boolean exponent = (c == 'e' || c == 'E') && exponentFollows();
            if (fraction || exponent) {
                isFloat = true;
                at += exponent ? 2 : 1;
            } else if (!Character.isDigit(c) && c != '_') {
                break;
            }
            at++;
        }
        String digits = source.substring(start, at).replace("_", "");
        tokens.add(new Token(isFloat ? Kind.FLOAT : Kind.INTEGER, digits, line));
    }

    private boolean exponentFollows() {
        int digit = at + 1;
        if (digit < source.length() && (source.charAt(digit) == '-' || source.charAt(digit) == '+')) {
            digit++;
        }
        return digit < source.length() && Character.isDigit(source.charAt(digit));
    }

    private void string(char quote) {
        int startLine = line;
        StringBuilder text = new StringBuilder();
        at++;
        while (at < source.length() && source.charAt(at) != quote) {
            char c = source.charAt(at++);
            if (c == '\n') {
                line++;
            }
            if (c != '\\' || at >= source.length()) {
                text.append(c);
            } else {
                escape(source.charAt(at++), text);
            }
        }
        if (at >= source.length()) {
            throw error("a string has no end");
        }
        at++;
        tokens.add(new Token(Kind.STRING, text.toString(), startLine));
    }

    private void escape(char c, StringBuilder text) {
        switch (c) {
            case 'n' -> text.append('\n');
            case 't' -> text.append('\t');
            case 'r' -> text.append('\r');
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'a' -> text.append('\u0007');
            case 'v' -> text.append('\u000B');
            case '0' -> text.append('\0');
            case '\\', '\'', '"' -> text.append(c);
            case '\n' -> line++;
            case 'x' -> codePoint(2, text);
            case 'u' -> codePoint(4, text);
            case 'U' -> codePoint(8, text);
            default -> text.append('\\').append(c);
        }
    }

    private void codePoint(int digits, StringBuilder text) {
        if (at + digits > source.length()) {
            throw error("a string has no end");
        }
        String hex = source.substring(at, at + digits);
        try {
            text.appendCodePoint(Integer.parseInt(hex, 16));
        } catch (IllegalArgumentException e) {
            throw error("'" + hex + "' is no character code");
        }
        at += digits;
    }

    private void skipSpace() {
        while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
            if (source.charAt(at) == '\n') {
                line++;
            }
            at++;
        }
    }

    private void countLines(String text) {
        line += (int) text.chars().filter(c -> c == '\n').count();
    }

    private JinjaException error(String message) {
        return new JinjaException(message).at(line);
    }
}
