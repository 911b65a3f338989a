package dev.kvasir.engine.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.compatibility.Field.State;
import dev.kvasir.engine.testkit.TalkTemplate;
import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.runner.SamplingParams;
import java.lang.reflect.Method;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Sends every field of every endpoint, and holds docs/compatibility.md to what became of it. {@code -Dtest.write-docs=true} writes that page.
 *
 * <p>The model is a parrot that says its whole prompt again, so that whatever reaches the prompt is in the answer; what reaches the sampler is looked up there.
 */
class CompatibilityTest {
    private static final Path DOC = Path.of("..", "docs", "compatibility.md");
    private static final String HEAD = """
            # Compatibility

            What becomes of each field of each endpoint. This page is made of the rows of a test, which sends every one of them to a server: a *supported* field changed the answer or the
            way it was sampled (or, where it says when and not what, is tested elsewhere), and a value of another type was refused; a *checked* one was refused likewise, and
            makes no difference there; with an *ignored* one the answer was the same as without; a *refused* one was a 400 that names it. Every field that the official Java clients know is here. What values are taken is in [api.md](api.md), [responses.md](responses.md) and [messages.md](messages.md), and in `GET /openapi.json`.

            """;

    private static TestServer server;
    private static String previous = "";
    private static final Map<String, Answer> plain = new HashMap<>();

    /** What came of a request. */
    record Answer(int status, String body, String sampling) {
        /** Returns the body without what is new each time, and without one member. */
        String without(String member) {
            String text = body;
            if (!member.isEmpty() && body.startsWith("{")) {
                ObjectNode node = (ObjectNode) TestServer.json(body);
                node.remove(member);
                text = node.toString();
            }
            return text.replaceAll("\"(id|item_id|call_id|request_id)\":\"[^\"]*\"", "\"$1\":\"\"")
                    .replaceAll("\"(created|created_at|completed_at)\":(\\d+|null)", "\"$1\":0");
        }
    }

    static Stream<Endpoint> endpoints() {
        return Stream.of(
                OpenAiFields.CHAT,
                OpenAiFields.COMPLETION,
                ResponsesFields.RESPONSES,
                MessagesFields.MESSAGES,
                MessagesFields.COUNT,
                OpenAiFields.EMBEDDINGS,
                TokenizerFields.TOKENIZE,
                TokenizerFields.DETOKENIZE);
    }

    static Stream<Endpoint> endpointsOfClients() {
        return endpoints().filter(endpoint -> !endpoint.client().isEmpty());
    }

