package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.testkit.Sse;
import dev.kvasir.engine.testkit.TestServer;
import java.net.http.HttpResponse;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Streams of a server whose model repeats its prompt. */
class StreamTest {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start("http.keepAliveSeconds=1");
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
    void aConversationOpensWithTheRoleAndEndsWithTheReason() throws Exception {
        Sse stream = chat("hi 🦜", "");
        JsonNode first = stream.events().get(0);
        assertThat(first.path("object").asText()).isEqualTo("chat.completion.chunk");
        assertThat(first.path("choices").path(0).path("delta"))
                .isEqualTo(TestServer.json("{\"role\":\"assistant\",\"content\":\"\"}"));
        assertThat(stream.text(0)).isEqualTo("user\nhi 🦜\nassistant\n");
        assertThat(stream.pieces(0)).contains("🦜").noneMatch(piece -> piece.contains("\uFFFD"));
        JsonNode last = stream.events().get(stream.events().size() - 1);
        assertThat(last.path("choices").path(0).path("delta").isEmpty()).isTrue();
        assertThat(stream.reasons()).containsExactly("stop");
        assertThat(stream.done()).isTrue();
        Set<String> ids = new HashSet<>(
                stream.events().stream().map(event -> event.path("id").asText()).toList());
        assertThat(ids).hasSize(1);
        assertThat(stream.events()).noneMatch(event -> event.has("usage"));
    }

    @Test
    void theUsageComesLastWhenAskedFor() throws Exception {
        Sse stream = complete("abc", "\"stream_options\":{\"include_usage\":true}");
        JsonNode last = stream.events().get(stream.events().size() - 1);
        assertThat(last.path("choices").isEmpty()).isTrue();
        assertThat(last.path("usage").path("completion_tokens").asInt()).isEqualTo(3);
        assertThat(last.path("usage")
                        .path("prompt_tokens_details")
                        .path("cached_tokens")
                        .isInt())
                .isTrue();
        assertThat(stream.events().subList(0, stream.events().size() - 1))
                .allMatch(event -> event.get("usage").isNull());
    }

    @Test
    void aStopStringOverSeveralTokensIsNeverSeenNotEvenHalf() throws Exception {
        Sse stream = complete("one two ST three STOP four", "\"stop\":[\"STOP\",\"nothing\"],\"max_tokens\":100");
        assertThat(stream.text(0)).isEqualTo("one two ST three ");
        assertThat(stream.pieces(0)).contains("ST ");
        assertThat(stream.reasons()).containsExactly("stop");
    }

    @Test
    void aStopStringDoesNotCountBeforeMinTokens() throws Exception {
        Sse stream = complete("a.b.c.d", "\"stop\":\".\",\"min_tokens\":3");
        assertThat(stream.text(0)).isEqualTo("a.b");
    }

    @Test
    void aHeldBackBeginningComesOutAtTheEnd() throws Exception {
        Sse stream = complete("abc ST", "\"stop\":\"STOP\"");
        assertThat(stream.text(0)).isEqualTo("abc ST");
        assertThat(stream.reasons()).containsExactly("stop");
    }

    @Test
    void choicesInterleaveAndDifferBySeed() throws Exception {
        String fields = "\"n\":3,\"temperature\":2,\"seed\":1,\"max_tokens\":4";
        Sse stream = complete("x", fields);
        // The parrot's letters at temperature 2 count up from the seed; choice i has seed + i.
        assertThat(List.of(stream.text(0), stream.text(1), stream.text(2))).containsExactly("bcde", "cdef", "defg");
        assertThat(stream.reasons()).containsExactly("length", "length", "length");
        assertThat(complete("x", fields).text(2)).isEqualTo("defg");
        JsonNode whole = server.ok("/v1/completions", "{\"model\":\"parrot\",\"prompt\":\"x\"," + fields + "}");
        assertThat(whole.path("choices").findValuesAsText("text")).containsExactly("bcde", "cdef", "defg");
        assertThat(whole.path("usage").path("completion_tokens").asInt()).isEqualTo(12);
        assertThat(whole.path("usage").path("prompt_tokens").asInt()).isEqualTo(2);
    }

    @Test
    void severalPromptsAreSeveralChoices() throws Exception {
        JsonNode whole = server.ok(
                "/v1/completions", "{\"model\":\"parrot\",\"prompt\":[\"one\",[116,119,111],\"three\"],\"n\":2}");
        assertThat(whole.path("choices").findValuesAsText("text"))
                .containsExactly("one", "one", "two", "two", "three", "three");
        assertThat(whole.path("usage").path("prompt_tokens").asInt()).isEqualTo(4 + 3 + 6);
    }

    @Test
    void siblingsReuseTheFirstChoicesPrompt() throws Exception {
        long before = server.scheduler().stats().hitTokens();
        complete("s".repeat(100), "\"n\":2,\"max_tokens\":1");
        server.awaitIdle();
        // Segments of 16 tokens: 6 of the prompt's 101 tokens' segments are whole.
        assertThat(server.scheduler().stats().hitTokens() - before).isEqualTo(96);
    }

    @Test
    void silenceIsBrokenByComments() throws Exception {
        server.runner.pause();
        HttpResponse<java.util.stream.Stream<String>> response = server.client.send(
                server.postRequest("/v1/completions", "{\"model\":\"parrot\",\"prompt\":\"abc\",\"stream\":true}"),
                HttpResponse.BodyHandlers.ofLines());
        var lines = response.body().iterator();
        assertThat(lines.next()).isEqualTo(": keep-alive");
        server.runner.resume();
        assertThat(lines.next()).isEmpty();
        String last = "";
        while (lines.hasNext()) {
            String line = lines.next();
            last = line.isEmpty() ? last : line;
        }
        assertThat(last).isEqualTo("data: [DONE]");
    }

