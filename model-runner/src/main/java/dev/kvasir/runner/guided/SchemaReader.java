package dev.kvasir.runner.guided;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.Guides.GuideException;
import java.math.BigDecimal;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads keywords of one schema, and says where one is wrong. */
record SchemaReader(ObjectNode node, String path) {
    private static final Set<String> ANNOTATIONS = Set.of(
            "title",
            "description",
            "default",
            "examples",
            "example",
            "$schema",
            "$id",
            "id",
            "$comment",
            "$anchor",
            "deprecated",
            "readOnly",
            "writeOnly",
            "$defs",
            "definitions",
            "contentEncoding",
            "contentMediaType",
            "discriminator",
            "nullable",
            "strict");
    /** What can't be said with a grammar. */
    private static final Set<String> UNSUPPORTED = Set.of(
            "not",
            "if",
            "then",
            "else",
            "dependentRequired",
            "dependentSchemas",
            "dependencies",
            "contains",
            "minContains",
            "maxContains",
            "$dynamicRef",
            "$recursiveRef",
            "contentSchema",
            "additionalItems");

    /** Returns the schema without what has no bearing on which values are valid. */
    SchemaReader withoutAnnotations() throws GuideException {
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        for (Iterator<Map.Entry<String, JsonNode>> it = node.fields(); it.hasNext(); ) {
            Map.Entry<String, JsonNode> entry = it.next();
            if (UNSUPPORTED.contains(entry.getKey())) {
                throw unsupported(entry.getKey());
            }
            if (!ANNOTATIONS.contains(entry.getKey())) {
                kept.set(entry.getKey(), entry.getValue());
            }
        }
        return new SchemaReader(kept, path);
    }

    @Nullable
    JsonNode get(String keyword) {
        return node.get(keyword);
    }

    boolean hasAny(String... keywords) {
        for (String keyword : keywords) {
            if (node.has(keyword)) {
                return true;
            }
        }
        return false;
    }

    int count(String keyword, int absent) throws GuideException {
        JsonNode value = node.get(keyword);
        if (value == null) {
            return absent;
        }
        BigDecimal number = value.isNumber() ? value.decimalValue() : BigDecimal.valueOf(-1);
        if (number.signum() < 0 || number.stripTrailingZeros().scale() > 0) {
            throw wrong(keyword, "must be a whole number that isn't negative");
        }
        return number.min(BigDecimal.valueOf(Integer.MAX_VALUE)).intValue();
    }

    @Nullable
    BigDecimal number(String keyword) throws GuideException {
        JsonNode value = node.get(keyword);
        if (value == null) {
            return null;
        }
        if (!value.isNumber() || Math.abs((long) value.decimalValue().scale()) > 10_000) {
            throw wrong(keyword, "must be a number");
        }
        return value.decimalValue();
    }

    @Nullable
    String text(String keyword) throws GuideException {
        JsonNode value = node.get(keyword);
        if (value == null) {
            return null;
        }
        if (!value.isTextual()) {
            throw wrong(keyword, "must be a string");
        }
        return value.textValue();
    }

    boolean bool(String keyword) throws GuideException {
        JsonNode value = node.get(keyword);
        if (value != null && !value.isBoolean()) {
            throw wrong(keyword, "must be true or false");
        }
        return value != null && value.booleanValue();
    }

    /** Returns an array's items; none where it is absent. */
    Iterable<JsonNode> items(String keyword) throws GuideException {
        JsonNode value = node.get(keyword);
        if (value == null) {
            return Set.of();
        }
        if (!value.isArray()) {
            throw wrong(keyword, "must be an array");
        }
        return value;
    }

    ObjectNode object(String keyword) throws GuideException {
        JsonNode value = node.get(keyword);
        if (value == null) {
            return JsonNodeFactory.instance.objectNode();
        }
        if (!(value instanceof ObjectNode object)) {
            throw wrong(keyword, "must be an object");
        }
        return object;
    }

    /** Returns the types that are named; none where there is no {@code type}. */
    Set<String> types() throws GuideException {
        Set<String> types = new LinkedHashSet<>();
        JsonNode type = node.get("type");
        if (type == null) {
            return types;
        }
        if (type.isTextual()) {
            types.add(type.textValue());
        } else {
            for (JsonNode item : items("type")) {
                types.add(item.asText());
            }
        }
        for (String name : types) {
            if (!Set.of("string", "number", "integer", "boolean", "null", "object", "array")
                    .contains(name)) {
                throw wrong("type", "has no '" + (name.length() > 40 ? name.substring(0, 40) + ".." : name) + "'");
            }
        }
        if (types.isEmpty()) {
            throw wrong("type", "must not be empty");
        }
        return types;
    }

    String at(String keyword) {
        return path + "/" + keyword;
    }

    GuideException unsupported(String keyword) {
        return new GuideException("'" + keyword + "' at " + shown(path) + " isn't supported");
    }

    GuideException wrong(String keyword, String message) {
        return new GuideException("'" + keyword + "' at " + shown(path) + " " + message);
    }

    static String shown(String path) {
        return path.length() > 200 ? path.substring(0, 200) + ".." : path;
    }
}
