package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.testkit.Sse;
import dev.kvasir.engine.testkit.TestServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is told of single tokens: ids of generated ones, log-probabilities of prompts. */
class TokenDetailsTest {
    private static final String CHAT =
            "{\"model\":\"parrot\",\"max_tokens\":6," + "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]%s}";

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingIsLeft() {
        server.awaitIdle();
    }

    @Test
    void aChatNamesItsTokensWholeAndInAStream() throws Exception {
        JsonNode choice = server.ok("/v1/chat/completions", CHAT.formatted(",\"return_token_ids\":true"))
                .path("choices")
                .path(0);
        assertThat(choice.path("message").path("content").asText()).isEqualTo("user\nh");
        assertThat(choice.path("token_ids")).isEqualTo(TestServer.json("[117,115,101,114,10,104]"));
        assertThat(choice.path("logprobs").isNull()).isTrue();
        Sse stream = Sse.parse(
                server.post("/v1/chat/completions", CHAT.formatted(",\"return_token_ids\":true,\"stream\":true"))
                        .body());
        List<Integer> ids = new ArrayList<>();
        stream.events()
                .forEach(
                        event -> event.path("choices").path(0).path("token_ids").forEach(id -> ids.add(id.asInt())));
        assertThat(ids).containsExactly(117, 115, 101, 114, 10, 104);
        assertThat(server.ok("/v1/chat/completions", CHAT.formatted(""))
                        .path("choices")
                        .path(0)
                        .has("token_ids"))
                .isFalse();
    }

    @Test
    void aPromptsTokensHaveLogprobsFromTheSecondOn() throws Exception {
        JsonNode choices = server.ok(
                        "/v1/completions",
                        "{\"model\":\"parrot\",\"prompt\":[\"ab\",\"c\"],\"max_tokens\":1,\"n\":2,\"prompt_logprobs\":2}")
                .path("choices");
        assertThat(choices).hasSize(4);
        JsonNode first = choices.path(0).path("prompt_logprobs");
        assertThat(first).hasSize(3).isEqualTo(choices.path(1).path("prompt_logprobs"));
        assertThat(first.path(0).isNull()).isTrue();
        // The parrot gives token t the log-probability -t/1000, and the next ones one less each.
        JsonNode a = first.path(1);
        assertThat(a).hasSize(2);
        assertThat(a.path("97").path("logprob").floatValue()).isEqualTo(-0.097f);
        assertThat(a.path("97").path("rank").asInt()).isEqualTo(1);
        assertThat(a.path("97").path("decoded_token").asText()).isEqualTo("a");
        assertThat(a.path("98").path("rank").asInt()).isEqualTo(2);
        assertThat(choices.path(2).path("prompt_logprobs")).hasSize(2);
        assertThat(choices.path(0).path("logprobs").isNull()).isTrue();
    }

    @Test
    void aTokensOwnLogprobIsThereWithoutTheLikeliest() throws Exception {
        JsonNode answer = server.ok("/v1/chat/completions", CHAT.formatted(",\"prompt_logprobs\":0"));
        JsonNode prompt = answer.path("prompt_logprobs");
        assertThat(prompt.size())
                .isEqualTo(answer.path("usage").path("prompt_tokens").asInt());
        assertThat(prompt.path(1)).hasSize(1);
        assertThat(prompt.path(1).path("117").path("decoded_token").asText()).isEqualTo("u");
        assertThat(prompt.path(1).path("117").get("rank").isNull()).isTrue();
    }

    @Test
    void anEchoHasAsManyTopsAsItAskedFor() throws Exception {
        JsonNode choice = server.ok(
                        "/v1/completions",
                        "{\"model\":\"parrot\",\"prompt\":\"ab\",\"max_tokens\":1,\"echo\":true,\"logprobs\":1,"
                                + "\"prompt_logprobs\":3}")
                .path("choices")
                .path(0);
        assertThat(choice.path("logprobs").path("top_logprobs").path(1)).hasSize(1);
        assertThat(choice.path("prompt_logprobs").path(1)).hasSize(3);
    }

    @Test
    void manyAreWrittenOnAWorker() throws Exception {
        JsonNode answer = server.ok(
                "/v1/completions",
                "{\"model\":\"parrot\",\"prompt\":\"" + "ab".repeat(200)
                        + "\",\"max_tokens\":1,\"prompt_logprobs\":20}");
        assertThat(answer.path("choices").path(0).path("prompt_logprobs")).hasSize(401);
    }
}
