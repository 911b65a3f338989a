package dev.kvasir.runner.guided;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.kvasir.runner.Guides.GuideException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Operations;
import org.jspecify.annotations.Nullable;

/** Objects: their named properties in the schema's order, and behind these others, if the schema says so. */
final class SchemaObjects {
    private static final int MOST = 500;

    private final SchemaCompiler compiler;
    private final SchemaScalars scalars;
    private final JsonSyntax json;
    private final Limits limits;

    SchemaObjects(SchemaCompiler compiler, SchemaScalars scalars, JsonSyntax json, Limits limits) {
        this.compiler = compiler;
        this.scalars = scalars;
        this.json = json;
        this.limits = limits;
    }

    private record Property(String name, Node value, boolean isRequired) {}

    /** Members that no property names: each as the first member and as a later one. */
    private record Others(Node first, Node later) {}

    Node object(SchemaReader schema, int depth) throws GuideException {
        List<Property> properties = properties(schema, depth);
        Others others = others(schema, depth);
        if (properties.isEmpty()
                && others == null
                && schema.get("additionalProperties") == null
                && schema.get("patternProperties") == null
                && schema.get("properties") == null
                && schema.get("unevaluatedProperties") == null
                && !schema.hasAny("propertyNames", "minProperties", "maxProperties")) {
            return json.anyObject();
        }
        long required = properties.stream().filter(Property::isRequired).count();
        if (schema.count("minProperties", 0) > required) {
            throw schema.wrong("minProperties", "is more than the required ones, which isn't supported");
        }
        int max = schema.count("maxProperties", Integer.MAX_VALUE);
        int most = others == null ? 0 : Integer.MAX_VALUE;
        if (max < properties.size()) {
            throw schema.wrong("maxProperties", "is less than the named ones, which isn't supported");
        } else if (others != null && max < Integer.MAX_VALUE) {
            most = max - properties.size();
        }
        return json.object(members(properties, others, most));
    }

    private Node members(List<Property> properties, @Nullable Others others, int most) throws GuideException {
        Node rest = Node.EMPTY; // with members before
        Node first = Node.EMPTY; // with none
        if (others != null && most > 0) {
            rest = new Node.Repeat(others.later(), 0, most);
            Node afterFirst = new Node.Repeat(others.later(), 0, most == Integer.MAX_VALUE ? most : most - 1);
            first = Node.optional(Node.sequence(others.first(), afterFirst));
        }
        for (int i = properties.size() - 1; i >= 0; i--) {
            Property property = properties.get(i);
            Automaton quoted = Languages.text(TextNode.valueOf(property.name()).toString());
            Node asFirst = Node.sequence(json.key(property.name(), quoted, true), property.value(), rest);
            Node asLater = Node.sequence(json.key(property.name(), quoted, false), property.value(), rest);
            first = property.isRequired() ? asFirst : new Node.Choice(List.of(asFirst, first));
            rest = property.isRequired() ? asLater : new Node.Choice(List.of(asLater, rest));
        }
        return first;
    }

    private List<Property> properties(SchemaReader schema, int depth) throws GuideException {
        Set<String> required = new LinkedHashSet<>();
        for (JsonNode name : schema.items("required")) {
            required.add(name.asText());
        }
        List<Property> properties = new ArrayList<>();
        if (schema.object("properties").size() + required.size() > MOST) {
            throw schema.wrong("properties", "has more than " + MOST);
        }
        ObjectNode named = schema.object("properties");
        Automaton names = names(schema);
        for (Iterator<Map.Entry<String, JsonNode>> it = named.fields(); it.hasNext(); ) {
            Map.Entry<String, JsonNode> entry = it.next();
            boolean isRequired = required.remove(entry.getKey());
            if (!isRequired && entry.getValue().isBoolean() && !entry.getValue().booleanValue()) {
                continue; // may not be there
            }
            if (!Operations.run(names, entry.getKey())) {
                if (isRequired) {
                    throw schema.wrong(
                            "required",
                            "names '" + SchemaReader.shown(entry.getKey()) + "', which 'propertyNames' doesn't allow");
                }
                continue;
            }
            Node value = compiler.value(entry.getValue(), schema.at("properties") + "/" + entry.getKey(), depth + 1);
            properties.add(new Property(entry.getKey(), value, isRequired));
        }
        for (String name : required) {
            JsonNode more = schema.get("additionalProperties");
            if (schema.get("patternProperties") != null || (more != null && more.isBoolean() && !more.booleanValue())) {
                throw schema.wrong("required", "names '" + SchemaReader.shown(name) + "', which no property is");
            }
            Node value =
                    more == null ? compiler.any() : compiler.value(more, schema.at("additionalProperties"), depth + 1);
            properties.add(new Property(name, value, true));
        }
        return properties;
    }

