package dev.kvasir.runner.template;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes values as JSON the way Python's {@code json.dumps(value, ensure_ascii=False)} does, space for space. */
final class JsonText {
    static final int MAX_DEPTH = 200;

    private final StringBuilder out = new StringBuilder();
    private final Scope.Budget budget;
    private final int indent;
    private final boolean sortKeys;
    private final String itemSeparator;
    private final String keySeparator;

    private JsonText(Scope.Budget budget, int indent, boolean sortKeys, String itemSeparator, String keySeparator) {
        this.budget = budget;
        this.indent = indent;
        this.sortKeys = sortKeys;
        this.itemSeparator = itemSeparator;
        this.keySeparator = keySeparator;
    }

    /** The filter: {@code value | tojson(indent=none, separators=none, sort_keys=false)}. */
    static String of(Object value, Callable.Arguments arguments) {
        Object indent = arguments.named().getOrDefault("indent", arguments.get(0, "indent", None.NONE));
        int width = -1;
        if (indent instanceof Long number) {
            if (number < 0 || number > 32) {
                throw new JinjaException("tojson can't indent by " + number);
            }
            width = number.intValue();
        }
        List<Object> separators = Values.elements(
                arguments.named().getOrDefault("separators", List.of()) instanceof None
                        ? List.of()
                        : arguments.named().getOrDefault("separators", List.of()));
        JsonText json = new JsonText(
                arguments.scope().budget(),
                width,
                Values.isTrue(arguments.named().getOrDefault("sort_keys", false)),
                separators.size() == 2 ? Values.text(separators.get(0)) : width < 0 ? ", " : ",",
                separators.size() == 2 ? Values.text(separators.get(1)) : ": ");
        json.write(value, 0);
        return json.out.toString();
    }

    private void write(Object value, int depth) {
        if (depth > MAX_DEPTH) {
            throw new JinjaException("a value is nested more than " + MAX_DEPTH + " deep");
        }
        budget.spend(1);
        budget.checkLength(out.length());
        if (value instanceof String text) {
            quote(text);
        } else if (value instanceof None) {
            out.append("null");
        } else if (value instanceof Boolean) {
            out.append(value);
        } else if (value instanceof Double number) {
            out.append(
                    Double.isNaN(number)
                            ? "NaN"
                            : Double.isInfinite(number)
                                    ? number > 0 ? "Infinity" : "-Infinity"
                                    : Values.floatText(number));
        } else if (value instanceof Number) {
            out.append(value);
        } else if (value instanceof List<?> list) {
            writeList(list, depth);
        } else if (value instanceof Map<?, ?> map) {
            writeMap(map, depth);
        } else {
            throw new JinjaException("'" + Values.typeName(value) + "' can't be written as JSON");
        }
    }

    private void writeList(List<?> list, int depth) {
        out.append('[');
        boolean first = true;
        for (Object element : list) {
            separate(first, depth + 1);
            first = false;
            write(Values.of(element), depth + 1);
        }
        close(']', first, depth);
    }

    private void writeMap(Map<?, ?> map, int depth) {
        out.append('{');
        boolean first = true;
        Map<Object, Object> sorted = new TreeMap<>((a, b) -> Values.compare(Values.of(a), Values.of(b)));
        if (sortKeys) {
            map.forEach((key, value) -> sorted.put(Values.of(key), Values.of(value)));
        }
        for (Map.Entry<?, ?> entry : (sortKeys ? sorted : map).entrySet()) {
            separate(first, depth + 1);
            first = false;
            quote(Values.text(Values.of(entry.getKey())));
            out.append(keySeparator);
            write(Values.of(entry.getValue()), depth + 1);
        }
        close('}', first, depth);
    }

    private void separate(boolean first, int depth) {
        if (!first) {
            out.append(itemSeparator);
        }
        newline(depth);
    }

    private void close(char bracket, boolean empty, int depth) {
        if (!empty) {
            newline(depth);
        }
        out.append(bracket);
    }

    private void newline(int depth) {
        if (indent >= 0) {
            out.append('\n').append(" ".repeat(indent * depth));
        }
    }

    private void quote(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < 0x20) {
                        out.append("\\u00")
                                .append(Character.forDigit(c >> 4, 16))
                                .append(Character.forDigit(c & 15, 16));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
