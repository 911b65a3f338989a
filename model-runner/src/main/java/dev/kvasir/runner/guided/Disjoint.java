package dev.kvasir.runner.guided;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.Guides.GuideException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells of schemas whether no value can be valid for two of them, by their types, constants, and properties that tell them apart. */
final class Disjoint {
    private static final int DEPTH = 4;

    private final SchemaCompiler compiler;

    Disjoint(SchemaCompiler compiler) {
        this.compiler = compiler;
    }

    boolean areDisjoint(List<JsonNode> schemas, String path) throws GuideException {
        for (int i = 0; i < schemas.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (!areDisjoint(schemas.get(i), schemas.get(j), path, 0)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean areDisjoint(JsonNode a, JsonNode b, String path, int depth) throws GuideException {
        if (depth > DEPTH) {
            return false;
        }
        if (!(resolved(a, path) instanceof ObjectNode x) || !(resolved(b, path) instanceof ObjectNode y)) {
            return false;
        }
        Set<JsonNode> xs = constants(x);
        Set<JsonNode> ys = constants(y);
        if (xs != null && ys != null) {
            return xs.stream().noneMatch(ys::contains);
        }
        Set<String> types = new SchemaReader(x, path).types();
        Set<String> others = new SchemaReader(y, path).types();
        if (!types.isEmpty() && !others.isEmpty() && !overlap(types, others)) {
            return true;
        }
        for (JsonNode name : x.path("required")) {
            JsonNode mine = x.path("properties").path(name.asText());
            JsonNode theirs = y.path("properties").path(name.asText());
            boolean isObject = types.equals(Set.of("object")) && others.equals(Set.of("object"));
            if (isObject && requires(y, name) && areDisjoint(mine, theirs, path, depth + 1)) {
                return true;
            }
        }
        return false;
    }

    private JsonNode resolved(JsonNode schema, String path) throws GuideException {
        JsonNode at = schema;
        for (int i = 0; i < DEPTH && at.has("$ref"); i++) {
            at = compiler.target(at.get("$ref"), path);
        }
        return at;
    }

    private static @Nullable Set<JsonNode> constants(ObjectNode schema) {
        Set<JsonNode> values = new HashSet<>();
        if (schema.has("const")) {
            values.add(schema.get("const"));
            return values;
        }
        if (schema.path("enum").isArray()) {
            schema.get("enum").forEach(values::add);
            return values;
        }
        return null;
    }

    private static boolean requires(ObjectNode schema, JsonNode name) {
        for (JsonNode required : schema.path("required")) {
            if (required.equals(name)) {
                return true;
            }
        }
        return false;
    }

    private static boolean overlap(Set<String> a, Set<String> b) {
        for (String x : a) {
            boolean isNumber = x.equals("number") || x.equals("integer");
            if (b.contains(x) || (isNumber && (b.contains("number") || b.contains("integer")))) {
                return true;
            }
        }
        return false;
    }
}
