package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.testkit.RealServer;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The model in the box calls tools from plain chat requests and uses what they say. */
class KvasirMiniToolsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static RealServer server;

    @BeforeAll
    static void start() {
        server = new RealServer(Path.of("../models/kvasir-mini"), Wiring::load);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void aToolIsCalledAndItsResultUsed() throws Exception {
        ObjectNode body = request("What is the weather in Paris?");
        JsonNode choice = server.ok("/v1/chat/completions", body).get("choices").get(0);
        assertThat(choice.get("finish_reason").asText()).as(choice.toString()).isEqualTo("tool_calls");
        JsonNode message = choice.get("message");
        assertThat(message.get("content").isNull()).isTrue();
        JsonNode call = message.get("tool_calls").get(0);
        assertThat(call.get("type").asText()).isEqualTo("function");
        assertThat(call.get("function").get("name").asText()).isEqualTo("get_weather");
        assertThat(JSON.readTree(call.get("function").get("arguments").asText()))
                .isEqualTo(JSON.readTree("{\"city\":\"Paris\"}"));

        ArrayNode messages = (ArrayNode) body.get("messages");
        messages.add(message);
        messages.addObject()
                .put("role", "tool")
                .put("tool_call_id", call.get("id").asText())
                .put("content", "{\"weather\": \"windy\"}");
        JsonNode answer = server.ok("/v1/chat/completions", body).get("choices").get(0);
        assertThat(answer.get("finish_reason").asText()).isEqualTo("stop");
        assertThat(answer.get("message").get("content").asText()).isEqualTo("The weather in Paris is windy.");
        assertThat(answer.get("message").has("tool_calls")).isFalse();
    }

    @Test
    void aToolThatMustBeCalledIs() throws Exception {
        ObjectNode body = request("Hello!");
        body.putObject("tool_choice")
                .put("type", "function")
                .putObject("function")
                .put("name", "play_song");
        JsonNode choice = server.ok("/v1/chat/completions", body).get("choices").get(0);
        JsonNode function = choice.get("message").get("tool_calls").get(0).get("function");
        assertThat(function.get("name").asText()).isEqualTo("play_song");
        JsonNode arguments = JSON.readTree(function.get("arguments").asText());
        assertThat(arguments.get("song").isTextual()).as(arguments.toString()).isTrue();
        assertThat(arguments).hasSize(1);
    }

    @Test
    void noToolIsCalledWhereNoneMayBe() throws Exception {
        ObjectNode body = request("Hello!").put("tool_choice", "none");
        JsonNode choice = server.ok("/v1/chat/completions", body).get("choices").get(0);
        assertThat(choice.get("message").has("tool_calls")).isFalse();
        assertThat(choice.get("message").get("content").asText()).isNotBlank();
    }

    private static ObjectNode request(String text) {
        ObjectNode body = JSON.createObjectNode()
                .put("model", "kvasir-mini")
                .put("temperature", 0)
                .put("max_tokens", 100);
        body.putArray("messages").addObject().put("role", "user").put("content", text);
        ArrayNode tools = body.putArray("tools");
        tool(tools, "get_weather", "Tells the weather.", "city");
        tool(tools, "play_song", "Plays a song.", "song");
        return body;
    }

    private static void tool(ArrayNode tools, String name, String description, String parameter) {
        ObjectNode function = tools.addObject().put("type", "function").putObject("function");
        function.put("name", name).put("description", description);
        ObjectNode parameters = function.putObject("parameters").put("type", "object");
        parameters
                .putObject("properties")
                .putObject(parameter)
                .put("type", "string")
                .put("maxLength", 20);
        parameters.putArray("required").add(parameter);
        parameters.put("additionalProperties", false);
    }
}
