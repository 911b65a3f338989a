package dev.kvasir.benchmarks.training.corpus;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Text with alternatives and slots: {@code [big|small] dog} is one of two, {@code {name}} stands for what the slot holds, and
 * {@code {Name}} for the same with a capital. Alternatives may nest, and outside brackets {@code |} splits the whole text.
 */
public final class Template {
    private Template() {}

    /** Returns the text with all choices made, blanks around and twice removed. */
    public static String fill(String template, Map<String, String> slots, RandomGenerator random) {
        return expand(template, slots, random).strip().replaceAll(" {2,}", " ").replaceAll(" (?=[.,?!])", "");
    }

    private static String expand(String template, Map<String, String> slots, RandomGenerator random) {
        String chosen = Pick.one(random, alternatives(template));
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < chosen.length(); at++) {
            char c = chosen.charAt(at);
            if (c == '[') {
                int close = closing(chosen, at);
                text.append(expand(chosen.substring(at + 1, close), slots, random));
                at = close;
            } else if (c == '{') {
                int close = chosen.indexOf('}', at);
                text.append(slot(chosen.substring(at + 1, close), slots));
                at = close;
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    private static String slot(String name, Map<String, String> slots) {
        String value = slots.get(name.toLowerCase(Locale.ROOT));
        if (value == null) {
            throw new IllegalArgumentException("no slot '" + name + "' among " + slots.keySet());
        }
        return Character.isUpperCase(name.charAt(0)) ? capitalise(value) : value;
    }

    /** Returns the text with its first letter in upper case. */
    public static String capitalise(String text) {
        return text.isEmpty() ? text : Character.toUpperCase(text.charAt(0)) + text.substring(1);
    }

    private static List<String> alternatives(String template) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int at = 0; at < template.length(); at++) {
            char c = template.charAt(at);
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            if (c == '|' && depth == 0) {
                parts.add(template.substring(start, at));
                start = at + 1;
            }
        }
        parts.add(template.substring(start));
        return parts;
    }

    private static int closing(String text, int open) {
        int depth = 0;
        for (int at = open; at < text.length(); at++) {
            char c = text.charAt(at);
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            if (depth == 0) {
                return at;
            }
        }
        throw new IllegalArgumentException("'[' at " + open + " is never closed: " + text);
    }
}
