package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.testkit.EchoTemplate;
import dev.kvasir.engine.testkit.NamedEvents;
import dev.kvasir.engine.testkit.TestServer;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** OpenAI's Responses API, whole, streamed and in the background. The model is a parrot that says the last message, or all of them. */
class ResponsesTest {
    private static final String PATH = "/v1/responses";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] KEY = {"authorization", "Bearer client-key-1"};
    private static final String[] OTHER = {"authorization", "Bearer client-key-2"};
    private static final String CALL =
            "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": 2}}\n</tool_call>";

    private static TestServer echo;
    private static TestServer chatml;

    @BeforeAll
    static void start() throws Exception {
        echo = TestServer.start(4096, new EchoTemplate("tools <tool_call> </think>"));
        echo.post(PATH, withTool(request("warm up")).toString()); // the first guide takes its time
        chatml = TestServer.start("http.apiKeys=[client-key-1,client-key-2]");
    }

    @AfterAll
    static void stop() {
        echo.close();
        chatml.close();
    }

    @AfterEach
    void nothingIsLeft() {
        echo.runner.resume();
        echo.awaitIdle();
    }

    private static ObjectNode request(String said) {
        return JSON.createObjectNode().put("model", "parrot").put("input", said);
    }

    private static ObjectNode withTool(ObjectNode body) {
        ObjectNode tool =
                body.putArray("tools").addObject().put("type", "function").put("name", "add");
        ObjectNode schema = tool.putObject("parameters").put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        properties.putObject("a").put("type", "integer");
        properties.putObject("b").put("type", "integer");
        schema.putArray("required").add("a").add("b");
        return body;
    }

    private static NamedEvents stream(ObjectNode body) throws Exception {
        HttpResponse<String> response =
                echo.post(PATH, body.deepCopy().put("stream", true).toString());
        assertThat(response.headers().firstValue("content-type").orElse("")).startsWith("text/event-stream");
        NamedEvents stream = NamedEvents.parse(response.body());
        for (int i = 0; i < stream.events().size(); i++) {
            assertThat(stream.events().get(i).get("sequence_number").asInt()).isEqualTo(i);
        }
        return stream;
    }

    private static String text(JsonNode response) {
        StringBuilder text = new StringBuilder();
        for (JsonNode item : response.get("output")) {
            if (item.get("type").asText().equals("message")) {
                item.get("content").forEach(part -> text.append(part.get("text").asText()));
            }
        }
        return text.toString();
    }

    private static JsonNode withoutIds(JsonNode response) {
        ObjectNode copy = response.deepCopy();
        copy.remove(List.of("id", "created_at", "completed_at"));
        ((ObjectNode) copy.get("usage").get("input_tokens_details")).remove("cached_tokens");
        for (JsonNode item : copy.get("output")) {
            ((ObjectNode) item).remove(List.of("id", "call_id"));
        }
        return copy;
    }

    @Test
    void aResponseIsTheSameWholeAndStreamed() throws Exception {
        JsonNode whole = echo.ok(PATH, request("hello").toString());
        assertThat(whole.get("object").asText()).isEqualTo("response");
        assertThat(whole.get("id").asText()).startsWith("resp_");
        assertThat(whole.get("status").asText()).isEqualTo("completed");
        assertThat(text(whole)).isEqualTo("hello");
        assertThat(whole.get("usage").get("output_tokens").asInt()).isEqualTo(5);
        assertThat(whole.get("usage").get("input_tokens_details").has("cached_tokens"))
                .isTrue();
        NamedEvents stream = stream(request("hello"));
        assertThat(stream.namesInARow())
                .containsExactly(
                        "response.created",
                        "response.in_progress",
                        "response.output_item.added",
                        "response.content_part.added",
                        "response.output_text.delta",
                        "response.output_text.done",
                        "response.content_part.done",
                        "response.output_item.done",
                        "response.completed");
        assertThat(withoutIds(stream.of("response.completed").get(0).get("response")))
                .isEqualTo(withoutIds(whole));
        StringBuilder deltas = new StringBuilder();
        stream.of("response.output_text.delta")
                .forEach(event -> deltas.append(event.get("delta").asText()));
        assertThat(deltas.toString()).isEqualTo("hello");
    }

    @Test
    void callsAndThoughtsAreItems() throws Exception {
        ObjectNode body = withTool(request("<think>Hm.</think>Let me see. " + CALL));
        JsonNode whole = echo.ok(PATH, body.toString());
        assertThat(whole.get("output").findValuesAsText("type"))
                .containsExactly("reasoning", "reasoning_text", "message", "output_text", "function_call");
        JsonNode call = whole.get("output").get(2);
        assertThat(call.get("name").asText()).isEqualTo("add");
        assertThat(JSON.readTree(call.get("arguments").asText()).toString()).isEqualTo("{\"a\":1,\"b\":2}");
        assertThat(call.get("call_id").asText()).startsWith("call_");
        assertThat(whole.get("usage")
                        .get("output_tokens_details")
                        .get("reasoning_tokens")
                        .asInt())
                .isEqualTo(3);
        NamedEvents stream = stream(body);
        assertThat(stream.namesInARow())
                .contains(
                        "response.reasoning_text.delta",
                        "response.reasoning_text.done",
                        "response.function_call_arguments.delta",
                        "response.function_call_arguments.done");
        assertThat(withoutIds(stream.of("response.completed").get(0).get("response")))
                .isEqualTo(withoutIds(whole));
        JsonNode added = stream.of("response.output_item.added").get(2).get("item");
        assertThat(added.get("status").asText()).isEqualTo("in_progress");
        assertThat(added.get("arguments").asText()).isEmpty();
    }

    @Test
    void someToolsMayBeCalledAndOthersNot() throws Exception {
        ObjectNode body = withTool(request(CALL));
        body.withArray("tools").addObject().put("type", "function").put("name", "say");
        ObjectNode choice =
                body.putObject("tool_choice").put("type", "allowed_tools").put("mode", "required");
        choice.putArray("tools").addObject().put("type", "function").put("name", "say");
        assertThat(echo.ok(PATH, body.put("max_output_tokens", 100).toString())
                        .get("output")
                        .findValuesAsText("name"))
                .containsOnly("say");
    }

    @Test
    void anAnswerThatIsCutIsIncomplete() throws Exception {
        ObjectNode body = request("hello").put("max_output_tokens", 2);
        JsonNode whole = echo.ok(PATH, body.toString());
        assertThat(whole.get("status").asText()).isEqualTo("incomplete");
        assertThat(whole.get("incomplete_details").get("reason").asText()).isEqualTo("max_output_tokens");
        assertThat(whole.get("output").get(0).get("status").asText()).isEqualTo("incomplete");
        assertThat(stream(body).namesInARow()).endsWith("response.incomplete");
    }

    @Test
    void anAnswerFollowsASchemaAndHasLogprobs() throws Exception {
        ObjectNode body = request("no JSON at all").put("top_logprobs", 2);
        ObjectNode format = body.putObject("text").putObject("format");
        format.put("type", "json_schema")
                .put("name", "yesno")
                .putObject("schema")
                .putArray("enum")
                .add("yes")
                .add("no");
        JsonNode whole = echo.ok(PATH, body.toString());
        assertThat(text(whole)).isIn("\"yes\"", "\"no\"");
        JsonNode logprobs = whole.get("output").get(0).get("content").get(0).get("logprobs");
        assertThat(logprobs).hasSize(text(whole).length());
        assertThat(logprobs.get(0).get("top_logprobs")).hasSize(2);
    }

    @Test
    void itemsBecomeTheConversationThatTemplatesKnow() throws Exception {
        JsonNode answer = chatml.ok(PATH, """
                {"model": "parrot", "instructions": "Be kind.", "input": [
                  {"role": "developer", "content": "Be brief."},
                  {"role": "user", "content": [{"type": "input_text", "text": "one "}, {"type": "input_text", "text": "two"}]},
                  {"type": "reasoning", "id": "rs_1", "summary": [], "content": [{"type": "reasoning_text", "text": "hm"}]},
                  {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I call."}]},
                  {"type": "function_call", "call_id": "c1", "name": "add", "arguments": "{}"},
                  {"type": "function_call_output", "call_id": "c1", "output": "7"}]}""", KEY);
        assertThat(text(answer))
                .isEqualTo("system\nBe kind.\n\nBe brief.\nuser\none two\nassistant\nI call.\ntool\n7\nassistant\n");
    }

    @Test
    void aConversationGoesOnFromWhatIsStored() throws Exception {
        JsonNode first =
                chatml.ok(PATH, request("one").put("instructions", "Be kind.").toString(), KEY);
        String id = first.get("id").asText();
        JsonNode second =
                chatml.ok(PATH, request("two").put("previous_response_id", id).toString(), KEY);
        // Instructions don't go on; the first answer, which is the whole first prompt, does.
        assertThat(text(second)).isEqualTo("user\none\nassistant\n" + text(first) + "\nuser\ntwo\nassistant\n");
        assertThat(second.get("previous_response_id").asText()).isEqualTo(id);
        assertThat(chatml.get(PATH + "/" + second.get("id").asText(), KEY).body())
                .isEqualTo(second.toString());
        JsonNode items =
                TestServer.json(chatml.get(PATH + "/" + second.get("id").asText() + "/input_items", KEY)
                        .body());
        assertThat(items.get("data")).hasSize(1);
        assertThat(items.get("data").get(0).get("content").get(0).get("text").asText())
                .isEqualTo("two");
        assertThat(items.get("has_more").asBoolean()).isFalse();
    }

    @Test
    void whatOneTenantStoredNoOtherCanSee() throws Exception {
        String id = chatml.ok(PATH, request("secret").toString(), KEY).get("id").asText();
        String one = PATH + "/" + id;
        assertThat(chatml.get(one, KEY).statusCode()).isEqualTo(200);
        String missing = chatml.get(PATH + "/resp_nothing", OTHER).body().replace("resp_nothing", id);
        HttpResponse<String> stranger = chatml.get(one, OTHER);
        assertThat(stranger.statusCode()).isEqualTo(404);
        assertThat(stranger.body()).isEqualTo(missing);
        assertThat(chatml.get(one + "/input_items", OTHER).statusCode()).isEqualTo(404);
        assertThat(chatml.post(one + "/cancel", "{}", OTHER).statusCode()).isEqualTo(404);
        assertThat(delete(one, OTHER).statusCode()).isEqualTo(404);
        HttpResponse<String> going = chatml.post(
                PATH, request("tell me").put("previous_response_id", id).toString(), OTHER);
        assertThat(going.statusCode()).isEqualTo(400);
        assertThat(TestServer.json(going.body()).path("error").path("code").asText())
                .isEqualTo("previous_response_not_found");
    }

    @Test
    void whatIsDeletedIsGone() throws Exception {
        String id = chatml.ok(PATH, request("hello").toString(), KEY).get("id").asText();
        JsonNode deleted = TestServer.json(delete(PATH + "/" + id, KEY).body());
        assertThat(deleted.toString()).isEqualTo("{\"id\":\"" + id + "\",\"object\":\"response\",\"deleted\":true}");
        assertThat(chatml.get(PATH + "/" + id, KEY).statusCode()).isEqualTo(404);
    }

    @Test
    void whatIsNotToBeStoredIsNot() throws Exception {
        JsonNode answer = chatml.ok(PATH, request("hello").put("store", false).toString(), KEY);
        assertThat(answer.get("store").asBoolean()).isFalse();
        assertThat(chatml.get(PATH + "/" + answer.get("id").asText(), KEY).statusCode())
                .isEqualTo(404);
    }

    @Test
    void inputItemsComePageByPage() throws Exception {
        ObjectNode body = JSON.createObjectNode().put("model", "parrot");
        for (int i = 0; i < 5; i++) {
            body.withArray("input").addObject().put("role", "user").put("content", "m" + i);
        }
        String items =
                PATH + "/" + chatml.ok(PATH, body.toString(), KEY).get("id").asText() + "/input_items";
        JsonNode page =
                TestServer.json(chatml.get(items + "?limit=2&order=asc", KEY).body());
        assertThat(page.get("data").findValuesAsText("text")).containsExactly("m0", "m1");
        assertThat(page.get("has_more").asBoolean()).isTrue();
        page = TestServer.json(chatml.get(
                        items + "?limit=3&order=asc&after="
                                + page.get("last_id").asText(),
                        KEY)
                .body());
        assertThat(page.get("data").findValuesAsText("text")).containsExactly("m2", "m3", "m4");
        assertThat(page.get("has_more").asBoolean()).isFalse();
        assertThat(TestServer.json(chatml.get(items, KEY).body()).get("data").findValuesAsText("text"))
                .startsWith("m4");
        for (String bad : List.of("limit=0", "limit=x", "order=up", "nothing=1", "limit=1&limit=2")) {
            assertThat(chatml.get(items + "?" + bad, KEY).statusCode()).as(bad).isEqualTo(400);
        }
        assertThat(statusOf("GET " + items + "?a=%zz HTTP/1.1")).isBetween(400, 404);
        assertThat(statusOf("GET " + PATH + "/%zz HTTP/1.1")).isBetween(400, 404);
    }

    @Test
    void aBackgroundResponseIsAskedForLater() throws Exception {
        echo.runner.pause();
        JsonNode queued = echo.ok(PATH, request("hello").put("background", true).toString());
        assertThat(queued.get("status").asText()).isEqualTo("queued");
        String one = PATH + "/" + queued.get("id").asText();
        assertThat(TestServer.json(echo.get(one).body()).get("status").asText()).isIn("queued", "in_progress");
        HttpResponse<String> early = echo.post(
                PATH,
                request("and?")
                        .put("previous_response_id", queued.get("id").asText())
                        .toString());
        assertThat(early.statusCode()).isEqualTo(400);
        echo.runner.resume();
        TestServer.await("the response", () -> status(one).equals("completed"));
        assertThat(text(TestServer.json(echo.get(one).body()))).isEqualTo("hello");
        HttpResponse<String> late = echo.post(one + "/cancel", "");
        assertThat(TestServer.json(late.body()).get("status").asText()).isEqualTo("completed");
    }

    @Test
    void aBackgroundResponseCanBeCancelled() throws Exception {
        echo.runner.pause();
        ObjectNode endless = request("hello").put("background", true).put("ignore_eos", true);
        String one = PATH + "/" + echo.ok(PATH, endless.toString()).get("id").asText();
        TestServer.await("its step", echo.runner::isHolding);
        JsonNode cancelled = TestServer.json(echo.post(one + "/cancel", "{}").body());
        assertThat(cancelled.get("status").asText()).isEqualTo("cancelled");
        assertThat(status(one)).isEqualTo("cancelled");
        String other = PATH + "/" + echo.ok(PATH, endless.toString()).get("id").asText();
        HttpRequest delete = HttpRequest.newBuilder(echo.uri(other)).DELETE().build();
        assertThat(echo.client.send(delete, BodyHandlers.ofString()).statusCode())
                .isEqualTo(200);
        echo.runner.allow(1);
        echo.awaitIdle();
        echo.runner.resume();
        HttpResponse<String> whole = echo.post(
                PATH + "/" + echo.ok(PATH, request("hi").toString()).get("id").asText() + "/cancel", "{}");
        assertThat(whole.statusCode()).isEqualTo(400);
    }

    @Test
    void tokensAreCountedAsTheyAreUsed() throws Exception {
        JsonNode count = echo.ok(PATH + "/input_tokens", request("hello").toString());
        assertThat(count.toString()).isEqualTo("{\"object\":\"response.input_tokens\",\"input_tokens\":5}");
    }

    /** Sends a request line that Java's client wouldn't. */
    private static int statusOf(String line) throws Exception {
        URI address = chatml.uri("/");
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            String head = line + "\r\nhost: localhost\r\n" + KEY[0] + ": " + KEY[1] + "\r\nconnection: close\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return Integer.parseInt(answer.split(" ", 3)[1]);
        }
    }

    private static String status(String one) {
        try {
            return TestServer.json(echo.get(one).body()).get("status").asText();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static HttpResponse<String> delete(String path, String... key) throws Exception {
        return chatml.client.send(
                HttpRequest.newBuilder(chatml.uri(path))
                        .header(key[0], key[1])
                        .DELETE()
                        .build(),
                BodyHandlers.ofString());
    }
}
