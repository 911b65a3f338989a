package dev.kvasir.runner.synthetic;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Random JSON Schemas: nested objects with optional fields, arrays, enumerations, patterns, bounds, formats, {@code $ref}, {@code anyOf}. What they leave open
 * is mostly short, so that random texts come to an end.
 */
public final class RandomSchemas {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final List<String> FORMATS = List.of(
            "date",
            "time",
            "date-time",
            "duration",
            "email",
            "hostname",
            "ipv4",
            "ipv6",
            "uuid",
            "uri",
            "json-pointer");
    private static final List<String> PATTERNS = List.of(
            "^[A-Z]{2,3}-\\d{1,4}$",
            "^(red|green|blue)$",
            "^\\w{1,8}@\\w{1,5}\\.(com|org)$",
            "^[^\"\\\\]{0,5}$",
            "^.{1,4}$",
            "^(\\+\\d{1,2} )?\\(\\d{3}\\) \\d{3}$",
            "^[äöüß]{1,3}$",
            "^a*b+c?$",
            "[0-9]{2}$",
            "^\\S+ \\S+$",
            "^(?:x|yy)+(?<tail>z)$",
            "^[\\u4e00-\\u4e10\\n\\t]{1,3}$");

    private final RandomGenerator random;
    private int definitions;
    private int firstRef; // a definition names later ones only, but for the lists, so that none is only itself

    public RandomSchemas(RandomGenerator random) {
        this.random = random;
    }

    /** Returns the next one. */
    public ObjectNode next() {
        definitions = random.nextInt(3);
        firstRef = 0;
        ObjectNode root = random.nextInt(4) == 0 ? any(2) : object(3);
        ObjectNode defs = JSON.objectNode();
        for (int i = 0; i < definitions; i++) {
            firstRef = i + 1;
            defs.set("d" + i, definition(i));
        }
        if (definitions > 0) {
            root.set("$defs", defs);
        }
        return root;
    }

    /** A list that contains itself, or anything else. */
    private ObjectNode definition(int index) {
        if (random.nextBoolean()) {
            return any(1);
        }
        ObjectNode list = JSON.objectNode().put("type", "object");
        ObjectNode properties = list.putObject("properties");
        properties.set("value", scalar());
        ObjectNode next = properties.putObject("next");
        next.putArray("anyOf").add(JSON.objectNode().put("type", "null")).add(ref(index));
        list.putArray("required").add("value").add("next");
        return list.put("additionalProperties", false);
    }

    private static ObjectNode ref(int index) {
        return JSON.objectNode().put("$ref", "#/$defs/d" + index);
    }

    private ObjectNode any(int depth) {
        if (depth == 0) {
            return scalar();
        }
        return switch (random.nextInt(9)) {
            case 0, 1 -> object(depth);
            case 2 -> array(depth);
            case 3 -> anyOf(depth);
            case 4 -> definitions > firstRef ? ref(random.nextInt(firstRef, definitions)) : scalar();
            default -> scalar();
        };
    }

    private ObjectNode object(int depth) {
        ObjectNode object = JSON.objectNode().put("type", "object").put("title", "T");
        ObjectNode properties = object.putObject("properties");
        ArrayNode required = JSON.arrayNode();
        int count = random.nextInt(5);
        for (int i = 0; i < count; i++) {
            String name =
                    List.of("id", "name", "größe", "a b", "x\"y", "tags", "q").get(random.nextInt(7)) + i;
            properties.set(name, any(depth - 1));
            if (random.nextBoolean()) {
                required.add(name);
            }
        }
        if (!required.isEmpty() || random.nextBoolean()) {
            object.set("required", required);
        }
        switch (random.nextInt(4)) {
            case 0 -> object.put("additionalProperties", false);
            case 1 -> {
                object.set("additionalProperties", scalar());
                object.put("maxProperties", count + random.nextInt(3));
                object.putObject("propertyNames").put("pattern", "^[^z]{1,9}$");
            }
            case 2 -> {
                if (count == 0) {
                    object.putObject("patternProperties").set("^x-[a-z]{1,3}$", scalar());
                    object.put("additionalProperties", false).put("maxProperties", 2);
                }
            }
            default -> {
                // nothing said
            }
        }
        return object;
    }

    private ObjectNode array(int depth) {
        ObjectNode array = JSON.objectNode().put("type", "array");
        array.set("items", any(depth - 1));
        int min = random.nextInt(3);
        array.put("minItems", min).put("maxItems", min + random.nextInt(3));
        if (random.nextInt(4) == 0) {
            array.putArray("prefixItems").add(scalar()).add(scalar());
            array.put("maxItems", Math.max(2, min) + random.nextInt(2));
        }
        return array;
    }

    private ObjectNode anyOf(int depth) {
        ObjectNode schema = JSON.objectNode();
        ArrayNode parts = schema.putArray("anyOf");
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            parts.add(any(depth - 1));
        }
        return schema;
    }

    private ObjectNode scalar() {
        return switch (random.nextInt(8)) {
            case 0 -> enumeration();
            case 1 -> JSON.objectNode().put("type", random.nextBoolean() ? "boolean" : "null");
            case 2, 3 -> string();
            case 4 ->
                JSON.objectNode().put("type", "string").put("format", FORMATS.get(random.nextInt(FORMATS.size())));
            case 5 ->
                JSON.objectNode().put("type", "string").put("pattern", PATTERNS.get(random.nextInt(PATTERNS.size())));
            default -> number();
        };
    }

    private ObjectNode enumeration() {
        ObjectNode schema = JSON.objectNode();
        if (random.nextInt(4) == 0) {
            return schema.put("const", "ein \"Wort\"\n");
        }
        schema.putArray("enum")
                .add("a")
                .add("ab")
                .add(7)
                .add(1.5)
                .addNull()
                .add(true)
                .add("日本");
        if (random.nextBoolean()) {
            schema.putArray("type").add("string").add("integer");
        }
        return schema;
    }

    private ObjectNode string() {
        ObjectNode schema = JSON.objectNode().put("type", "string");
        int min = random.nextInt(4);
        return schema.put("minLength", min).put("maxLength", min + random.nextInt(12));
    }

    private ObjectNode number() {
        boolean integer = random.nextBoolean();
        ObjectNode schema = JSON.objectNode().put("type", integer ? "integer" : "number");
        if (random.nextInt(4) == 0) {
            return schema;
        }
        int low = random.nextInt(-1500, 1500);
        int width = random.nextInt(integer ? 1 : 0, 3000);
        if (random.nextInt(3) > 0) {
            schema.put(random.nextBoolean() || width < 2 ? "minimum" : "exclusiveMinimum", integer ? low : low + 0.25);
        }
        if (random.nextInt(3) > 0) {
            schema.put(
                    random.nextBoolean() || width < 2 ? "maximum" : "exclusiveMaximum",
                    integer ? low + width : low + width + 0.5);
        }
        if (random.nextInt(4) == 0 && width > 10) {
            schema.put("multipleOf", integer ? 1 + random.nextInt(5) : random.nextBoolean() ? 0.25 : 0.01);
        }
        return schema;
    }
}
