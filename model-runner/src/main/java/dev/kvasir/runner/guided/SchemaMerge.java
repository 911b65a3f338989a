package dev.kvasir.runner.guided;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.Guides.GuideException;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;

/** Makes one schema of two that must both hold, where keywords can be joined; their {@code $ref}s are resolved already. */
final class SchemaMerge {
    private static final Set<String> LOWER =
            Set.of("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties");
    private static final Set<String> UPPER =
            Set.of("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties");

    private SchemaMerge() {}

    static ObjectNode both(ObjectNode a, ObjectNode b, String path) throws GuideException {
        boolean closes = closes(a) || closes(b);
        if (closes && a.has("properties") && b.has("properties")) {
            throw new GuideException("schemas that must both hold, at " + SchemaReader.shown(path)
                    + ", can't have 'additionalProperties' beside 'properties'");
        }
        ObjectNode merged = a.deepCopy();
        for (Iterator<Map.Entry<String, JsonNode>> it = b.fields(); it.hasNext(); ) {
            Map.Entry<String, JsonNode> entry = it.next();
            String keyword = entry.getKey();
            JsonNode mine = merged.get(keyword);
            JsonNode other = entry.getValue();
            if (mine == null || mine.equals(other)) {
                merged.set(keyword, other);
            } else {
                merged.set(keyword, joined(keyword, mine, other, path));
            }
        }
        return merged;
    }

    private static boolean closes(ObjectNode schema) {
        JsonNode more = schema.get("additionalProperties");
        return schema.has("patternProperties") || (more != null && !(more.isBoolean() && more.booleanValue()));
    }

    private static JsonNode joined(String keyword, JsonNode a, JsonNode b, String path) throws GuideException {
        if (LOWER.contains(keyword) && a.isNumber() && b.isNumber()) {
            return a.decimalValue().compareTo(b.decimalValue()) >= 0 ? a : b;
        }
        if (UPPER.contains(keyword) && a.isNumber() && b.isNumber()) {
            return a.decimalValue().compareTo(b.decimalValue()) <= 0 ? a : b;
        }
        switch (keyword) {
            case "properties" -> {
                ObjectNode all = a.deepCopy();
                b.fields().forEachRemaining(entry -> {
                    JsonNode mine = all.get(entry.getKey());
                    all.set(entry.getKey(), mine == null ? entry.getValue() : allOf(mine, entry.getValue()));
                });
                return all;
            }
            case "required" -> {
                ArrayNode all = a.deepCopy();
                all.addAll((ArrayNode) b.deepCopy());
                return all;
            }
            case "items" -> {
                return allOf(a, b);
            }
            case "enum" -> {
                ArrayNode common = JsonNodeFactory.instance.arrayNode();
                a.forEach(value -> {
                    for (JsonNode other : b) {
                        if (other.equals(value)) {
                            common.add(value);
                            return;
                        }
                    }
                });
                return common;
            }
            case "type" -> {
                return types(a, b);
            }
            default ->
                throw new GuideException("two '" + keyword + "' that must both hold, at " + SchemaReader.shown(path)
                        + ", aren't supported");
        }
    }

    private static ArrayNode types(JsonNode a, JsonNode b) {
        ArrayNode common = JsonNodeFactory.instance.arrayNode();
        for (JsonNode mine :
                a.isArray() ? a : JsonNodeFactory.instance.arrayNode().add(a)) {
            for (JsonNode other :
                    b.isArray() ? b : JsonNodeFactory.instance.arrayNode().add(b)) {
                String x = mine.asText();
                String y = other.asText();
                if (x.equals(y) || (x.equals("integer") && y.equals("number"))) {
                    common.add(x);
                } else if (x.equals("number") && y.equals("integer")) {
                    common.add(y);
                }
            }
        }
        return common;
    }

    private static ObjectNode allOf(JsonNode a, JsonNode b) {
        ObjectNode both = JsonNodeFactory.instance.objectNode();
        both.putArray("allOf").add(a).add(b);
        return both;
    }
}
