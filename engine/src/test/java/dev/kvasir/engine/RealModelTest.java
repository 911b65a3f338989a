package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.kvasir.engine.config.SettingsReader;
import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way: a Hugging Face directory, PyTorch, pool, scheduler, HTTP. */
class RealModelTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path home;

    /** A served model directory and a client. */
    private final class Served implements AutoCloseable {
        final Server server;
        final HttpClient client = HttpClient.newHttpClient();

        Served(Path model, String... settings) {
            List<String> all = new ArrayList<>(List.of(
                    "http.port=0",
                    "data.dir=" + home.resolve("data"),
                    "model.path=" + model,
                    "pool.deviceBytes=64MiB"));
            all.addAll(List.of(settings));
            server = new Server(new SettingsReader().set(all).read());
            server.start(Wiring::load);
        }

        HttpRequest request(String path, String body, String... headers) {
            HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(server.address() + path))
                    .header("content-type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body));
            if (headers.length > 0) {
                builder.headers(headers);
            }
            return builder.build();
        }

        JsonNode ok(String path, JsonNode body, String... headers) throws Exception {
            HttpResponse<String> response =
                    client.send(request(path, body.toString(), headers), BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            return JSON.readTree(response.body());
        }

        @Override
        public void close() {
            server.close();
        }
    }

    @Test
    void storiesAreToldAsTheFloat64ReferenceTellsThem() throws Exception {
        String models = System.getProperty("kvasir.test.models", System.getenv("KVASIR_TEST_MODELS"));
        Assumptions.assumeTrue(
                models != null && Files.isDirectory(Path.of(models, "stories260k")),
                "no folder stories260k under kvasir.test.models or KVASIR_TEST_MODELS");
        Path model = Path.of(models, "stories260k");
        JsonNode golden = JSON.readTree(model.resolve("golden.json").toFile());
        for (String plan : List.of("fused", "layered")) {
            try (Served served = new Served(model, "model.dtype=float32", "runner.plan=" + plan)) {
                for (JsonNode story : golden.get("cases")) {
                    ObjectNode body = JSON.createObjectNode()
                            .put("model", "stories260k")
                            .put("prompt", story.get("text").asText())
                            .put("max_tokens", story.get("greedy_ids").size())
                            .put("temperature", 0)
                            .put("logprobs", 5);
                    JsonNode choice =
                            served.ok("/v1/completions", body).get("choices").get(0);
                    assertThat(choice.get("text").asText())
                            .isEqualTo(story.get("greedy_text").asText());
                    assertThat(ids(served, story.get("text").asText())).isEqualTo(list(story.get("prompt_ids")));
                    compareTop(
                            served,
                            story,
                            choice.get("logprobs").get("top_logprobs").get(0));
                }
            }
        }
    }

    private static void compareTop(Served served, JsonNode story, JsonNode top) throws Exception {
        List<Double> expected = new ArrayList<>();
        story.get("last_logits_top5").forEach(row -> expected.add(row.get(2).asDouble()));
        List<Double> got = new ArrayList<>();
        top.forEach(value -> got.add(value.asDouble()));
        assertThat(got).hasSize(5);
        for (int i = 0; i < 5; i++) {
            assertThat(got.get(i)).isCloseTo(expected.get(i), within(1e-3));
        }
        ArrayNode best = JSON.createArrayNode();
        best.add(story.get("last_logits_top5").get(0).get(0).asInt());
        JsonNode text = served.ok("/detokenize", JSON.createObjectNode().set("tokens", best));
        Iterator<String> names = top.fieldNames();
        assertThat(names.next().strip()).isEqualTo(text.get("prompt").asText().strip());
    }

    private static List<Integer> ids(Served served, String text) throws Exception {
        return list(served.ok("/tokenize", JSON.createObjectNode().put("prompt", text))
                .get("tokens"));
    }

    private static List<Integer> list(JsonNode numbers) {
        List<Integer> list = new ArrayList<>();
        numbers.forEach(number -> list.add(number.asInt()));
        return list;
    }

    @Test
    void aChatOfTheOfficialClientHitsTheCacheInItsSecondTurn() throws Exception {
        Path model = Files.createDirectory(home.resolve("tiny"));
        SyntheticModel.tiny(Family.QWEN2).seed(4).dtype(DType.BFLOAT16).write(model);
        try (Served served = new Served(model, "model.name=tiny", "pool.segmentTokens=16")) {
            OpenAIClient client = OpenAIOkHttpClient.builder()
                    .baseUrl(served.server.address() + "/v1")
                    .apiKey("none is needed")
                    .build();
            String question = "Tell me about the river. ".repeat(8);
            ChatCompletion first = client.chat()
                    .completions()
                    .create(ChatCompletionCreateParams.builder()
                            .model("tiny")
                            .addUserMessage(question)
                            .maxCompletionTokens(24)
                            .temperature(0)
                            .build());
            String answer = first.choices().get(0).message().content().orElseThrow();
            ChatCompletion second = client.chat()
                    .completions()
                    .create(ChatCompletionCreateParams.builder()
                            .model("tiny")
                            .addUserMessage(question)
                            .addAssistantMessage(answer)
                            .addUserMessage("And then?")
                            .maxCompletionTokens(8)
                            .temperature(0)
                            .build());

            assertThat(cached(first)).isZero();
            assertThat(cached(second))
                    .isPositive()
                    .isLessThan(second.usage().orElseThrow().promptTokens());
        }
    }

    private static long cached(ChatCompletion completion) {
        return completion
                .usage()
                .orElseThrow()
                .promptTokensDetails()
                .orElseThrow()
                .cachedTokens()
                .orElseThrow();
    }

    @Test
    void aPrefixOfARequestThatStillRunsIsReusedByTheSameTenantAlone() throws Exception {
        Path model = Files.createDirectory(home.resolve("tiny"));
        SyntheticModel.tiny(Family.LLAMA).seed(5).write(model);
        String keys = "http.apiKeys=[\"anna:key-of-anna\",\"bert:key-of-bert\"]";
        try (Served served = new Served(model, "model.name=tiny", "pool.segmentTokens=16", keys)) {
            ObjectNode body = JSON.createObjectNode().put("model", "tiny").put("max_tokens", 900);
            body.put("temperature", 0).put("ignore_eos", true).put("stream", true);
            ArrayNode prompt = body.putArray("prompt");
            IntStream.range(0, 100).forEach(i -> prompt.add(3 + i * 7 % 300));
            HttpResponse<java.io.InputStream> running = served.client.send(
                    served.request("/v1/completions", body.toString(), "authorization", "Bearer key-of-anna"),
                    BodyHandlers.ofInputStream());
            try (var stream = running.body()) {
                // The first event comes when the prompt is computed.
                assertThat(stream.read()).isPositive();

                ObjectNode again = body.deepCopy().put("stream", false).put("max_tokens", 4);
                assertThat(cachedTokens(served, again, "key-of-anna")).isEqualTo(96);
                assertThat(cachedTokens(served, again, "key-of-bert")).isZero();
                assertThat(cachedTokens(served, again.deepCopy().put("cache_salt", "mine"), "key-of-anna"))
                        .isZero();
            }
            // Leaving cancels: what it held is free soon.
            var scheduler = served.server.node().serving().scheduler();
            TestServer.await("the left request's end", () -> !scheduler.hasWork());
            assertThat(scheduler.stats().pool().pinned()).isZero();
        }
    }

    private static int cachedTokens(Served served, JsonNode body, String key) throws Exception {
        return served.ok("/v1/completions", body, "authorization", "Bearer " + key)
                .get("usage")
                .get("prompt_tokens_details")
                .get("cached_tokens")
                .asInt();
    }
}
