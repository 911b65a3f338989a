package dev.kvasir.runner.template;

import dev.kvasir.runner.template.Callable.Arguments;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Python's string methods, those that templates use. */
final class StringMethods {
    private StringMethods() {}

    static @Nullable Callable find(String text, String name) {
        return switch (name) {
            case "strip" -> arguments -> strip(text, arguments, true, true);
            case "lstrip" -> arguments -> strip(text, arguments, true, false);
            case "rstrip" -> arguments -> strip(text, arguments, false, true);
            case "split" -> arguments -> split(text, arguments, false);
            case "rsplit" -> arguments -> split(text, arguments, true);
            case "splitlines" -> arguments -> splitLines(text);
            case "partition" -> arguments -> partition(text, text.indexOf(arguments.text(0, "sep")), arguments, false);
            case "rpartition" ->
                arguments -> partition(text, text.lastIndexOf(arguments.text(0, "sep")), arguments, true);
            case "startswith" -> arguments -> any(arguments, text::startsWith);
            case "endswith" -> arguments -> any(arguments, text::endsWith);
            case "upper" -> arguments -> text.toUpperCase(Locale.ROOT);
            case "lower" -> arguments -> text.toLowerCase(Locale.ROOT);
            case "title" -> arguments -> title(text);
            case "capitalize" -> arguments -> capitalize(text);
            case "replace" -> arguments -> replace(text, arguments);
            case "join" ->
                arguments -> join(text, Values.elements(arguments.required(0, "iterable")), arguments.scope());
            case "find" -> arguments -> find(text, text.indexOf(arguments.text(0, "sub")));
            case "rfind" -> arguments -> find(text, text.lastIndexOf(arguments.text(0, "sub")));
            case "count" ->
                arguments -> (long) pieces(text, arguments.text(0, "sub"), -1).size() - 1;
            case "removeprefix" ->
                arguments -> {
                    String prefix = arguments.text(0, "prefix");
                    return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
                };
            case "removesuffix" ->
                arguments -> {
                    String suffix = arguments.text(0, "suffix");
                    return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
                };
            case "isdigit", "isnumeric", "isdecimal" -> arguments -> all(text, Character::isDigit);
            case "isalpha" -> arguments -> all(text, Character::isLetter);
            case "isalnum" -> arguments -> all(text, Character::isLetterOrDigit);
            case "isspace" -> arguments -> all(text, StringMethods::isSpace);
            case "isupper" ->
                arguments -> !text.equals(text.toLowerCase(Locale.ROOT)) && text.equals(text.toUpperCase(Locale.ROOT));
            case "islower" ->
                arguments -> !text.equals(text.toUpperCase(Locale.ROOT)) && text.equals(text.toLowerCase(Locale.ROOT));
            case "format" -> arguments -> format(text, arguments);
            default -> null;
        };
    }

    /** What Python counts as white space: Unicode's, and the four separators of ASCII. */
    static boolean isSpace(int c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == 0x85;
    }

    static String strip(String text, Arguments arguments, boolean left, boolean right) {
        Object chars = arguments.get(0, "chars", None.NONE);
        IntPredicate drop = chars instanceof String set ? c -> set.indexOf(c) >= 0 : StringMethods::isSpace;
        int from = 0;
        int to = text.length();
        while (left && from < to && drop.test(text.codePointAt(from))) {
            from += Character.charCount(text.codePointAt(from));
        }
        while (right && to > from && drop.test(text.codePointBefore(to))) {
            to -= Character.charCount(text.codePointBefore(to));
        }
        return text.substring(from, to);
    }

    private static List<Object> split(String text, Arguments arguments, boolean fromRight) {
        Object separator = arguments.get(0, "sep", None.NONE);
        int limit = arguments.integer(1, "maxsplit", -1);
        arguments.scope().budget().spend(text.length() / 16);
        if (separator instanceof String by) {
            if (by.isEmpty()) {
                throw new JinjaException("the separator is empty");
            }
            return fromRight ? rightPieces(text, by, limit) : pieces(text, by, limit);
        }
        if (fromRight && limit >= 0) {
            throw new JinjaException("rsplit with a limit needs a separator");
        }
        List<Object> words = new ArrayList<>();
        String trimmed = strip(text, arguments.rest(2), true, true);
        int from = 0;
        while (from < trimmed.length()) {
            int end = words.size() == limit ? trimmed.length() : from;
            while (end < trimmed.length() && !isSpace(trimmed.charAt(end))) {
                end++;
            }
            words.add(trimmed.substring(from, end));
            from = end;
            while (from < trimmed.length() && isSpace(trimmed.charAt(from))) {
                from++;
            }
        }
        return words;
    }

