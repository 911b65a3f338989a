package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the fields of one JSON object as types and ranges; null is absent, as in OpenAI's API. */
public final class Fields {
    private final ObjectNode object;
    private final String prefix;

    /**
     * Wraps an object.
     *
     * @param prefix what stands before its fields' names in errors: empty, or ends with a dot
     */
    public Fields(ObjectNode object, String prefix) {
        this.object = object;
        this.prefix = prefix;
    }

    /** Returns the field's value, or null when it is absent or null. */
    public @Nullable JsonNode get(String name) {
        JsonNode node = object.get(name);
        return node == null || node.isNull() ? null : node;
    }

    /** Returns how an error names the field. */
    public String path(String name) {
        return prefix + name;
    }

    /** Returns a whole number, or null when it is absent. */
    public @Nullable Long integer(String name, long min, long max) {
        JsonNode node = get(name);
        return node == null ? null : integer(path(name), node, min, max);
    }

    /** Returns a whole number. */
    public int integer(String name, int min, int max, int absent) {
        Long value = integer(name, min, max);
        return value == null ? absent : value.intValue();
    }

    /** Returns a value as a whole number. */
    public static long integer(String path, JsonNode node, long min, long max) {
        // 8.0 is a whole number; 1e30 is one too, but out of range.
        if (!node.isNumber() || (!node.isIntegralNumber() && node.doubleValue() % 1 != 0)) {
            throw wrongType(path, "an integer", node);
        }
        boolean fits = node.isIntegralNumber() ? node.canConvertToLong() : Math.abs(node.doubleValue()) < 9e15;
        if (!fits || node.longValue() < min || node.longValue() > max) {
            throw ApiError.badField(
                    path, "'" + path + "' must be from " + min + " to " + max + ", not " + shown(node) + ".");
        }
        return node.longValue();
    }

    /** Returns a number. */
    public double number(String name, double min, double max, double absent) {
        JsonNode node = get(name);
        return node == null ? absent : number(path(name), node, min, max);
    }

    /** Returns a value as a number. */
    public static double number(String path, JsonNode node, double min, double max) {
        if (!node.isNumber()) {
            throw wrongType(path, "a number", node);
        }
        double value = node.doubleValue();
        if (!(value >= min && value <= max)) {
            throw ApiError.badField(
                    path,
                    "'" + path + "' must be from " + plain(min) + " to " + plain(max) + ", not " + shown(node) + ".");
        }
        return value;
    }

    /** Returns a boolean. */
    public boolean bool(String name, boolean absent) {
        JsonNode node = get(name);
        if (node == null) {
            return absent;
        }
        if (!node.isBoolean()) {
            throw wrongType(path(name), "true or false", node);
        }
        return node.booleanValue();
    }

    /** Returns a text, or null when it is absent. */
    public @Nullable String text(String name, int minChars, int maxChars) {
        JsonNode node = get(name);
        return node == null ? null : text(path(name), node, minChars, maxChars);
    }

    /** Returns a value as a text. */
    public static String text(String path, JsonNode node, int minChars, int maxChars) {
        if (!node.isTextual()) {
            throw wrongType(path, "a string", node);
        }
        String text = node.textValue();
        if (text.length() < minChars || text.length() > maxChars) {
            throw ApiError.badField(
                    path,
                    "'" + path + "' must have from " + minChars + " to " + maxChars + " characters, not "
                            + text.length() + ".");
        }
        if (hasLoneSurrogate(text)) {
            throw ApiError.badField(path, "'" + path + "' holds half a surrogate pair, which is no Unicode text.");
        }
        return text;
    }

    /** JSON can spell what UTF-8 can't: an escaped surrogate without its other half. */
    private static boolean hasLoneSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))) {
                i++;
            } else if (Character.isSurrogate(c)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the fields of an object, or null when it is absent. */
    public @Nullable Fields object(String name) {
        JsonNode node = get(name);
        if (node == null) {
            return null;
        }
        if (!(node instanceof ObjectNode inner)) {
            throw wrongType(path(name), "an object", node);
        }
        return new Fields(inner, path(name) + ".");
    }

    /** Checks that there are no fields but these. */
    public void refuseOthersThan(Set<String> known) {
        object.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw ApiError.unknownField(path(name));
            }
        });
    }

    /** Returns the object itself. */
    public ObjectNode node() {
        return object;
    }

    /** Returns that a value is of the wrong type. */
    public static ApiError wrongType(String path, String wanted, JsonNode node) {
        return ApiError.badField(path, "'" + path + "' must be " + wanted + ", not " + kind(node) + ".");
    }

    /** Returns that a field must be there. */
    public static ApiError missing(String path) {
        return ApiError.badField(path, "Missing required parameter: '" + path + "'.");
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            case STRING -> "a string";
            case BOOLEAN -> "a boolean";
            case NUMBER -> shown(node);
            default -> "null";
        };
    }

    private static String shown(JsonNode number) {
        String text = number.asText();
        return text.length() > 40 ? text.substring(0, 40) + ".." : text;
    }

    private static String plain(double bound) {
        return bound == Math.rint(bound) ? String.valueOf((long) bound) : String.valueOf(bound);
    }
}