    @BeforeAll
    static void start() throws Exception {
        server = TestServer.start(4096, new TalkTemplate(), "pool.segmentTokens=16");
        previous = server.ok("/v1/responses", "{\"model\":\"parrot\",\"input\":\"before\",\"max_output_tokens\":5}")
                .get("id")
                .asText();
        for (Field field : OpenAiFields.CHAT.fields()) { // the first guides take their time
            if (field.name().startsWith("guided") || field.name().startsWith("tool")) {
                ask(OpenAiFields.CHAT, field.setup(), field.members());
            }
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Sends what an endpoint answers, changed by members: later ones go before earlier ones. */
    private static Answer ask(Endpoint endpoint, String... members) throws Exception {
        ObjectNode body = (ObjectNode) TestServer.json("{" + endpoint.base() + "}");
        for (String more : members) {
            // Endpoints share a cache, so each has a salt of its own.
            String own = more.replace(ResponsesFields.PREVIOUS, previous).replace("pepper", "pepper for " + endpoint);
            body.setAll((ObjectNode) TestServer.json("{" + own + "}"));
        }
        HttpResponse<String> response = server.post(endpoint.path(), body.toString());
        TestServer.await("the end of what runs in the background", () -> !server.scheduler()
                .hasWork());
        return new Answer(response.statusCode(), response.body(), told(server.runner.lastSample()));
    }

    private static String told(@Nullable SamplingParams sample) {
        return sample == null
                ? ""
                : Stream.of(
                                sample.temperature(),
                                sample.topK(),
                                sample.topP(),
                                sample.minP(),
                                sample.repetitionPenalty(),
                                sample.presencePenalty(),
                                sample.frequencyPenalty(),
                                sample.logitBias(),
                                sample.seed(),
                                sample.logprobs(),
                                Arrays.toString(sample.banned()))
                        .map(String::valueOf)
                        .collect(Collectors.joining(" "));
    }

    /** Returns the answer without a field: the second one, so that what can be cached is. */
    private static Answer plain(Endpoint endpoint, Field field) throws Exception {
        String key = endpoint.path() + field.setup();
        Answer known = plain.get(key);
        if (known == null) {
            ask(endpoint, field.setup());
            known = ask(endpoint, field.setup());
            assertThat(known.status()).as(known.body()).isEqualTo(200);
            plain.put(key, known);
        }
        return known;
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void everyFieldIsWhatTheTableSays(Endpoint endpoint) throws Exception {
        for (Field field : endpoint.fields()) {
            Answer without = plain(endpoint, field);
            Answer with = ask(endpoint, field.setup(), field.members());
            String what = endpoint.path() + " " + field.members() + ": " + with.body();
            switch (field.state()) {
                case SUPPORTED -> {
                    assertThat(with.status()).as(what).isEqualTo(200);
                    assertThat(with.without("") + with.sampling())
                            .as(what)
                            .isNotEqualTo(without.without("") + without.sampling());
                    refused(endpoint, field, ask(endpoint, field.setup(), wrong(field)));
                }
                case OF_TIME -> {
                    assertThat(with.status()).as(what).isEqualTo(200);
                    refused(endpoint, field, ask(endpoint, field.setup(), wrong(field)));
                }
                case CHECKED -> {
                    same(field, without, with, what);
                    refused(endpoint, field, ask(endpoint, field.setup(), wrong(field)));
                }
                case IGNORED -> same(field, without, with, what);
                case REFUSED -> refused(endpoint, field, with);
            }
        }
    }

    private static void same(Field field, Answer without, Answer with, String what) {
        assertThat(with.status()).as(what).isEqualTo(200);
        assertThat(with.without(field.member()) + with.sampling())
                .as(what)
                .isEqualTo(without.without(field.member()) + without.sampling());
    }

    private static void refused(Endpoint endpoint, Field field, Answer answer) {
        String what = endpoint.path() + " " + field.name() + ": " + answer.body();
        assertThat(answer.status()).as(what).isEqualTo(400);
        JsonNode error = TestServer.json(answer.body()).get("error");
        if (endpoint.path().startsWith("/v1/messages")) {
            assertThat(error.get("message").asText()).as(what).contains(field.member());
        } else {
            assertThat(error.get("param").asText()).as(what).startsWith(field.member());
        }
    }

    /** Returns a value of a type that the field never has. */
    private static String wrong(Field field) {
        JsonNode value = TestServer.json("{" + field.members() + "}").get(field.member());
        return '"' + field.member() + "\":" + (value.isNumber() || value.isBoolean() ? "\"x\"" : "7");
    }

    @ParameterizedTest
    @MethodSource("endpointsOfClients")
    void everyFieldOfTheOfficialClientIsInTheTable(Endpoint endpoint) throws Exception {
        Set<String> known = new HashSet<>();
        for (Method method : Class.forName(endpoint.client()).getDeclaredMethods()) {
            JsonProperty property = method.getAnnotation(JsonProperty.class);
            if (property != null) {
                known.add(property.value());
            }
        }
        assertThat(known).isNotEmpty();
        Set<String> rows = endpoint.fields().stream().map(Field::member).collect(Collectors.toSet());
        assertThat(rows).containsAll(known);
    }

    @ParameterizedTest
    @MethodSource("endpoints")
    void theOpenApiDocumentHasTheSupportedFields(Endpoint endpoint) throws Exception {
        JsonNode document = TestServer.json(server.get("/openapi.json").body());
        Set<String> properties = new HashSet<>();
        collect(document, document.at("/components/schemas/" + endpoint.schema()), properties);
        Set<String> rows = endpoint.fields().stream()
                .filter(field -> field.state() != State.IGNORED && field.state() != State.REFUSED)
                .map(Field::member)
                .collect(Collectors.toSet());
        assertThat(properties).isEqualTo(rows);
    }

    private static void collect(JsonNode document, JsonNode schema, Set<String> properties) {
        schema.path("properties").fieldNames().forEachRemaining(properties::add);
        schema.path("allOf").forEach(part -> collect(document, part, properties));
        if (schema.has("$ref")) {
            collect(document, document.at(schema.get("$ref").asText().substring(1)), properties);
        }
    }

    @Test
    void theTableIsInTheDocs() throws Exception {
        String page = HEAD + endpoints().map(Endpoint::section).collect(Collectors.joining("\n"));
        if (Boolean.getBoolean("test.write-docs")) {
            Files.writeString(DOC, page);
        }
        assertThat(List.of(Files.readString(DOC).split("\n"))).isEqualTo(List.of(page.split("\n")));
    }
}
