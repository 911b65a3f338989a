package dev.kvasir.runner.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.ModelLoadException;
import org.jspecify.annotations.Nullable;

/** Typed access to the fields of a JSON object; a wrong type or a value out of bounds is refused by name. */
record JsonFields(String file, ObjectNode node) {
    /** Returns the field, or null if it is absent or null. */
    @Nullable
    JsonNode find(String field) {
        JsonNode value = node.get(field);
        return value == null || value.isNull() ? null : value;
    }

    boolean has(String field) {
        return find(field) != null;
    }

    /** Returns whether the field is there at all, be it null. */
    boolean mentions(String field) {
        return node.has(field);
    }

    int requiredSize(String field, int max) {
        if (!has(field)) {
            throw new ModelLoadException(file + " has no " + field);
        }
        return size(field, 0, max);
    }

    /** Returns a whole number from 1 to {@code max}. */
    int size(String field, int absent, int max) {
        JsonNode value = find(field);
        if (value == null) {
            return absent;
        }
        if (!value.isIntegralNumber()) {
            throw wrongType(field, "a whole number", value);
        }
        if (!value.canConvertToInt() || value.intValue() < 1 || value.intValue() > max) {
            throw new ModelLoadException(
                    file + " has " + field + " " + shown(value) + ", which is not from 1 to " + max);
        }
        return value.intValue();
    }

    double number(String field, double absent) {
        JsonNode value = find(field);
        if (value == null) {
            return absent;
        }
        if (!value.isNumber()) {
            throw wrongType(field, "a number", value);
        }
        double number = value.doubleValue();
        if (!Double.isFinite(number)) {
            throw new ModelLoadException(file + " has " + field + " " + shown(value) + ", which is not finite");
        }
        return number;
    }

    double requiredNumber(String field) {
        if (!has(field)) {
            throw new ModelLoadException(file + " has no " + field);
        }
        return number(field, 0);
    }

    boolean flag(String field, boolean absent) {
        JsonNode value = find(field);
        if (value == null) {
            return absent;
        }
        if (!value.isBoolean()) {
            throw wrongType(field, "true or false", value);
        }
        return value.booleanValue();
    }

    @Nullable
    String text(String field) {
        JsonNode value = find(field);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw wrongType(field, "a string", value);
        }
        return value.textValue();
    }

    @Nullable
    JsonFields object(String field) {
        JsonNode value = find(field);
        if (value == null) {
            return null;
        }
        if (!(value instanceof ObjectNode object)) {
            throw wrongType(field, "an object", value);
        }
        return new JsonFields(file + ", " + field + ",", object);
    }

    ModelLoadException wrongType(String field, String wanted, JsonNode value) {
        return new ModelLoadException(file + " has " + field + " " + shown(value) + ", which is not " + wanted);
    }

    /** Returns a value as it is shown in a message: never long. */
    static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() <= 60 ? text : text.substring(0, 60) + "..";
    }
}
