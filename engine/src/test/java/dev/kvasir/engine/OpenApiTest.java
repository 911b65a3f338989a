package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import dev.kvasir.engine.testkit.EchoTemplate;
import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.engine.testkit.Uploads;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The OpenAPI document says what the routes are, no more and no less, and what they really answer. */
class OpenApiTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonSchemaFactory SCHEMAS = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
    private static final String CALL = "<tool_call>{\\\"name\\\": \\\"f\\\", \\\"arguments\\\": {}}</tool_call>";
    private static final String TALK =
            "\"messages\":[{\"role\":\"user\",\"content\":\"<think>Hm.</think>So: " + CALL + "\"}]";
    private static final String CHAT_TOOL = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]";

    private static TestServer server;
    private static TestServer guarded;
    private static JsonNode document;
    private static final Map<String, JsonSchema> schemas = new HashMap<>();

    @BeforeAll
    static void start() throws Exception {
        server = TestServer.start(4096, new EchoTemplate("tools <tool_call> </think>"));
        guarded = TestServer.start("http.apiKeys=[client-key-1]");
        document = TestServer.json(server.get("/openapi.json").body());
        server.post("/v1/chat/completions", "{\"model\":\"parrot\"," + TALK + "," + CHAT_TOOL + "}"); // warms up
    }

    @AfterAll
    static void stop() {
        server.close();
        guarded.close();
    }

    private static Set<String> documented() {
        Set<String> operations = new HashSet<>();
        for (Iterator<Map.Entry<String, JsonNode>> paths = document.get("paths").fields(); paths.hasNext(); ) {
            Map.Entry<String, JsonNode> path = paths.next();
            path.getValue().fieldNames().forEachRemaining(method -> {
                if (!method.equals("parameters")) {
                    operations.add(method.toUpperCase(java.util.Locale.ROOT) + " " + path.getKey());
                }
            });
        }
        return operations;
    }

    @Test
    void everyRouteIsInTheDocumentAndNothingElse() throws Exception {
        Set<String> routes = new HashSet<>(server.server.door().routes());
        Set<String> operations = documented();
        assertThat(routes).containsAll(operations);
        routes.removeAll(operations);
        for (String route : routes) {
            // What isn't in the document is a file of a page, for anybody.
            assertThat(route).startsWith("GET /");
            HttpResponse<String> file =
                    guarded.get(route.substring("GET ".length()).replace("{file}", "app.css"));
            assertThat(file.statusCode()).as(route).isEqualTo(200);
            assertThat(file.headers().firstValue("content-type").orElse(""))
                    .as(route)
                    .matches("(text/(html|css|javascript)|image/.*|font/.*).*");
        }
    }

    @Test
    void theDocumentIsAsOpenApiWantsIt() {
        assertThat(document.get("openapi").asText()).startsWith("3.1.");
        assertThat(document.get("info").get("version").asText()).isNotEmpty();
        Set<String> ids = new HashSet<>(document.findValuesAsText("operationId"));
        assertThat(ids).hasSameSizeAs(documented());
        for (JsonNode ref : document.findValues("$ref")) {
            assertThat(document.at(ref.asText().substring(1)).isMissingNode())
                    .as(ref.asText())
                    .isFalse();
        }
        for (String operation : documented()) {
            JsonNode at = operation(operation);
            assertThat(at.get("summary").asText()).as(operation).endsWith(".");
            for (int from = operation.indexOf('{'); from >= 0; from = operation.indexOf('{', from + 1)) {
                String name = operation.substring(from + 1, operation.indexOf('}', from));
                assertThat(document.get("paths").get(operation.split(" ", 2)[1]).toString())
                        .as(operation)
                        .containsAnyOf("\"name\":\"" + name + "\"", "\"#/components/parameters/ResponseId\"");
            }
        }
    }

    @Test
    void itNeedsAKeyWhereKeysAreSet() throws Exception {
        assertThat(guarded.get("/openapi.json").statusCode()).isEqualTo(401);
        assertThat(guarded.get("/openapi.json", "x-api-key", "client-key-1").statusCode())
                .isEqualTo(200);
    }

    private static JsonNode operation(String operation) {
        String[] parts = operation.split(" ", 2);
        return document.get("paths").get(parts[1]).get(parts[0].toLowerCase(java.util.Locale.ROOT));
    }

    /** A schema with everything that it may refer to. */
    private static JsonSchema schema(JsonNode node) {
        return schemas.computeIfAbsent(node.toString(), text -> {
            ObjectNode whole = node.deepCopy();
            whole.set("components", document.get("components"));
            return SCHEMAS.getSchema(whole);
        });
    }

    private static void validate(JsonNode schema, JsonNode value) {
        Set<ValidationMessage> messages = schema(schema).validate(value);
        assertThat(messages).as(value.toString()).isEmpty();
    }

    /** Sends a request and checks body and answer. */
    private static JsonNode ask(String operation, String path, String body) throws Exception {
        JsonNode at = operation(operation);
        JsonNode request =
                at.path("requestBody").path("content").path("application/json").path("schema");
        if (!request.isMissingNode()) {
            validate(request, JSON.readTree(body));
        }
        String method = operation.split(" ", 2)[0];
        HttpResponse<String> response = server.client.send(
                HttpRequest.newBuilder(server.uri(path))
                        .header("content-type", "application/json")
                        .method(
                                method,
                                method.equals("POST")
                                        ? HttpRequest.BodyPublishers.ofString(body)
                                        : HttpRequest.BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
        return check(at, response);
    }

    private static JsonNode check(JsonNode at, HttpResponse<String> response) throws Exception {
        JsonNode described = at.get("responses").path(String.valueOf(response.statusCode()));
        if (described.isMissingNode()) {
            assertThat(response.statusCode()).as(response.body()).isGreaterThanOrEqualTo(400);
            described = document.at(
                    at.get("responses").get("default").get("$ref").asText().substring(1));
        }
        String type = response.headers().firstValue("content-type").orElse("").split(";", 2)[0];
        JsonNode schema = described.get("content").path(type).path("schema");
        assertThat(schema.isMissingNode()).as(type).isFalse();
        if (type.equals("application/json")) {
            JsonNode body = JSON.readTree(response.body());
            validate(schema, body);
            return body;
        }
        if (type.equals("text/event-stream")) {
            int events = 0;
            for (String line : response.body().split("\n", -1)) {
                if (line.startsWith("data: {")) {
                    validate(schema, JSON.readTree(line.substring("data: ".length())));
                    events++;
                }
            }
            assertThat(events).isPositive();
        }
        return JSON.nullNode();
    }

    private static void post(String path, String... bodies) throws Exception {
        for (String body : bodies) {
            ask("POST " + path, path, "{\"model\":\"parrot\"," + body + "}");
        }
    }

    @Test
    void completionsAndChatsAreAsDescribed() throws Exception {
        String usage = ",\"stream\":true,\"stream_options\":{\"include_usage\":true}";
        post(
                "/v1/completions",
                "\"prompt\":\"hello\"",
                "\"prompt\":[1,2],\"n\":2,\"logprobs\":2,\"echo\":true,\"return_token_ids\":true",
                "\"prompt\":\"hello\",\"logprobs\":1" + usage,
                "\"prompt\":\"hello\",\"prompt_logprobs\":1,\"priority\":1,\"kvasir\":{\"deadline_ms\":60000}",
                "\"prompt\":\"a\",\"temperature\":2,\"max_tokens\":1000000");
        post(
                "/v1/chat/completions",
                TALK,
                TALK + usage,
                TALK + ",\"prompt_logprobs\":2,\"return_token_ids\":true",
                TALK + ",\"return_token_ids\":true" + usage,
                TALK + "," + CHAT_TOOL + ",\"logprobs\":true,\"top_logprobs\":1",
                TALK + "," + CHAT_TOOL + ",\"logprobs\":true" + usage);
        assertThat(check(
                                operation("POST /v1/chat/completions"),
                                server.post("/v1/chat/completions", "{\"model\":\"other\"}"))
                        .path("error")
                        .path("param")
                        .asText())
                .isEqualTo("messages");
    }

    @Test
    void filesAndBatchesAreAsDescribed() throws Exception {
        Uploads uploads = new Uploads(server.server.address(), "none");
        String line = "{\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/completions\",\"body\":{\"model\":"
                + "\"parrot\",\"prompt\":\"hi\"}}";
        HttpResponse<String> uploaded = uploads.sendForm(Uploads.form("f", line, "batch"));
        String file = check(operation("POST /v1/files"), uploaded).get("id").asText();
        ask("GET /v1/files", "/v1/files?limit=1", "");
        ask("GET /v1/files/{file_id}", "/v1/files/" + file, "");
        ask("GET /v1/files/{file_id}/content", "/v1/files/" + file + "/content", "");
        String body = "{\"input_file_id\":\"" + file
                + "\",\"endpoint\":\"/v1/completions\",\"completion_window\":\"24h\",\"metadata\":{\"a\":\"b\"}}";
        String batch = ask("POST /v1/batches", "/v1/batches", body).get("id").asText();
        uploads.await(batch);
        ask("GET /v1/batches/{batch_id}", "/v1/batches/" + batch, "");
        ask("GET /v1/batches", "/v1/batches", "");
        ask("POST /v1/batches/{batch_id}/cancel", "/v1/batches/" + batch + "/cancel", "{}"); // over, which is an error
        ask("DELETE /v1/files/{file_id}", "/v1/files/" + file, "");
        String bad = uploads.create(uploads.upload("no json"), "/v1/completions", "24h");
        assertThat(uploads.await(bad).path("status").asText()).isEqualTo("failed");
        ask("GET /v1/batches/{batch_id}", "/v1/batches/" + bad, "");
    }

    @Test
    void responsesAreAsDescribed() throws Exception {
        String path = "/v1/responses";
        String tool = ",\"tools\":[{\"type\":\"function\",\"name\":\"f\",\"parameters\":{}}]";
        String input = "\"input\":\"<think>Hm.</think>So: " + CALL + "\"";
        post(
                path,
                input,
                input + tool + ",\"top_logprobs\":1",
                input + tool + ",\"top_logprobs\":1,\"stream\":true",
                input + ",\"max_output_tokens\":3,\"stream\":true");
        List<String> ids = new ArrayList<>();
        for (String more : List.of(tool, ",\"background\":true")) {
            ids.add(ask("POST " + path, path, "{\"model\":\"parrot\"," + input + more + "}")
                    .get("id")
                    .asText());
        }
        String one = "/v1/responses/{response_id}";
        TestServer.await(
                "the response in the background", () -> !server.scheduler().hasWork());
        for (String id : ids) {
            ask("GET " + one, "/v1/responses/" + id, "");
            ask("GET " + one + "/input_items", "/v1/responses/" + id + "/input_items?limit=1", "");
            ask("POST " + one + "/cancel", "/v1/responses/" + id + "/cancel", "");
            post(
                    path,
                    "\"previous_response_id\":\"" + id
                            + "\",\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"c\",\"output\":\"x\"},{\"role\":\"user\",\"content\":\"x\"}]");
            ask("DELETE " + one, "/v1/responses/" + id, "");
            ask("GET " + one, "/v1/responses/" + id, "");
        }
        post(path + "/input_tokens", input);
    }

    @Test
    void messagesAreAsDescribed() throws Exception {
        String tool = "\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}],";
        String rest = "\"max_tokens\":1000," + TALK;
        post("/v1/messages", rest, tool + rest, "\"stream\":true," + tool + rest, "\"stop_sequences\":[\"o\"]," + rest);
        post("/v1/messages/count_tokens", tool + TALK);
        JsonNode error = check(operation("POST /v1/messages"), server.post("/v1/messages", "{}"));
        assertThat(error.path("error").path("type").asText()).isEqualTo("invalid_request_error");
    }

    @Test
    void theRestIsAsDescribed() throws Exception {
        post("/tokenize", "\"prompt\":\"hello\"", TALK);
        post("/detokenize", "\"tokens\":[104,105]");
        for (String path : List.of("/v1/models", "/health", "/v1/kvasir/pool", "/openapi.json", "/metrics")) {
            ask("GET " + path, path, "");
        }
        ask("GET /v1/models/{model}", "/v1/models/parrot", "");
        ask("GET /v1/models/{model}", "/v1/models/none", "");
        ask("POST /v1/kvasir/pool/evict", "/v1/kvasir/pool/evict", "{\"tier\":\"device\",\"all\":true}");
        try (TestServer ending = TestServer.start()) {
            check(operation("POST /admin/drain"), ending.post("/admin/drain", ""));
        }
    }
}
