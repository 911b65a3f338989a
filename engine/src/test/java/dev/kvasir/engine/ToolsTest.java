package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.testkit.EchoTemplate;
import dev.kvasir.engine.testkit.Sse;
import dev.kvasir.engine.testkit.TestServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Calls and thoughts in answers, whole and streamed. The model is a parrot that says the last message. */
class ToolsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CALL =
            "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": 2}}\n</tool_call>";
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(4096, new EchoTemplate("tools <tool_call> </think>"));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static ObjectNode request(String said) {
        ObjectNode body = JSON.createObjectNode().put("model", "parrot").put("max_tokens", 1000);
        body.putArray("messages").addObject().put("role", "user").put("content", said);
        ArrayNode tools = body.putArray("tools");
        tool(tools, "add", "integer", "a", "b");
        tool(tools, "say", "string", "text");
        return body;
    }

    private static void tool(ArrayNode tools, String name, String type, String... parameters) {
        ObjectNode function = tools.addObject().put("type", "function").putObject("function");
        ObjectNode schema =
                function.put("name", name).put("description", "does it").putObject("parameters");
        schema.put("type", "object");
        ArrayNode required = schema.putArray("required");
        ObjectNode properties = schema.putObject("properties");
        for (String parameter : parameters) {
            properties.putObject(parameter).put("type", type);
            required.add(parameter);
        }
    }

    private static JsonNode choice(ObjectNode body) throws Exception {
        return server.ok("/v1/chat/completions", body.toString()).get("choices").get(0);
    }

    /** Asks again in a stream, and puts the pieces together as clients do. */
    private static JsonNode streamed(ObjectNode body) throws Exception {
        ObjectNode request = body.deepCopy().put("stream", true);
        Sse stream = Sse.parse(
                server.post("/v1/chat/completions", request.toString()).body());
        assertThat(stream.done()).isTrue();
        ObjectNode message = JSON.createObjectNode();
        List<ObjectNode> calls = new ArrayList<>();
        String reason = "";
        for (JsonNode event : stream.events()) {
            JsonNode choice = event.get("choices").get(0);
            JsonNode delta = choice.get("delta");
            for (String field : List.of("content", "reasoning_content")) {
                if (delta.has(field)) {
                    message.put(
                            field,
                            message.path(field).asText() + delta.get(field).asText());
                }
            }
            for (JsonNode piece : delta.path("tool_calls")) {
                if (piece.get("index").asInt() == calls.size()) {
                    assertThat(piece.get("type").asText()).isEqualTo("function");
                    calls.add(piece.deepCopy());
                } else {
                    ObjectNode function =
                            (ObjectNode) calls.get(piece.get("index").asInt()).get("function");
                    function.put(
                            "arguments",
                            function.get("arguments").asText()
                                    + piece.get("function").get("arguments").asText());
                }
            }
            reason = choice.get("finish_reason").isTextual()
                    ? choice.get("finish_reason").asText()
                    : reason;
        }
        ObjectNode whole = JSON.createObjectNode().put("finish_reason", reason);
        message.putArray("tool_calls").addAll(calls);
        whole.set("message", message);
        return whole;
    }

    private static String calls(JsonNode choice) {
        StringBuilder calls = new StringBuilder();
        for (JsonNode call : choice.get("message").path("tool_calls")) {
            assertThat(call.get("id").asText()).startsWith("call_");
            calls.append(call.get("function").get("name").asText())
                    .append(call.get("function").get("arguments").asText())
                    .append(' ');
        }
        return calls.toString();
    }

    @Test
    void aCallIsNoContent() throws Exception {
        ObjectNode body = request("Let me see. " + CALL);
        for (JsonNode choice : List.of(choice(body), streamed(body))) {
            assertThat(choice.get("finish_reason").asText()).isEqualTo("tool_calls");
            assertThat(choice.get("message").get("content").asText()).isEqualTo("Let me see.");
            assertThat(calls(choice)).isEqualTo("add{\"a\": 1, \"b\": 2} ");
        }
        assertThat(choice(request(CALL)).get("message").get("content").isNull()).isTrue();
    }

    @Test
    void severalToolsAreCalledAtOnceUnlessToldOtherwise() throws Exception {
        String two = CALL + "\n<tool_call>\n{\"name\": \"say\", \"arguments\": {\"text\": \"hi }\"}}\n</tool_call>";
        ObjectNode body = request(two);
        for (JsonNode choice : List.of(choice(body), streamed(body))) {
            assertThat(calls(choice)).isEqualTo("add{\"a\": 1, \"b\": 2} say{\"text\": \"hi }\"} ");
        }
        body.put("parallel_tool_calls", false);
        assertThat(calls(choice(body))).isEqualTo("add{\"a\": 1, \"b\": 2} ");
    }

    @Test
    void argumentsFollowTheToolsSchema() throws Exception {
        String wrong = CALL.replace("\"b\": 2", "\"c\": 2");
        JsonNode choice = choice(request(wrong));
        assertThat(choice.get("finish_reason").asText()).isIn("tool_calls", "length");
        assertThat(calls(choice)).startsWith("add{\"a\": 1, \"b\": ");
    }

    @Test
    void aToolMustBeCalledWhereTheRequestSaysSo() throws Exception {
        ObjectNode body = request(CALL).put("tool_choice", "required");
        assertThat(calls(choice(body))).isEqualTo("add{\"a\": 1, \"b\": 2} ");
        body.putObject("tool_choice")
                .put("type", "function")
                .putObject("function")
                .put("name", "say");
        assertThat(calls(choice(body))).startsWith("say{\"text\": \"");
    }

    @Test
    void anUnwillingModelCallsAToolAllTheSame() throws Exception {
        ObjectNode body =
                request("I would rather not.").put("tool_choice", "required").put("max_tokens", 200);
        try (TestServer unthinking = TestServer.start(4096, new EchoTemplate("tools <tool_call>"))) {
            JsonNode choice = unthinking
                    .ok("/v1/chat/completions", body.toString())
                    .get("choices")
                    .get(0);
            assertThat(calls(choice)).as(choice.toString()).startsWith("add{");
        }
    }

    @Test
    void noneIsCalledWhereNoneMayBe() throws Exception {
        ObjectNode body = request(CALL).put("tool_choice", "none");
        for (JsonNode choice : List.of(choice(body), streamed(body))) {
            assertThat(choice.get("finish_reason").asText()).isEqualTo("stop");
            assertThat(choice.get("message").get("content").asText()).isEqualTo(CALL);
            assertThat(calls(choice)).isEmpty();
        }
    }

    @Test
    void whatIsNoCallIsContent() throws Exception {
        try (TestServer loose = TestServer.start(4096, new EchoTemplate("tools"))) {
            for (String said : List.of(
                    "{\"name\": \"add\", \"arguments\": {\"a\": 1",
                    "{\"name\": \"multiply\", \"arguments\": {}}",
                    "{\"sum\": 3}")) {
                JsonNode choice = loose.ok("/v1/chat/completions", request(said).toString())
                        .get("choices")
                        .get(0);
                assertThat(choice.get("finish_reason").asText()).isEqualTo("stop");
                assertThat(choice.get("message").get("content").asText()).isEqualTo(said);
            }
            JsonNode call = loose.ok(
                    "/v1/chat/completions",
                    request("{\"name\": \"add\", \"arguments\": {\"a\": 1}}").toString());
            assertThat(calls(call.get("choices").get(0))).isEqualTo("add{\"a\":1} ");
        }
    }

    @Test
    void thoughtsAreToldApart() throws Exception {
        ObjectNode body = request("<think>\nOne and two?\n</think>\n\nThree.");
        body.remove("tools");
        for (JsonNode choice : List.of(choice(body), streamed(body))) {
            assertThat(choice.get("message").get("reasoning_content").asText()).isEqualTo("One and two?");
            assertThat(choice.get("message").get("content").asText()).isEqualTo("Three.");
        }
        ObjectNode guided = request("<think>Hm.</think>{\"a\":7}");
        guided.remove("tools");
        guided.putObject("response_format").put("type", "json_object");
        JsonNode choice = choice(guided);
        assertThat(choice.get("message").get("reasoning_content").asText()).isEqualTo("Hm.");
        assertThat(choice.get("message").get("content").asText()).isEqualTo("{\"a\":7}");
    }

    @Test
    void anAnswerMayFollowASchemaWhereToolsAreOfferedToo() throws Exception {
        ObjectNode body = request("{\"a\":7}");
        body.putObject("response_format").put("type", "json_object");
        assertThat(choice(body).get("message").get("content").asText()).isEqualTo("{\"a\":7}");
        ObjectNode calling = request(CALL);
        calling.putObject("response_format").put("type", "json_object");
        assertThat(calls(choice(calling))).isEqualTo("add{\"a\": 1, \"b\": 2} ");
    }

    @Test
    void aSchemaThatCantBeFollowedIsRefusedIfItsToolIsStrict() throws Exception {
        ObjectNode body = request(CALL);
        ObjectNode function = (ObjectNode) body.get("tools").get(0).get("function");
        ((ObjectNode) function.get("parameters")).putObject("not");
        // The arguments are an object then, whichever.
        assertThat(calls(choice(body))).isEqualTo("add{\"a\": 1, \"b\": 2} ");
        function.put("strict", true);
        var response = server.post("/v1/chat/completions", body.toString());
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("\"param\":\"tools\"", "'not'");
    }
}
