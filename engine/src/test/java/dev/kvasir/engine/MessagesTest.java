package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.anthropic.MessagesFormat;
import dev.kvasir.engine.openai.AnswerFormat;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.testkit.EchoTemplate;
import dev.kvasir.engine.testkit.NamedEvents;
import dev.kvasir.engine.testkit.TestServer;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Anthropic's Messages API, whole and streamed. The model is a parrot that says the last message, or all of them. */
class MessagesTest {
    private static final String PATH = "/v1/messages";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CALL =
            "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": 2}}\n</tool_call>";

    private static TestServer echo;
    private static TestServer chatml;

    @BeforeAll
    static void start() throws Exception {
        echo = TestServer.start(4096, new EchoTemplate("tools <tool_call> </think>"));
        echo.post(PATH, withTool(request("warm up")).toString()); // the first guide takes its time
        chatml = TestServer.start("http.apiKeys=[client-key-1]");
    }

    @AfterAll
    static void stop() {
        echo.close();
        chatml.close();
    }

    private static ObjectNode request(String said) {
        ObjectNode body = JSON.createObjectNode().put("model", "parrot").put("max_tokens", 1000);
        body.putArray("messages").addObject().put("role", "user").put("content", said);
        return body;
    }

    private static ObjectNode withTool(ObjectNode body) {
        ObjectNode tool = body.putArray("tools").addObject().put("name", "add").put("description", "Adds.");
        ObjectNode schema = tool.putObject("input_schema").put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        properties.putObject("a").put("type", "integer");
        properties.putObject("b").put("type", "integer");
        schema.putArray("required").add("a").add("b");
        return body;
    }

    private static NamedEvents stream(TestServer server, ObjectNode body, String... headers) throws Exception {
        HttpResponse<String> response =
                server.post(PATH, body.deepCopy().put("stream", true).toString(), headers);
        assertThat(response.headers().firstValue("content-type").orElse("")).startsWith("text/event-stream");
        return NamedEvents.parse(response.body());
    }

    /** Puts a stream together as clients do. */
    private static JsonNode assembled(NamedEvents stream) throws Exception {
        ObjectNode message = stream.of("message_start").get(0).get("message").deepCopy();
        for (JsonNode start : stream.of("content_block_start")) {
            ObjectNode block = start.get("content_block").deepCopy();
            StringBuilder text = new StringBuilder();
            for (JsonNode delta : stream.of("content_block_delta")) {
                if (delta.get("index").equals(start.get("index"))) {
                    JsonNode piece = delta.get("delta");
                    for (String field : List.of("text", "thinking", "partial_json")) {
                        text.append(piece.path(field).asText());
                    }
                }
            }
            switch (block.get("type").asText()) {
                case "text" -> block.put("text", text.toString());
                case "thinking" -> block.put("thinking", text.toString());
                default -> block.set("input", JSON.readTree(text.toString()));
            }
            message.withArray("content").add(block);
        }
        ObjectNode last = stream.of("message_delta").get(0).deepCopy();
        message.setAll((ObjectNode) last.get("delta"));
        message.set("usage", last.get("usage"));
        return message;
    }

    private static ObjectNode withoutId(JsonNode message) {
        ObjectNode copy = message.deepCopy();
        copy.remove("id");
        copy.path("content").forEach(block -> ((ObjectNode) block).remove("id"));
        ObjectNode usage = (ObjectNode) copy.get("usage"); // what was cached depends on what came before
        int input = usage.get("input_tokens").asInt()
                + usage.get("cache_read_input_tokens").asInt();
        usage.remove("cache_read_input_tokens");
        usage.put("input_tokens", input);
        return copy;
    }

    @Test
    void aMessageIsAnsweredTheSameWholeAndStreamed() throws Exception {
        ObjectNode body = request("hello");
        JsonNode whole = echo.ok(PATH, body.toString());
        assertThat(whole.get("id").asText()).startsWith("msg_");
        assertThat(whole.get("type").asText()).isEqualTo("message");
        assertThat(whole.get("role").asText()).isEqualTo("assistant");
        assertThat(whole.get("content").toString()).isEqualTo("[{\"type\":\"text\",\"text\":\"hello\"}]");
        assertThat(whole.get("stop_reason").asText()).isEqualTo("end_turn");
        assertThat(whole.get("stop_sequence").isNull()).isTrue();
        assertThat(whole.get("usage").get("output_tokens").asInt()).isEqualTo(5);
        NamedEvents stream = stream(echo, body);
        assertThat(stream.namesInARow())
                .containsExactly(
                        "message_start",
                        "content_block_start",
                        "content_block_delta",
                        "content_block_stop",
                        "message_delta",
                        "message_stop");
        assertThat(withoutId(assembled(stream))).isEqualTo(withoutId(whole));
    }

    @Test
    void callsAreToolUse() throws Exception {
        ObjectNode body = withTool(request("Let me see. " + CALL));
        JsonNode whole = echo.ok(PATH, body.toString());
        assertThat(whole.get("stop_reason").asText()).isEqualTo("tool_use");
        assertThat(whole.get("content").get(0).get("text").asText()).isEqualTo("Let me see.");
        JsonNode call = whole.get("content").get(1);
        assertThat(call.get("type").asText()).isEqualTo("tool_use");
        assertThat(call.get("id").asText()).startsWith("toolu_");
        assertThat(call.get("input").toString()).isEqualTo("{\"a\":1,\"b\":2}");
        assertThat(withoutId(assembled(stream(echo, body)))).isEqualTo(withoutId(whole));
    }

    @Test
    void aToolCanBeForcedAndForbidden() throws Exception {
        ObjectNode body = withTool(request(CALL));
        body.putObject("tool_choice").put("type", "tool").put("name", "add");
        assertThat(echo.ok(PATH, body.toString()).get("stop_reason").asText()).isEqualTo("tool_use");
        body.putObject("tool_choice").put("type", "none");
        assertThat(echo.ok(PATH, body.toString())
                        .get("content")
                        .get(0)
                        .get("text")
                        .asText())
                .isEqualTo(CALL);
        ObjectNode two = withTool(request(CALL + CALL));
        assertThat(echo.ok(PATH, two.toString()).get("content")).hasSize(2);
        two.putObject("tool_choice").put("type", "auto").put("disable_parallel_tool_use", true);
        assertThat(echo.ok(PATH, two.toString()).get("content")).hasSize(1);
    }

    @Test
    void thoughtsAreBlocksOfTheirOwn() throws Exception {
        ObjectNode body = request("<think>\nOne and two?\n</think>\n\nThree.");
        body.putObject("thinking").put("type", "enabled").put("budget_tokens", 1024);
        JsonNode whole = echo.ok(PATH, body.toString());
        assertThat(whole.get("content").get(0).get("thinking").asText()).isEqualTo("One and two?");
        assertThat(whole.get("content").get(1).get("text").asText()).isEqualTo("Three.");
        assertThat(withoutId(assembled(stream(echo, body)))).isEqualTo(withoutId(whole));
    }

    @Test
    void theStopSequenceIsNamed() throws Exception {
        ObjectNode body = request("one two three");
        body.putArray("stop_sequences").add("five").add(" three");
        JsonNode whole = echo.ok(PATH, body.toString());
        assertThat(whole.get("stop_reason").asText()).isEqualTo("stop_sequence");
        assertThat(whole.get("stop_sequence").asText()).isEqualTo(" three");
        assertThat(whole.get("content").get(0).get("text").asText()).isEqualTo("one two");
        assertThat(withoutId(assembled(stream(echo, body)))).isEqualTo(withoutId(whole));
    }

    @Test
    void anAnswerEndsWithItsTokensOrWithTheContext() throws Exception {
        ObjectNode body = request("hello").put("max_tokens", 3);
        assertThat(echo.ok(PATH, body.toString()).get("stop_reason").asText()).isEqualTo("max_tokens");
        body.put("max_tokens", 1_000_000).put("ignore_eos", true);
        JsonNode full = echo.ok(PATH, body.toString());
        assertThat(full.get("stop_reason").asText()).isEqualTo("model_context_window_exceeded");
        assertThat(full.get("usage").get("output_tokens").asInt()).isEqualTo(4096 - 5);
    }

    @Test
    void anAnswerFollowsASchema() throws Exception {
        ObjectNode body = request("no JSON at all");
        ObjectNode format = body.putObject("output_config").putObject("format").put("type", "json_schema");
        format.putObject("schema").putArray("enum").add("yes").add("no");
        assertThat(echo.ok(PATH, body.toString())
                        .get("content")
                        .get(0)
                        .get("text")
                        .asText())
                .isIn("\"yes\"", "\"no\"");
    }

    /** The parrot says the whole prompt back. */
    private static String prompt(ObjectNode body) throws Exception {
        return chatml.ok(PATH, body.toString(), "x-api-key", "client-key-1", "anthropic-version", "2023-06-01")
                .get("content")
                .get(0)
                .get("text")
                .asText();
    }

    @Test
    void blocksBecomeTheConversationThatTemplatesKnow() throws Exception {
        ObjectNode body = (ObjectNode) JSON.readTree("""
                {"model": "parrot", "max_tokens": 500, "system": [{"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}}],
                 "messages": [
                   {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]},
                   {"role": "user", "content": "three"},
                   {"role": "assistant", "content": [{"type": "text", "text": "I call."}, {"type": "tool_use", "id": "t1", "name": "add", "input": {}}]},
                   {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "7"}]},
                                                {"type": "text", "text": "So?"}]}]}""");
        assertThat(prompt(body))
                .isEqualTo(
                        "system\nBe kind.\nuser\none\ntwo\nthree\nassistant\nI call.\ntool\n7\nuser\nSo?\nassistant\n");
    }

    @Test
    void tokensAreCountedAsTheyAreUsed() throws Exception {
        ObjectNode body = withTool(request("hello"));
        int used = withoutId(echo.ok(PATH, body.toString()))
                .get("usage")
                .get("input_tokens")
                .asInt();
        body.remove("max_tokens");
        JsonNode count = echo.ok(PATH + "/count_tokens", body.toString());
        assertThat(count.toString()).isEqualTo("{\"input_tokens\":" + used + "}");
    }

    @Test
    void whatWasCachedIsCountedApart() throws Exception {
        ObjectNode body = request(
                "a text that is long enough to fill more than one segment of tokens, so that it can be found again"
                        .repeat(2));
        echo.ok(PATH, body.toString());
        JsonNode usage = echo.ok(PATH, body.toString()).get("usage");
        assertThat(usage.get("cache_read_input_tokens").asInt()).isPositive();
        NamedEvents stream = stream(echo, body);
        assertThat(stream.of("message_start").get(0).get("message").get("usage").get("cache_read_input_tokens"))
                .isEqualTo(usage.get("cache_read_input_tokens"));
    }

    @Test
    void errorsHaveAnthropicsShape() throws Exception {
        HttpResponse<String> refused =
                chatml.post(PATH, request("hello").toString(), "x-api-key", "wrong-key-1", "x-request-id", "mine");
        assertThat(refused.statusCode()).isEqualTo(401);
        JsonNode body = TestServer.json(refused.body());
        assertThat(body.get("type").asText()).isEqualTo("error");
        assertThat(body.get("error").get("type").asText()).isEqualTo("authentication_error");
        assertThat(body.get("request_id").asText()).isEqualTo("mine");
        ObjectNode unknown = request("hello").put("model", "claude");
        HttpResponse<String> missing = chatml.post(PATH, unknown.toString(), "authorization", "Bearer client-key-1");
        assertThat(missing.statusCode()).isEqualTo(404);
        assertThat(missing.headers().firstValue("request-id")).isPresent();
        assertThat(TestServer.json(missing.body()).get("error").get("type").asText())
                .isEqualTo("not_found_error");
        assertThat(TestServer.json(chatml.get(PATH, "x-api-key", "client-key-1").body())
                        .get("error")
                        .get("type")
                        .asText())
                .isEqualTo("invalid_request_error");
    }

    @Test
    void aFailureInAStreamIsAnErrorEvent() {
        MessagesFormat format = new MessagesFormat("msg_1", "parrot", 1, false, isGuided -> {
            throw new AssertionError("nothing came");
        });
        AnswerFormat.Event event = format.onFailure(ApiError.internal()).get(0);
        assertThat(event.name()).isEqualTo("error");
        assertThat(event.data().path("error").path("type").asText()).isEqualTo("api_error");
    }
}
