package dev.kvasir.runner.guided;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.Guides.GuideException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes a grammar of a JSON Schema (draft 2020-12). All texts of the grammar are valid; not all valid texts are in it: properties come in the schema's
 * order, none that it doesn't name unless it says {@code additionalProperties}, and a schema that only restricts one type has values of that type alone.
 */
final class SchemaCompiler {
    private final JsonNode root;
    private final Limits limits;
    private final JsonSyntax json;
    private final SchemaObjects objects;
    private final SchemaScalars scalars;
    private final Map<String, Node.Rule> rules = new HashMap<>(); // by what a $ref says
    private @Nullable Node any;

    private SchemaCompiler(JsonNode root, Terminals terminals, Limits limits) {
        this.root = root;
        this.limits = limits;
        this.json = new JsonSyntax(terminals, limits);
        this.scalars = new SchemaScalars(terminals, json, limits);
        this.objects = new SchemaObjects(this, scalars, json, limits);
    }

    static Node compile(JsonNode schema, Terminals terminals, Limits limits) throws GuideException {
        return new SchemaCompiler(schema, terminals, limits).value(schema, "#", 0);
    }

    /** Returns the values of a schema. */
    Node value(JsonNode schema, String path, int depth) throws GuideException {
        Limits.depth(depth);
        limits.piece();
        if (schema.isBoolean()) {
            if (!schema.booleanValue()) {
                throw new GuideException("the schema at " + SchemaReader.shown(path) + " allows nothing");
            }
            return any();
        }
        if (!(schema instanceof ObjectNode object)) {
            throw new GuideException("the schema at " + SchemaReader.shown(path) + " must be an object or a boolean");
        }
        SchemaReader plain = new SchemaReader(object, path).withoutAnnotations();
        JsonNode ref = plain.get("$ref");
        if (ref != null && plain.node().size() == 1) {
            return rule(ref, path, depth);
        }
        return single(flat(plain, depth), depth);
    }

    private Node rule(JsonNode ref, String path, int depth) throws GuideException {
        String name = ref.asText();
        Node.Rule known = rules.get(name);
        if (known == null) {
            known = new Node.Rule(name);
            rules.put(name, known);
            known.define(value(target(ref, path), name, depth + 1));
        }
        return known;
    }

    /** Returns what a {@code $ref} names: a place in this document. */
    JsonNode target(JsonNode ref, String path) throws GuideException {
        String name = ref.asText();
        if (!ref.isTextual() || !(name.equals("#") || name.startsWith("#/"))) {
            throw new GuideException("'$ref' at " + SchemaReader.shown(path)
                    + " must name a place in the schema itself, such as #/$defs/name");
        }
        JsonNode at = root;
        for (String token : name.equals("#") ? new String[0] : name.substring(2).split("/", -1)) {
            String key = java.net.URLDecoder.decode(token.replace("+", "%2B"), java.nio.charset.StandardCharsets.UTF_8)
                    .replace("~1", "/")
                    .replace("~0", "~");
            at = at.isArray() && key.matches("[0-9]{1,6}") ? at.path(Integer.parseInt(key)) : at.path(key);
        }
        if (at.isMissingNode()) {
            throw new GuideException("'$ref' at " + SchemaReader.shown(path) + " names '" + SchemaReader.shown(name)
                    + "', which isn't there");
        }
        return at;
    }

    /** Returns the schema with {@code $ref} beside other keywords, and {@code allOf}, worked into it. */
    private SchemaReader flat(SchemaReader schema, int depth) throws GuideException {
        Limits.depth(depth);
        limits.piece();
        ObjectNode merged = schema.node();
        List<JsonNode> more = new ArrayList<>();
        if (merged.has("$ref")) {
            more.add(target(merged.get("$ref"), schema.path()));
        }
        for (JsonNode part : schema.items("allOf")) {
            more.add(part);
        }
        if (more.isEmpty()) {
            return schema;
        }
        merged = merged.deepCopy();
        merged.remove(List.of("$ref", "allOf"));
        for (JsonNode part : more) {
            if (part.isBoolean() && part.booleanValue()) {
                continue;
            }
            if (!(part instanceof ObjectNode object)) {
                throw schema.wrong("allOf", "must be an array of schemas that allow something");
            }
            SchemaReader inner = flat(new SchemaReader(object, schema.at("allOf")).withoutAnnotations(), depth + 1);
            merged = SchemaMerge.both(merged, inner.node(), schema.path());
        }
        return new SchemaReader(merged, schema.path());
    }

