package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.engine.testkit.TestServer;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Answers that follow what the request says of them. The model is a parrot, which says its prompt as far as it may. */
class GuidedTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String complete(String prompt, String fields) throws Exception {
        JsonNode body = server.ok("/v1/completions", body(prompt, fields));
        JsonNode choice = body.get("choices").get(0);
        return choice.get("text").asText() + "|" + choice.get("finish_reason").asText();
    }

    private static String body(String prompt, String fields) {
        return "{\"model\":\"parrot\",\"max_tokens\":60,\"prompt\":" + JSON.valueToTree(prompt) + "," + fields + "}";
    }

    @Test
    void aSchemaIsFollowed() throws Exception {
        String format =
                "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"x\",\"schema\":{\"type\":\"object\","
                        + "\"properties\":{\"a\":{\"type\":\"integer\",\"minimum\":10,\"maximum\":20}},\"required\":[\"a\"],\"additionalProperties\":false}}}";
        assertThat(complete("{\"a\":17}", format)).isEqualTo("{\"a\":17}|stop");
        // What isn't allowed is replaced by the first token that is.
        assertThat(complete("{\"b\":99}", format).replaceAll("\\s", "")).isEqualTo("{\"a\":10}|stop");
    }

    @Test
    void anyObjectIsOne() throws Exception {
        String format = "\"response_format\":{\"type\":\"json_object\"}";
        String object = "{\"a\":[1,{\"b\":null}],\"c\":\"\\u00e9\\n\"}";
        assertThat(complete(object, format)).isEqualTo(object + "|stop");
        assertThat(complete("[1]", format)).startsWith("{").endsWith("|length");
    }

    @Test
    void choicesRegexesAndGrammarsAreFollowed() throws Exception {
        assertThat(complete("maybe", "\"guided_choice\":[\"yes\",\"no\"]")).isEqualTo("no|stop");
        assertThat(complete("12-345", "\"guided_regex\":\"[0-9]{2}-[0-9]{3}\"")).isEqualTo("12-345|stop");
        assertThat(
                        complete(
                                "1+(2+3)",
                                "\"guided_grammar\":\"root ::= term (\\\"+\\\" term)*\\nterm ::= [0-9] | \\\"(\\\" root \\\")\\\"\""))
                .isEqualTo("1+(2+3)|stop");
        assertThat(
                        complete(
                                "{\"a\":1}",
                                "\"guided_json\":\"{\\\"type\\\":\\\"object\\\",\\\"properties\\\":{\\\"a\\\":{\\\"const\\\":1}}}\""))
                .isEqualTo("{\"a\":1}|stop");
    }

    @Test
    void theEndComesWithTheGuidesWhateverElseIsAsked() throws Exception {
        assertThat(complete("no", "\"guided_choice\":[\"no\"],\"ignore_eos\":true"))
                .isEqualTo("no|stop");
        assertThat(complete("no", "\"guided_choice\":[\"no\"],\"min_tokens\":30"))
                .isEqualTo("no|stop");
        // 'n' ends the text, but only where that is complete.
        assertThat(complete("no", "\"guided_choice\":[\"non\"],\"stop_token_ids\":[110,111]"))
                .isEqualTo("non|stop");
    }

    @Test
    void eachChoiceIsGuidedByItself() throws Exception {
        JsonNode body = server.ok(
                "/v1/completions", body("ab", "\"n\":3,\"temperature\":2,\"seed\":1,\"guided_regex\":\"[a-z]{4}x\""));
        for (JsonNode choice : body.get("choices")) {
            assertThat(choice.get("text").asText()).matches("[a-z]{4}x");
            assertThat(choice.get("finish_reason").asText()).isEqualTo("stop");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "guided_regex~\"(a{1000}){1000}\"~positions",
                "guided_regex~\"(a|b)*a(a|b){25}\"~than",
                "guided_regex~\"(?=a)b\"~look-around",
                "guided_grammar~\"root ::= root 'a' | 'b'\"~begins with itself",
                "guided_grammar~\"root ::= 'a' root\"~nothing finite",
                "guided_grammar~\"start ::= 'a'\"~no rule named root",
                "guided_json~{\"$ref\":\"#\"}~itself",
                "guided_json~{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}},\"required\":[\"a\"]}~nothing finite",
                "guided_json~{\"type\":\"array\",\"uniqueItems\":true}~uniqueItems",
                "guided_json~{\"not\":{}}~'not' at #",
                "guided_json~{\"$ref\":\"https://example.com/a\"}~must name a place",
                "guided_json~{\"type\":\"string\",\"pattern\":\"^a$\",\"minLength\":2}~nothing can fulfil",
                "guided_json~{\"type\":\"integer\",\"minimum\":1e99}~digits"
            })
    void whatCantBeFollowedIsRefusedAndSaysWhy(String field, String value, String why) throws Exception {
        HttpResponse<String> response = server.post("/v1/completions", body("a", "\"" + field + "\":" + value));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
        JsonNode error = TestServer.json(response.body()).get("error");
        assertThat(error.get("param").asText()).isEqualTo(field);
        assertThat(error.get("message").asText()).contains(why);
    }

    @Test
    void bombsKeepNobodyElseWaiting() throws Exception {
        // Each has a name of its own, so that none is known from before.
        java.util.List<CompletableFuture<HttpResponse<String>>> bombs = new java.util.ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String bomb = body("a", "\"guided_regex\":\"(x|y|" + i + ")*" + i + "(x|y|" + i + "){17}\"");
            bombs.add(server.client.sendAsync(server.postRequest("/v1/completions", bomb), BodyHandlers.ofString()));
        }
        assertThat(complete("hello", "\"n\":1")).isEqualTo("hello|stop");
        for (CompletableFuture<HttpResponse<String>> bomb : bombs) {
            assertThat(bomb.join().statusCode()).isEqualTo(400);
        }
    }
}