    private static List<Object> pieces(String text, String separator, int limit) {
        if (separator.isEmpty()) {
            throw new JinjaException("the separator is empty");
        }
        List<Object> pieces = new ArrayList<>();
        int from = 0;
        for (int at = text.indexOf(separator); at >= 0 && pieces.size() != limit; at = text.indexOf(separator, from)) {
            pieces.add(text.substring(from, at));
            from = at + separator.length();
        }
        pieces.add(text.substring(from));
        return pieces;
    }

    private static List<Object> rightPieces(String text, String separator, int limit) {
        List<Object> pieces = new ArrayList<>();
        int to = text.length();
        while (pieces.size() != limit) {
            int at = text.lastIndexOf(separator, to - separator.length());
            if (at < 0 || to < separator.length()) {
                break;
            }
            pieces.add(text.substring(at + separator.length(), to));
            to = at;
        }
        pieces.add(text.substring(0, to));
        Collections.reverse(pieces);
        return pieces;
    }

    private static List<Object> splitLines(String text) {
        List<Object> lines = new ArrayList<>();
        text.lines().forEach(lines::add);
        return lines;
    }

    private static List<Object> partition(String text, int at, Arguments arguments, boolean right) {
        String separator = arguments.text(0, "sep");
        if (at < 0) {
            return right ? List.of("", "", text) : List.of(text, "", "");
        }
        return List.of(text.substring(0, at), separator, text.substring(at + separator.length()));
    }

    private static boolean any(Arguments arguments, Predicate<String> test) {
        Object wanted = arguments.required(0, "prefix");
        if (wanted instanceof List<?> list) {
            return list.stream().anyMatch(one -> one instanceof String text && test.test(text));
        }
        if (wanted instanceof String text) {
            return test.test(text);
        }
        throw new JinjaException("a string is compared with '" + Values.typeName(wanted) + "'");
    }

    static String title(String text) {
        StringBuilder result = new StringBuilder(text.length());
        boolean inWord = false;
        for (int c : text.codePoints().toArray()) {
            result.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
            inWord = Character.isLetter(c);
        }
        return result.toString();
    }

    static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        int first = text.codePointAt(0);
        return Character.toString(Character.toTitleCase(first))
                + text.substring(Character.charCount(first)).toLowerCase(Locale.ROOT);
    }

    static String replace(String text, Arguments arguments) {
        String old = arguments.text(0, "old");
        String replacement = arguments.text(1, "new");
        int count = arguments.get(2, "count", None.NONE) instanceof Long limit ? Math.toIntExact(limit) : -1;
        if (old.isEmpty()) {
            throw new JinjaException("replace needs something to replace");
        }
        List<Object> pieces = pieces(text, old, count);
        return join(replacement, pieces, arguments.scope());
    }

    static String join(String separator, List<Object> elements, Scope scope) {
        long chars = 0;
        List<String> texts = new ArrayList<>(elements.size());
        for (Object element : elements) {
            String text = Values.text(element);
            chars += text.length() + separator.length();
            scope.budget().checkLength(chars);
            texts.add(text);
        }
        scope.budget().spend(elements.size());
        return String.join(separator, texts);
    }

    private static long find(String text, int at) {
        return at < 0 ? -1 : text.codePointCount(0, at);
    }

    private static boolean all(String text, IntPredicate test) {
        return !text.isEmpty() && text.codePoints().allMatch(test);
    }

    /** {@code "{} and {name}".format(..)}, without format specifications. */
    private static String format(String text, Arguments arguments) {
        StringBuilder result = new StringBuilder();
        int next = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean doubled = i + 1 < text.length() && text.charAt(i + 1) == c;
            if ((c == '{' || c == '}') && doubled) {
                result.append(c);
                i++;
            } else if (c == '{') {
                int end = text.indexOf('}', i);
                String field = end < 0 ? "" : text.substring(i + 1, end);
                if (end < 0 || !field.matches("\\w*")) {
                    throw new JinjaException("format doesn't know '" + text.substring(i) + "'");
                }
                boolean isIndex = field.matches("\\d{1,4}");
                int index = field.isEmpty() ? next++ : isIndex ? Integer.parseInt(field) : Integer.MAX_VALUE;
                result.append(Values.text(arguments.required(index, field)));
                i = end;
            } else {
                result.append(c);
            }
            arguments.scope().budget().checkLength(result.length());
        }
        return result.toString();
    }
}
