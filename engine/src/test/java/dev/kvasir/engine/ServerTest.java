package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.testkit.TestServer;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Whole answers of a server whose model repeats its prompt. */
class ServerTest {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void completesAText() throws Exception {
        JsonNode body = server.ok("/v1/completions", "{\"model\":\"parrot\",\"prompt\":\"hello\",\"max_tokens\":3}");
        assertThat(body.path("id").asText()).startsWith("cmpl-");
        assertThat(body.path("object").asText()).isEqualTo("text_completion");
        assertThat(body.path("model").asText()).isEqualTo("parrot");
        assertThat(body.path("created").asLong()).isPositive();
        assertThat(body.path("system_fingerprint").asText()).isEqualTo("fp_0707070707");
        JsonNode choice = body.path("choices").path(0);
        assertThat(choice.path("text").asText()).isEqualTo("hel");
        assertThat(choice.path("finish_reason").asText()).isEqualTo("length");
        assertThat(choice.path("index").asInt()).isZero();
        assertThat(choice.get("logprobs").isNull()).isTrue();
        assertThat(body.path("usage"))
                .isEqualTo(TestServer.json("{\"prompt_tokens\":6,\"completion_tokens\":3,\"total_tokens\":9,"
                        + "\"prompt_tokens_details\":{\"cached_tokens\":0,"
                        + "\"cached_tokens_by_tier\":{\"device\":0,\"host\":0,\"disk\":0,\"remote\":0}}}"));
    }

    @Test
    void endsAtTheEndToken() throws Exception {
        JsonNode body = server.ok("/v1/completions", "{\"model\":\"parrot\",\"prompt\":\"hey\"}");
        assertThat(body.path("choices").path(0).path("text").asText()).isEqualTo("hey");
        assertThat(body.path("choices").path(0).path("finish_reason").asText()).isEqualTo("stop");
        assertThat(body.path("usage").path("completion_tokens").asInt()).isEqualTo(3);
    }

    @Test
    void answersAConversation() throws Exception {
        JsonNode body = server.ok(
                "/v1/chat/completions",
                "{\"model\":\"bird\",\"messages\":[{\"role\":\"user\",\"content\":\"héllo 🦜\"}]}");
        assertThat(body.path("id").asText()).startsWith("chatcmpl-");
        assertThat(body.path("object").asText()).isEqualTo("chat.completion");
        assertThat(body.path("model").asText()).isEqualTo("bird");
        JsonNode choice = body.path("choices").path(0);
        assertThat(choice.path("message").path("role").asText()).isEqualTo("assistant");
        assertThat(choice.path("message").path("content").asText()).isEqualTo("user\nhéllo 🦜\nassistant\n");
        assertThat(choice.path("finish_reason").asText()).isEqualTo("stop");
    }

    @Test
    void listsItsModels() throws Exception {
        JsonNode list = TestServer.json(server.get("/v1/models").body());
        assertThat(list.path("object").asText()).isEqualTo("list");
        assertThat(list.path("data").findValuesAsText("id")).containsExactly("parrot", "bird");
        JsonNode one = TestServer.json(server.get("/v1/models/parrot").body());
        assertThat(one.path("object").asText()).isEqualTo("model");
        assertThat(one.path("max_model_len").asInt()).isEqualTo(TestServer.CONTEXT);
        assertThat(server.get("/v1/models/no%2Fsuch").statusCode()).isEqualTo(404);
    }

    @Test
    void tokenizesAndDetokenizes() throws Exception {
        JsonNode tokens = server.ok("/tokenize", "{\"prompt\":\"a</s>\"}");
        assertThat(tokens.path("tokens")).isEqualTo(TestServer.json("[256,97,257]"));
        assertThat(tokens.path("count").asInt()).isEqualTo(3);
        JsonNode plain = server.ok("/tokenize", "{\"prompt\":\"a\",\"add_special_tokens\":false,\"model\":\"parrot\"}");
        assertThat(plain.path("tokens")).isEqualTo(TestServer.json("[97]"));
        assertThat(server.ok("/detokenize", "{\"tokens\":[256,97,98]}")
                        .path("prompt")
                        .asText())
                .isEqualTo("<s>ab");
        assertThat(server.ok("/detokenize", "{\"tokens\":[]}").path("prompt").asText())
                .isEmpty();
    }

    @Test
    void saysThatItIsHealthy() throws Exception {
        HttpResponse<String> health = server.get("/health");
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(TestServer.json(health.body()).path("status").asText()).isEqualTo("ready");
    }

    @Test
    void servesItsPage() throws Exception {
        HttpResponse<String> page = server.get("/");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("content-type")).contains("text/html; charset=utf-8");
        assertThat(page.body()).contains("<title>Kvasir</title>").contains("src=\"/ui/");
    }

    @Test
    void echoesASaneRequestIdAndReplacesAnother() throws Exception {
        assertThat(server.get("/health", "x-request-id", "abc-123").headers().firstValue("x-request-id"))
                .contains("abc-123");
        assertThat(server.get("/health", "x-request-id", "a b\"c").headers().firstValue("x-request-id"))
                .get()
                .asString()
                .matches("[0-9a-f]{16}");
    }
}
