package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.http.Access.Level;
import dev.kvasir.engine.openai.JsonBody;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * The API's OpenAPI 3.1 document, put together from files in YAML, a topic each. Tests compare its paths with the routes, and its schemas with
 * answers.
 */
final class OpenApi {
    private static final List<String> PARTS = List.of(
            "base",
            "completions",
            "responses",
            "messages",
            "embeddings",
            "batches",
            "models",
            "operations",
            "dashboard");

    private OpenApi() {}

    /** Returns the document's bytes; takes a moment. */
    static Buffer bytes() {
        return Buffer.buffer(JsonBody.bytes(document()));
    }

    static void addTo(Routes routes, Buffer document) {
        routes.get("/openapi.json", Level.CLIENT, false, exchange -> exchange.send(200, "application/json", document));
    }

    private static ObjectNode document() {
        ObjectNode document = part(PARTS.get(0));
        for (String name : PARTS.subList(1, PARTS.size())) {
            merge(document, part(name), name);
        }
        String version = OpenApi.class.getPackage().getImplementationVersion();
        ((ObjectNode) document.get("info")).put("version", Objects.requireNonNullElse(version, "0"));
        return document;
    }

    private static ObjectNode part(String name) {
        try (InputStream in = OpenApi.class.getResourceAsStream("openapi/" + name + ".yaml")) {
            Object tree = new Yaml(new SafeConstructor(new LoaderOptions()))
                    .load(Objects.requireNonNull(in, name + ".yaml is missing"));
            return new ObjectMapper().valueToTree(tree);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds objects' entries to those of the same name; what is there already may not come again. */
    private static void merge(ObjectNode into, ObjectNode from, String where) {
        from.fields().forEachRemaining(entry -> {
            JsonNode there = into.get(entry.getKey());
            if (there == null) {
                into.set(entry.getKey(), entry.getValue());
            } else if (there instanceof ObjectNode object && entry.getValue() instanceof ObjectNode more) {
                merge(object, more, where + "." + entry.getKey());
            } else {
                throw new IllegalStateException(where + " has " + entry.getKey() + ", which is there already");
            }
        });
    }
}
