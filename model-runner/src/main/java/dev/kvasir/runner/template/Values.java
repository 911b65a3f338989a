package dev.kvasir.runner.template;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What Python does with values: truth, text, equality, order, iteration. */
final class Values {
    private Values() {}

    /** Returns a value that came from outside as the interpreter knows it. */
    static Object of(@Nullable Object value) {
        if (value == null) {
            return None.NONE;
        }
        if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        if (value instanceof Float || value instanceof BigDecimal) {
            return ((Number) value).doubleValue();
        }
        return value instanceof Character ? value.toString() : value;
    }

    static boolean isTrue(Object value) {
        if (value instanceof Boolean flag) {
            return flag;
        }
        if (value instanceof String text) {
            return !text.isEmpty();
        }
        if (value instanceof Number number) {
            return number.doubleValue() != 0;
        }
        if (value instanceof Collection<?> collection) {
            return !collection.isEmpty();
        }
        if (value instanceof Map<?, ?> map) {
            return !map.isEmpty();
        }
        return !(value instanceof None) && !(value instanceof Undefined);
    }

    /** Returns Python's {@code str(value)}. */
    static String text(Object value) {
        return value instanceof String text ? text : repr(value);
    }

    static String repr(Object value) {
        StringBuilder out = new StringBuilder();
        repr(value, out, 0);
        return out.toString();
    }

    private static void repr(Object value, StringBuilder out, int depth) {
        if (depth > JsonText.MAX_DEPTH) {
            throw new JinjaException("a value is nested more than " + JsonText.MAX_DEPTH + " deep");
        }
        if (value instanceof String text) {
            quote(text, out);
        } else if (value instanceof Boolean flag) {
            out.append(flag ? "True" : "False");
        } else if (value instanceof Double number) {
            out.append(floatText(number));
        } else if (value instanceof List<?> list) {
            String separator = "[";
            for (Object element : list) {
                out.append(separator);
                repr(of(element), out, depth + 1);
                separator = ", ";
            }
            out.append(list.isEmpty() ? "[]" : "]");
        } else if (value instanceof Map<?, ?> map) {
            String separator = "{";
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                out.append(separator);
                repr(of(entry.getKey()), out, depth + 1);
                out.append(": ");
                repr(of(entry.getValue()), out, depth + 1);
                separator = ", ";
            }
            out.append(map.isEmpty() ? "{}" : "}");
        } else if (value instanceof Callable || value instanceof Attributes) {
            out.append("<").append(typeName(value)).append(">");
        } else {
            out.append(value);
        }
    }

    /** Returns a float as Python writes it: shortest digits, an exponent from 1e16 on and below 1e-4. */
    static String floatText(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        double size = Math.abs(value);
        if (size == 0 || (size >= 1e-4 && size < 1e16)) {
            String plain =
                    new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
            return value == 0 && 1 / value < 0 ? "-0.0" : plain.contains(".") ? plain : plain + ".0";
        }
        String[] parts = Double.toString(value).split("E", 2);
        int exponent = Integer.parseInt(parts[1]);
        String digits = parts[0].endsWith(".0") ? parts[0].substring(0, parts[0].length() - 2) : parts[0];
        return digits + "e" + (exponent < 0 ? "-" : "+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }

    private static void quote(String text, StringBuilder out) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        out.append(quote);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                    if (c == quote) {
                        out.append('\\').append(c);
                    } else if (c < 0x20 || c == 0x7F) {
                        out.append("\\x").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append(quote);
    }

    static boolean isNumber(Object value) {
        return value instanceof Long || value instanceof Double || value instanceof Boolean;
    }

    /** Returns a number's value; True is 1. */
    static Number number(Object value) {
        if (value instanceof Boolean flag) {
            return flag ? 1L : 0L;
        }
        return (Number) value;
    }

    static boolean equal(Object a, Object b) {
        if (isNumber(a) && isNumber(b)) {
            Number left = number(a);
            Number right = number(b);
            boolean whole = left instanceof Long && right instanceof Long;
            return whole ? left.longValue() == right.longValue() : left.doubleValue() == right.doubleValue();
        }
        if (a instanceof List<?> left && b instanceof List<?> right) {
            if (left.size() != right.size()) {
                return false;
            }
            for (int i = 0; i < left.size(); i++) {
                if (!equal(of(left.get(i)), of(right.get(i)))) {
                    return false;
                }
            }
            return true;
        }
        if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
            return left.size() == right.size()
                    && left.entrySet().stream()
                            .allMatch(entry -> right.containsKey(entry.getKey())
                                    && equal(of(entry.getValue()), of(right.get(entry.getKey()))));
        }
        return a instanceof Undefined ? b instanceof Undefined : Objects.equals(a, b);
    }

    static int compare(Object a, Object b) {
        if (isNumber(a) && isNumber(b)) {
            Number left = number(a);
            Number right = number(b);
            return left instanceof Long && right instanceof Long
                    ? Long.compare(left.longValue(), right.longValue())
                    : Double.compare(left.doubleValue(), right.doubleValue());
        }
        if (a instanceof String left && b instanceof String right) {
            return left.compareTo(right);
        }
        if (a instanceof List<?> left && b instanceof List<?> right) {
            for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
                int order = compare(of(left.get(i)), of(right.get(i)));
                if (order != 0) {
                    return order;
                }
            }
            return Integer.compare(left.size(), right.size());
        }
        throw new JinjaException("'" + typeName(a) + "' and '" + typeName(b) + "' have no order");
    }

    /** Returns what a loop runs over: elements, a map's keys, a text's characters. */
    static List<Object> elements(Object value) {
        List<Object> elements = new ArrayList<>();
        if (value instanceof Collection<?> collection) {
            collection.forEach(element -> elements.add(of(element)));
        } else if (value instanceof Map<?, ?> map) {
            map.keySet().forEach(key -> elements.add(of(key)));
        } else if (value instanceof String text) {
            text.codePoints().forEach(c -> elements.add(Character.toString(c)));
        } else if (!(value instanceof Undefined)) {
            throw new JinjaException("'" + typeName(value) + "' can't be iterated over");
        }
        return elements;
    }

    static boolean contains(Object container, Object element) {
        if (container instanceof String text) {
            if (element instanceof String part) {
                return text.contains(part);
            }
            throw new JinjaException("'" + typeName(element) + "' can't be in a string");
        }
        if (container instanceof Map<?, ?> map) {
            return map.containsKey(element);
        }
        if (container instanceof Undefined) {
            return false;
        }
        for (Object other : elements(container)) {
            if (equal(element, other)) {
                return true;
            }
        }
        return false;
    }

    static long length(Object value) {
        if (value instanceof String text) {
            return text.codePointCount(0, text.length());
        }
        if (value instanceof Collection<?> collection) {
            return collection.size();
        }
        if (value instanceof Map<?, ?> map) {
            return map.size();
        }
        if (value instanceof Undefined) {
            return 0;
        }
        throw new JinjaException("'" + typeName(value) + "' has no length");
    }

    static String typeName(Object value) {
        if (value instanceof String) {
            return "str";
        }
        if (value instanceof Boolean) {
            return "bool";
        }
        if (value instanceof Double) {
            return "float";
        }
        if (value instanceof Number) {
            return "int";
        }
        if (value instanceof Map) {
            return "dict";
        }
        if (value instanceof Collection) {
            return "list";
        }
        if (value instanceof Undefined) {
            return "undefined";
        }
        if (value instanceof Callable) {
            return "function";
        }
        return value instanceof None ? "NoneType" : "namespace";
    }
}
