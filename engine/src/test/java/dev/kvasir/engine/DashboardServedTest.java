package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.config.SettingsReader;
import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the pages ask a node of a cluster for, and what Prometheus does: one server with a tier below the device, for all tests. */
class DashboardServedTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ADMIN = "the-admin-key";
    private static final String CLIENT = "the-client-key";

    /** There is none before something has failed; {@code TierMetricsTest} has one. */
    private static final Set<String> ONLY_AFTER_A_FAILURE = Set.of("kvasir_kv_cache_failures_total");

    @TempDir
    static Path folder;

    private static Server server;
    private static final HttpClient client = HttpClient.newHttpClient();

    @BeforeAll
    static void start() throws Exception {
        Path model = SyntheticModel.tiny(Family.LLAMA).seed(7).write(folder.resolve("model"));
        SettingsReader reader = new SettingsReader()
                .set(List.of(
                        "http.port=0",
                        "http.apiKeys=[alice:" + CLIENT + "]",
                        "http.adminKeys=[root:" + ADMIN + "]",
                        "data.dir=" + folder.resolve("data"),
                        "model.path=" + model,
                        "model.name=tiny",
                        "model.dtype=float32",
                        "pool.segmentTokens=16",
                        "pool.deviceBytes=8MiB",
                        "pool.diskBytes=1MiB",
                        "cluster.enabled=true"));
        server = new Server(reader.read(), reader.effective());
        server.start(Wiring::load);
        for (int i = 0; i < 2; i++) {
            complete(8);
        }
        // Its histogram comes with the first segment that is gone.
        client.send(
                request("/v1/kvasir/pool/evict", ADMIN)
                        .header("content-type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"tier\":\"device\",\"segments\":1}"))
                        .build(),
                BodyHandlers.ofString());
        complete(8);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpRequest.Builder request(String path, String key) {
        return HttpRequest.newBuilder(URI.create(server.address() + path)).header("authorization", "Bearer " + key);
    }

    private static HttpResponse<String> get(String path, String key) throws Exception {
        return client.send(request(path, key).build(), BodyHandlers.ofString());
    }

    private static JsonNode json(String path) throws Exception {
        HttpResponse<String> response = get(path, ADMIN);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JSON.readTree(response.body());
    }

    private static HttpRequest completion(int tokens) {
        ObjectNode body = JSON.createObjectNode().put("model", "tiny").put("max_tokens", tokens);
        body.put("temperature", 0).put("ignore_eos", true);
        ArrayNode prompt = body.putArray("prompt");
        for (int i = 0; i < 70; i++) {
            prompt.add(3 + i % 20);
        }
        return request("/v1/completions", CLIENT)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
    }

    private static JsonNode complete(int tokens) throws Exception {
        HttpResponse<String> response = client.send(completion(tokens), BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return JSON.readTree(response.body());
    }

    /** A page that is open: a line at a time. */
    private static BufferedReader feed(String key, String lastEventId) throws Exception {
        HttpRequest.Builder request = request("/v1/kvasir/feed", key);
        if (!lastEventId.isEmpty()) {
            request.header("last-event-id", lastEventId);
        }
        HttpResponse<InputStream> response = client.send(request.build(), BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    private record Event(String id, String name, JsonNode data, int bytes) {}

    private static Event next(BufferedReader feed) throws Exception {
        String id = "";
        String name = "";
        String data = "";
        for (String line = feed.readLine(); ; line = feed.readLine()) {
            if (line.startsWith("id: ")) {
                id = line.substring(4);
            } else if (line.startsWith("event: ")) {
                name = line.substring(7);
            } else if (line.startsWith("data: ")) {
                data = line.substring(6);
            } else if (line.isEmpty() && !data.isEmpty()) {
                return new Event(id, name, JSON.readTree(data), data.length());
            }
        }
    }

    @Test
    void theFeedBeginsWithAllAndGoesOnWithDifferencesFromWhereItWas() throws Exception {
        String last;
        try (BufferedReader feed = feed(ADMIN, "")) {
            Event first = next(feed);
            assertThat(first.name()).isEqualTo("state");
            JsonNode document = first.data().path("document");
            assertThat(document.path("server").path("model").asText()).isEqualTo("tiny");
            assertThat(document.path("tiers").path("disk").path("slots").asInt())
                    .isPositive();
            assertThat(document.path("nodes").path("nodes").size()).isEqualTo(1);
            assertThat(first.data().path("history").path("fine").has("running")).isTrue();
            Event second = next(feed);
            assertThat(second.name()).isEqualTo("patch");
            assertThat(second.data().has("server")).isFalse(); // it didn't change
            assertThat(second.bytes()).isLessThan(20_000);
            last = second.id();
        }
        try (BufferedReader feed = feed(ADMIN, last)) {
            Event resumed = next(feed);
            assertThat(resumed.name()).isEqualTo("patch");
            String epoch = last.substring(0, last.lastIndexOf('-') + 1);
            assertThat(resumed.id()).isEqualTo(epoch + (Long.parseLong(last.substring(epoch.length())) + 1));
        }
    }

    @Test
    void clientsSeeHowItGoesAndNobodysRequests() throws Exception {
        try (BufferedReader feed = feed(CLIENT, "")) {
            JsonNode document = next(feed).data().path("document");
            assertThat(document.has("overview")).isTrue();
            for (String secret : List.of("requests", "tenants", "nodes", "tiers", "whatIf")) {
                assertThat(document.has(secret)).as(secret).isFalse();
            }
        }
        for (String path : List.of(
                "/v1/kvasir/settings",
                "/v1/kvasir/pool/slots",
                "/v1/kvasir/pool/tree",
                "/v1/kvasir/pool/content/x",
                "/v1/kvasir/requests/x")) {
            assertThat(get(path, CLIENT).statusCode()).as(path).isEqualTo(403);
            assertThat(get(path, "nobodys-key").statusCode()).as(path).isEqualTo(401);
        }
        assertThat(get("/v1/kvasir/feed", "nobodys-key").statusCode()).isEqualTo(401);
        assertThat(get("/v1/kvasir/who", CLIENT).body()).isEqualTo("{\"tenant\":\"alice\",\"admin\":false}");
    }

    @Test
    void aRequestSaysWhereItsTimeWent() throws Exception {
        JsonNode answer = complete(6);
        JsonNode trace = json("/v1/kvasir/requests/" + answer.path("id").asText() + "-0");
        assertThat(trace.path("promptTokens").asInt()).isEqualTo(70);
        assertThat(trace.path("generated").asInt()).isEqualTo(6);
        assertThat(trace.path("cached").path("device").asInt()).isEqualTo(64);
        assertThat(trace.path("state").asText()).isEqualTo("length");
        List<String> kinds = new ArrayList<>();
        trace.path("spans").forEach(span -> kinds.add(span.path("kind").asText()));
        assertThat(kinds).startsWith("prefill").endsWith("decode");
        JsonNode at = trace.path("at");
        assertThat(at.path("submitted").asDouble())
                .isLessThanOrEqualTo(at.path("admitted").asDouble());
        assertThat(at.path("firstToken").asDouble())
                .isLessThanOrEqualTo(at.path("finished").asDouble());
        assertThat(get("/v1/kvasir/requests/nothing", ADMIN).statusCode()).isEqualTo(404);
    }

    @Test
    void administratorsCanEndARequest() throws Exception {
        CompletableFuture<HttpResponse<String>> running = client.sendAsync(completion(400), BodyHandlers.ofString());
        try (BufferedReader feed = feed(ADMIN, "")) {
            String id = "";
            while (id.isEmpty() && !running.isDone()) {
                Event event = next(feed);
                JsonNode rows = event.data().has("document")
                        ? event.data().path("document").path("requests")
                        : event.data().path("requests");
                for (var row : rows.properties()) {
                    if (List.of("queued", "prefill", "decode")
                            .contains(row.getValue().path(1).asText())) {
                        id = row.getKey();
                    }
                }
            }
            HttpResponse<String> told = client.send(
                    request("/v1/kvasir/requests/cancel", ADMIN)
                            .header("content-type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(JSON.createObjectNode()
                                    .put("id", id.isEmpty() ? "over" : id)
                                    .toString()))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(told.statusCode()).isEqualTo(202);
        }
        // It was ended, or was over before that could be asked.
        assertThat(running.join().statusCode()).isIn(200, 503);
    }

    @Test
    void thePoolIsDrawnWithoutATextInIt() throws Exception {
        HttpResponse<byte[]> slots =
                client.send(request("/v1/kvasir/pool/slots", ADMIN).build(), BodyHandlers.ofByteArray());
        assertThat(new String(slots.body(), 0, 4, StandardCharsets.US_ASCII)).isEqualTo("KVS1");
        JsonNode tree = json("/v1/kvasir/pool/tree");
        assertThat(tree.path("segments").asInt()).isPositive();
        String id = tree.path("children").get(0).path("id").asText();
        JsonNode content = json("/v1/kvasir/pool/content/" + id);
        assertThat(content.path("tokens").asInt()).isEqualTo(16);
        assertThat(content.path("text").asText()).isNotEmpty();
        assertThat(get("/v1/kvasir/pool/content/" + "0".repeat(16), ADMIN).statusCode())
                .isEqualTo(404);
    }

    @Test
    void settingsSayWhoSaysSoAndNoSecret() throws Exception {
        String all = json("/v1/kvasir/settings").toString();
        assertThat(all)
                .contains("{\"key\":\"pool.segmentTokens\",\"value\":\"16\",\"source\":\"set\"}")
                .contains("{\"key\":\"scheduler.maxSequences\",\"value\":\"32\",\"source\":\"default\"}")
                .contains("{\"key\":\"http.adminKeys\",\"value\":\"1 key\",\"source\":\"set\"}")
                .doesNotContain(ADMIN)
                .doesNotContain(CLIENT);
    }

    @Test
    void everyMetricThatTheObservabilityFilesNameIsThere() throws Exception {
        Set<String> served = new TreeSet<>(ONLY_AFTER_A_FAILURE);
        Matcher sample = Pattern.compile("(?m)^([a-z0-9_:]+)[{ ]")
                .matcher(get("/metrics", ADMIN).body());
        while (sample.find()) {
            served.add(sample.group(1));
        }
        Path root = Path.of("").toAbsolutePath();
        Path files = (root.endsWith("engine") ? root.getParent() : root).resolve("docs/observability");
        for (String name : List.of("grafana-kvasir.json", "prometheus-rules.yaml")) {
            Set<String> named = new TreeSet<>();
            Matcher metric = Pattern.compile("(?<![a-z:_])(?:kvasir|jvm)_[a-z0-9_]+")
                    .matcher(Files.readString(files.resolve(name)));
            while (metric.find()) {
                named.add(metric.group());
            }
            assertThat(named).as(name).hasSizeGreaterThan(8);
            assertThat(served).as(name).containsAll(named);
        }
    }

    @Test
    void aServerThatDrainsDoesNotWaitForOpenPages() throws Exception {
        try (TestServer other = TestServer.start("http.drainSeconds=60")) {
            HttpResponse<InputStream> page = client.send(
                    HttpRequest.newBuilder(other.uri("/v1/kvasir/feed")).build(), BodyHandlers.ofInputStream());
            CompletableFuture<Void> closed = CompletableFuture.runAsync(other.server::close);
            page.body().readAllBytes(); // to its end
            closed.join();
        }
    }
}