    private @Nullable Others others(SchemaReader schema, int depth) throws GuideException {
        JsonNode more = schema.get("additionalProperties");
        ObjectNode patterns = schema.object("patternProperties");
        boolean isClosed = more == null || (more.isBoolean() && !more.booleanValue());
        if (isClosed && patterns.isEmpty()) {
            return null;
        }
        Set<String> names = new LinkedHashSet<>();
        schema.object("properties").fieldNames().forEachRemaining(names::add);
        for (JsonNode name : schema.items("required")) {
            names.add(name.asText());
        }
        Automaton left = names(schema);
        if (!names.isEmpty()) {
            left = Languages.minus(left, Languages.oneOf(names, limits), limits);
        }
        List<Node> first = new ArrayList<>();
        List<Node> later = new ArrayList<>();
        for (Iterator<Map.Entry<String, JsonNode>> it = patterns.fields(); it.hasNext(); ) {
            Map.Entry<String, JsonNode> entry = it.next();
            Automaton matching = Languages.found(entry.getKey(), limits);
            for (String name : names) {
                if (Operations.run(matching, name)) {
                    throw schema.wrong("patternProperties", "matches the property '" + SchemaReader.shown(name) + "'");
                }
            }
            // A name that two patterns match would have to fulfil both; it is left out.
            Automaton own = Languages.intersection(left, matching, limits);
            for (Iterator<String> it2 = patterns.fieldNames(); it2.hasNext(); ) {
                String other = it2.next();
                if (!other.equals(entry.getKey())) {
                    own = Languages.minus(own, Languages.found(other, limits), limits);
                }
            }
            Node value =
                    compiler.value(entry.getValue(), schema.at("patternProperties") + "/" + entry.getKey(), depth + 1);
            add(own, value, first, later);
        }
        if (more != null && !isClosed) {
            for (Iterator<String> it = patterns.fieldNames(); it.hasNext(); ) {
                left = Languages.minus(left, Languages.found(it.next(), limits), limits);
            }
            Node value = compiler.value(more, schema.at("additionalProperties"), depth + 1);
            add(left, value, first, later);
        }
        return new Others(new Node.Choice(first), new Node.Choice(later));
    }

    /** Returns the names that properties may have. */
    private Automaton names(SchemaReader schema) throws GuideException {
        JsonNode keys = schema.get("propertyNames");
        if (keys == null) {
            return Languages.anyText();
        }
        if (!(keys instanceof ObjectNode node)) {
            throw schema.unsupported("propertyNames");
        }
        SchemaReader reader = new SchemaReader(node, schema.at("propertyNames")).withoutAnnotations();
        if (reader.hasAny("enum", "const", "anyOf", "oneOf", "allOf", "$ref")) {
            throw schema.unsupported("propertyNames");
        }
        return Languages.deterministic(scalars.texts(reader), limits);
    }

    private void add(Automaton keys, Node value, List<Node> first, List<Node> later) throws GuideException {
        if (Operations.isEmpty(keys)) {
            throw new GuideException("no name fits all that is asked of a property's name");
        }
        Automaton quoted = Languages.quoted(keys, limits);
        first.add(Node.sequence(json.key(quoted, true), value));
        later.add(Node.sequence(json.key(quoted, false), value));
    }
}