    private Node single(SchemaReader schema, int depth) throws GuideException {
        if (schema.hasAny("enum", "const")) {
            return scalars.enumeration(schema);
        }
        for (String keyword : List.of("anyOf", "oneOf")) {
            if (schema.get(keyword) != null) {
                return alternatives(schema, keyword, depth);
            }
        }
        Set<String> types = schema.types();
        if (types.isEmpty()) {
            types = implied(schema);
        }
        if (types.isEmpty()) {
            return any();
        }
        List<Node> parts = new ArrayList<>();
        for (String type : types) {
            if (!(type.equals("integer") && types.contains("number"))) {
                parts.add(typed(type, schema, depth));
            }
        }
        return parts.size() == 1 ? parts.get(0) : new Node.Choice(parts);
    }

    private static Set<String> implied(SchemaReader schema) {
        Set<String> types = new LinkedHashSet<>();
        if (schema.hasAny(
                "properties",
                "required",
                "additionalProperties",
                "patternProperties",
                "propertyNames",
                "minProperties",
                "maxProperties")) {
            types.add("object");
        }
        if (schema.hasAny("items", "prefixItems", "minItems", "maxItems", "uniqueItems")) {
            types.add("array");
        }
        if (schema.hasAny("pattern", "format", "minLength", "maxLength")) {
            types.add("string");
        }
        if (schema.hasAny("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")) {
            types.add("number");
        }
        return types;
    }

    private Node typed(String type, SchemaReader schema, int depth) throws GuideException {
        return switch (type) {
            case "object" -> objects.object(schema, depth);
            case "array" -> array(schema, depth);
            case "string" -> scalars.string(schema);
            case "number" -> scalars.number(schema, false);
            case "integer" -> scalars.number(schema, true);
            case "boolean" -> new Node.Choice(List.of(json.literal("true"), json.literal("false")));
            default -> json.literal("null");
        };
    }

    private Node alternatives(SchemaReader schema, String keyword, int depth) throws GuideException {
        ObjectNode base = schema.node().deepCopy();
        base.remove(keyword);
        List<JsonNode> parts = new ArrayList<>();
        for (JsonNode part : schema.items(keyword)) {
            parts.add(part);
        }
        if (parts.isEmpty()) {
            throw schema.wrong(keyword, "must not be empty");
        }
        if (keyword.equals("oneOf") && !new Disjoint(this).areDisjoint(parts, schema.path())) {
            throw new GuideException("'oneOf' at " + SchemaReader.shown(schema.path())
                    + " has alternatives that may hold together, which isn't supported; use 'anyOf'");
        }
        List<Node> nodes = new ArrayList<>();
        int i = 0;
        for (JsonNode part : parts) {
            String path = schema.at(keyword) + "/" + i++;
            if (part.isBoolean() && !part.booleanValue()) {
                continue;
            }
            if (base.isEmpty()) {
                nodes.add(value(part, path, depth + 1));
            } else {
                ObjectNode both = JsonNodeFactory.instance.objectNode();
                both.putArray("allOf").add(base).add(part);
                nodes.add(value(both, path, depth + 1));
            }
        }
        return new Node.Choice(nodes);
    }

    private Node array(SchemaReader schema, int depth) throws GuideException {
        if (schema.bool("uniqueItems")) {
            throw schema.unsupported("uniqueItems");
        }
        List<Node> prefix = new ArrayList<>();
        for (JsonNode item : schema.items("prefixItems")) {
            prefix.add(value(item, schema.at("prefixItems") + "/" + prefix.size(), depth + 1));
        }
        JsonNode items = schema.get("items");
        Node item;
        if (items != null && items.isBoolean() && !items.booleanValue()) {
            item = null;
        } else if (items == null) {
            item = prefix.isEmpty() ? any() : null;
        } else {
            item = value(items, schema.at("items"), depth + 1);
        }
        int min = schema.count("minItems", 0);
        int max = schema.count("maxItems", Integer.MAX_VALUE);
        if (min > max || (item == null && min > prefix.size())) {
            throw schema.wrong("minItems", "asks for more items than there may be");
        }
        return json.array(prefix, item, min, max);
    }

    Node any() throws GuideException {
        if (any == null) {
            any = json.any();
        }
        return any;
    }
}
