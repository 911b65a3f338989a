package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.testkit.TestServer;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code POST /v1/embeddings} on the parrot, whose hidden state of token t at position p is (t, p + 1). */
class EmbeddingsTest {
    private static final String PATH = "/v1/embeddings";
    private static final double EPSILON = 1e-6;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start("scheduler.maxQueued=8", "scheduler.prefillChunk=32");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingIsLeft() {
        server.runner.resume();
        server.awaitIdle();
    }

    private static JsonNode embed(String fields) throws Exception {
        return server.ok(PATH, "{\"model\":\"parrot\"," + fields + "}");
    }

    private static void assertEmbedding(JsonNode item, double... state) {
        double length = Math.sqrt(state[0] * state[0] + state[1] * state[1]);
        assertThat(item.path("embedding")).hasSize(2);
        assertThat(item.path("embedding").get(0).asDouble()).isCloseTo(state[0] / length, within(EPSILON));
        assertThat(item.path("embedding").get(1).asDouble()).isCloseTo(state[1] / length, within(EPSILON));
    }

    @Test
    void everyFormOfInputIsEmbedded() throws Exception {
        JsonNode one = embed("\"input\":\"abc\"");
        int tokens = one.at("/usage/prompt_tokens").asInt();
        assertThat(one.path("object").asText()).isEqualTo("list");
        assertThat(one.path("model").asText()).isEqualTo("parrot");
        assertThat(one.at("/usage/total_tokens").asInt()).isEqualTo(tokens);
        assertThat(one.path("data")).hasSize(1);
        assertEmbedding(one.at("/data/0"), 'c', tokens);
        JsonNode texts = embed("\"input\":[\"abc\",\"z\"]");
        assertThat(texts.path("data")).hasSize(2);
        assertThat(texts.at("/data/1/index").asInt()).isEqualTo(1);
        assertThat(texts.at("/data/1/object").asText()).isEqualTo("embedding");
        assertEmbedding(texts.at("/data/1"), 'z', tokens - 2);
        JsonNode ids = embed("\"input\":[7,8,9]");
        assertThat(ids.at("/usage/prompt_tokens").asInt()).isEqualTo(3);
        assertEmbedding(ids.at("/data/0"), 9, 3);
        JsonNode lists = embed("\"input\":[[7,8,9],[4]]");
        assertThat(lists.at("/usage/prompt_tokens").asInt()).isEqualTo(4);
        assertEmbedding(lists.at("/data/1"), 4, 1);
    }

    @Test
    void theMeanIsOverAllTokens() throws Exception {
        assertEmbedding(embed("\"pooling\":\"mean\",\"input\":[6,7,8,11]").at("/data/0"), 8, 2.5);
    }

    @Test
    void dimensionsCutAndLengthenAgain() throws Exception {
        JsonNode embedding = embed("\"input\":[5,6],\"dimensions\":1").at("/data/0/embedding");
        assertThat(embedding).hasSize(1);
        assertThat(embedding.get(0).asDouble()).isCloseTo(1, within(EPSILON));
    }

    @Test
    void base64IsLittleEndianFloat32OfTheSameNumbers() throws Exception {
        JsonNode numbers = embed("\"input\":[5,6]").at("/data/0/embedding");
        String text = embed("\"input\":[5,6],\"encoding_format\":\"base64\"")
                .at("/data/0/embedding")
                .asText();
        ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(text)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(bytes.remaining()).isEqualTo(2 * Float.BYTES);
        assertThat(bytes.getFloat()).isEqualTo((float) numbers.get(0).asDouble());
        assertThat(bytes.getFloat()).isEqualTo((float) numbers.get(1).asDouble());
    }

    @Test
    void aCachedPrefixIsReusedForTheLastTokenAndNotForTheMean() throws Exception {
        String ids = "\"input\":[" + String.join(",", Collections.nCopies(40, "77")) + "]";
        embed(ids);
        JsonNode last = embed(ids);
        assertThat(last.at("/usage/prompt_tokens_details/cached_tokens").asInt())
                .isEqualTo(32);
        assertEmbedding(last.at("/data/0"), 77, 40);
        JsonNode mean = embed("\"pooling\":\"mean\"," + ids);
        assertThat(mean.at("/usage/prompt_tokens_details/cached_tokens").asInt())
                .isZero();
        assertEmbedding(mean.at("/data/0"), 77, 20.5);
    }

    @Test
    void aTextAsLongAsTheContextFitsAndALongerOneDoesNot() throws Exception {
        String longest = String.join(",", Collections.nCopies(TestServer.CONTEXT, "9"));
        assertEmbedding(embed("\"input\":[" + longest + "]").at("/data/0"), 9, TestServer.CONTEXT);
        HttpResponse<String> response = server.post(PATH, "{\"model\":\"parrot\",\"input\":[[1],[9," + longest + "]]}");
        assertThat(response.statusCode()).isEqualTo(400);
        JsonNode error = TestServer.json(response.body()).path("error");
        assertThat(error.path("code").asText()).isEqualTo("context_length_exceeded");
        assertThat(error.path("param").asText()).isEqualTo("input[1]");
        assertThat(error.path("message").asText()).contains("512").contains("513");
    }

    @Test
    void moreInputsThanTheQueueHoldsAreAllEmbeddedInOrder() throws Exception {
        List<String> inputs = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            inputs.add("[" + (1 + i) + "," + (200 - i) + "]");
        }
        JsonNode answer = embed("\"input\":[" + String.join(",", inputs) + "]");
        assertThat(answer.path("data")).hasSize(200);
        for (int i = 0; i < 200; i++) {
            assertThat(answer.at("/data/" + i + "/index").asInt()).isEqualTo(i);
            assertEmbedding(answer.at("/data/" + i), 200 - i, 2);
        }
    }

    @Test
    void aFullQueueIsA429() throws Exception {
        server.runner.pause();
        List<CompletableFuture<HttpResponse<String>>> others = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            others.add(server.client.sendAsync(
                    server.postRequest(PATH, "{\"model\":\"parrot\",\"input\":[" + (i + 1) + "]}"),
                    HttpResponse.BodyHandlers.ofString()));
        }
        TestServer.await(
                "refusals",
                () -> others.stream().filter(CompletableFuture::isDone).count() >= 10);
        server.runner.resume();
        for (CompletableFuture<HttpResponse<String>> other : others) {
            assertThat(other.join().statusCode()).isIn(200, 429);
        }
        assertThat(others).anyMatch(other -> other.join().statusCode() == 429);
    }

    @Test
    void aStepThatBreaksIsTheServersFault() throws Exception {
        HttpResponse<String> response = server.post(PATH, "{\"model\":\"parrot\",\"input\":[[1],[1,255],[2]]}");
        assertThat(response.statusCode()).isEqualTo(500);
        embed("\"input\":\"still here\"");
    }

    @Test
    void aClientThatLeavesIsCancelled() throws Exception {
        server.runner.pause();
        byte[] body = ("{\"model\":\"parrot\",\"input\":[" + String.join(",", Collections.nCopies(300, "3")) + "]}")
                .getBytes(StandardCharsets.UTF_8);
        try (Socket socket = new Socket("127.0.0.1", server.server.port())) {
            socket.getOutputStream()
                    .write(("POST " + PATH + " HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                                    + "content-length: " + body.length + "\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().write(body);
            socket.getOutputStream().flush();
            TestServer.await("a step", server.runner::isHolding);
        }
        TestServer.await("the client to be missed", () -> server.server.door().exchanges() == 0);
        server.runner.allow(2); // ten chunks would need more
        TestServer.await("the end of its request", () -> !server.scheduler().hasWork());
    }
}