    @Test
    void aStepThatBreaksIsAnErrorEventAndNoEnd() throws Exception {
        Sse stream = stream("/v1/completions", "{\"model\":\"parrot\",\"prompt\":[97,255],\"stream\":true}");
        assertThat(stream.events()).hasSize(1);
        assertThat(stream.events().get(0).path("error").path("type").asText()).isEqualTo("server_error");
        assertThat(stream.done()).isFalse();
        assertThat(stream.reasons()).isEmpty();
    }

    @Test
    void chatLogprobsNameTokensAndBytes() throws Exception {
        JsonNode whole = server.ok(
                "/v1/chat/completions",
                "{\"model\":\"parrot\",\"messages\":[{\"role\":\"user\",\"content\":\"é\"}],\"max_tokens\":7,"
                        + "\"logprobs\":true,\"top_logprobs\":2}");
        JsonNode content = whole.path("choices").path(0).path("logprobs").path("content");
        assertThat(content).hasSize(7);
        JsonNode u = content.path(0);
        assertThat(u.path("token").asText()).isEqualTo("u");
        assertThat(u.path("logprob").floatValue()).isEqualTo(-0.117f);
        assertThat(u.path("bytes")).isEqualTo(TestServer.json("[117]"));
        assertThat(u.path("top_logprobs").findValuesAsText("token")).containsExactly("u", "v");
        // Half of a character has bytes, but no text of its own.
        assertThat(content.path(5).path("token").asText()).isEqualTo("\uFFFD");
        assertThat(content.path(5).path("bytes")).isEqualTo(TestServer.json("[195]"));
    }

    @Test
    void completionLogprobsCountFromTheEcho() throws Exception {
        JsonNode whole = server.ok(
                "/v1/completions",
                "{\"model\":\"parrot\",\"prompt\":\"ab\",\"max_tokens\":1,\"echo\":true,\"logprobs\":1}");
        JsonNode choice = whole.path("choices").path(0);
        assertThat(choice.path("text").asText()).isEqualTo("aba");
        JsonNode logprobs = choice.path("logprobs");
        assertThat(logprobs.path("tokens")).isEqualTo(TestServer.json("[\"<s>\",\"a\",\"b\",\"a\"]"));
        assertThat(logprobs.path("text_offset")).isEqualTo(TestServer.json("[0,0,1,2]"));
        assertThat(logprobs.path("token_logprobs").path(0).isNull()).isTrue();
        assertThat(logprobs.path("token_logprobs").path(1).floatValue()).isEqualTo(-0.097f);
        assertThat(logprobs.path("top_logprobs").path(3).path("a").floatValue()).isEqualTo(-0.097f);
    }

    @Test
    void anEchoedPromptOpensTheStream() throws Exception {
        Sse stream = complete("abc", "\"echo\":true,\"max_tokens\":2");
        assertThat(stream.pieces(0).get(0)).isEqualTo("abc");
        assertThat(stream.text(0)).isEqualTo("abcab");
    }

    @Test
    void logprobsOfAStreamCoverItsTextAndNothingOfTheStopString() throws Exception {
        Sse stream = complete("abSTOP", "\"logprobs\":0,\"stop\":\"STOP\"");
        StringBuilder tokens = new StringBuilder();
        for (JsonNode event : stream.events()) {
            event.path("choices").path(0).path("logprobs").path("tokens").forEach(t -> tokens.append(t.asText()));
        }
        assertThat(tokens.toString()).isEqualTo("ab");
    }

    @Test
    void biasAndEndTokensReachTheModel() throws Exception {
        assertThat(complete("ab", "\"logit_bias\":{\"122\":100},\"max_tokens\":3")
                        .text(0))
                .isEqualTo("zzz");
        assertThat(complete("ab", "\"min_tokens\":5,\"max_tokens\":6").text(0)).isEqualTo("ababa");
        Sse ignored = complete("ab", "\"ignore_eos\":true,\"max_tokens\":6");
        assertThat(ignored.reasons()).containsExactly("length");
        assertThat(complete("abc", "\"stop_token_ids\":[99]").text(0)).isEqualTo("ab");
    }

    @Test
    void specialTokensInAMessageAreText() throws Exception {
        Sse stream = chat("<|im_end|>x", "");
        assertThat(stream.text(0)).isEqualTo("user\n<|im_end|>x\nassistant\n");
        JsonNode tokens = server.ok(
                "/tokenize", "{\"messages\":[{\"role\":\"user\",\"content\":\"<|im_end|>\",\"name\":\"</s>\"}]}");
        assertThat(tokens.path("tokens")).filteredOn(t -> t.asInt() == 259).hasSize(1);
    }

    private static Sse chat(String content, String fields) throws Exception {
        return stream(
                "/v1/chat/completions",
                "{\"model\":\"parrot\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"" + content
                        + "\"}]" + (fields.isEmpty() ? "" : "," + fields) + "}");
    }

    private static Sse complete(String prompt, String fields) throws Exception {
        return stream(
                "/v1/completions",
                "{\"model\":\"parrot\",\"stream\":true,\"max_tokens\":64,\"prompt\":\"" + prompt + "\"," + fields
                        + "}");
    }

    private static Sse stream(String path, String body) throws Exception {
        HttpResponse<String> response = server.post(path, body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).contains("text/event-stream; charset=utf-8");
        return Sse.parse(response.body());
    }
}
