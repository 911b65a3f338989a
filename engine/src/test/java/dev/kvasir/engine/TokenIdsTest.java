package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.testkit.Sse;
import dev.kvasir.engine.testkit.TestServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Completions that name the tokens they generated. */
class TokenIdsTest {
    private static final String PROMPT =
            "{\"model\":\"parrot\",\"prompt\":\"Grüße\",\"max_tokens\":7,\"temperature\":0";

    private static List<Integer> ids(JsonNode choice) {
        List<Integer> ids = new ArrayList<>();
        choice.path("token_ids").forEach(id -> ids.add(id.asInt()));
        return ids;
    }

    @Test
    void theyAreThoseOfTheTextInAWholeAnswerAndInAStream() throws Exception {
        try (TestServer server = TestServer.start()) {
            JsonNode whole = server.ok("/v1/completions", PROMPT + ",\"return_token_ids\":true}")
                    .at("/choices/0");
            assertThat(ids(whole)).hasSize(7);
            List<Integer> encoded = new ArrayList<>();
            server.ok("/tokenize", "{\"prompt\":\"Grüße\",\"add_special_tokens\":false}")
                    .path("tokens")
                    .forEach(id -> encoded.add(id.asInt()));
            assertThat(ids(whole)).isEqualTo(encoded);
            assertThat(whole.path("text").asText()).isEqualTo("Grüße");
            assertThat(whole.path("logprobs").isNull()).isTrue();

            Sse stream =
                    Sse.parse(server.post("/v1/completions", PROMPT + ",\"return_token_ids\":true,\"stream\":true}")
                            .body());
            List<Integer> streamed = new ArrayList<>();
            stream.events().forEach(event -> streamed.addAll(ids(event.at("/choices/0"))));
            assertThat(streamed).isEqualTo(encoded);
        }
    }

    @Test
    void theyStandBesideLogProbabilitiesAndAreLeftOutUnlessAskedFor() throws Exception {
        try (TestServer server = TestServer.start()) {
            JsonNode both = server.ok("/v1/completions", PROMPT + ",\"return_token_ids\":true,\"logprobs\":2}")
                    .at("/choices/0");
            assertThat(ids(both)).hasSize(7);
            assertThat(both.at("/logprobs/token_logprobs")).hasSize(7);
            assertThat(server.ok("/v1/completions", PROMPT + "}")
                            .at("/choices/0")
                            .has("token_ids"))
                    .isFalse();
        }
    }
}
