package dev.kvasir.engine.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.engine.Server;
import dev.kvasir.engine.config.SettingsReader;
import dev.kvasir.engine.serving.ServedModel;
import dev.kvasir.runner.ChatTemplate;
import dev.kvasir.scheduler.Scheduler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A server of the parrot on a free port, with a client. */
public final class TestServer implements AutoCloseable {
    public static final int CONTEXT = 512;
    public static final String MODEL = "parrot";

    private static final ObjectMapper JSON = new ObjectMapper();

    public final ParrotRunner runner;
    public final ByteTokenizer tokenizer = new ByteTokenizer();
    public final Server server;
    public final HttpClient client = HttpClient.newHttpClient();

    private TestServer(int context, int slots, List<String> settings, @Nullable ChatTemplate template) {
        runner = new ParrotRunner(context, slots);
        server = new Server(new SettingsReader().set(settings).read());
        server.start(s -> new ServedModel(MODEL, List.of("bird"), runner, tokenizer, template));
    }

    /** Starts a server with settings {@code key=value}. */
    public static TestServer start(String... settings) {
        return start(CONTEXT, TestServer::render, settings);
    }

    public static TestServer start(int context, @Nullable ChatTemplate template, String... settings) {
        return start(context, Math.max(64, 2 * context / 16), template, settings);
    }

    /** @param slots segments of 16 tokens that the pool has room for */
    public static TestServer start(int context, int slots, @Nullable ChatTemplate template, String... settings) {
        List<String> all = new ArrayList<>(List.of("http.port=0", "data.dir=" + temporary()));
        all.addAll(Arrays.asList(settings));
        return new TestServer(context, slots, all, template);
    }

    /** ChatML, as many models have it. */
    public static String render(
            List<java.util.Map<String, Object>> messages,
            java.util.Map<String, Object> variables,
            boolean addGenerationPrompt)
            throws ChatTemplate.TemplateException {
        StringBuilder prompt = new StringBuilder();
        for (var message : messages) {
            if ("refuse me".equals(message.get("content"))) {
                throw new ChatTemplate.TemplateException("it said to");
            }
            prompt.append("<|im_start|>")
                    .append(message.get("role"))
                    .append('\n')
                    .append(message.get("content"))
                    .append("<|im_end|>\n");
        }
        return addGenerationPrompt ? prompt + "<|im_start|>assistant\n" : prompt.toString();
    }

    /** Returns a folder of this test run's own. */
    public static Path temporary() {
        try {
            Path folder = Files.createTempDirectory("kvasir-test");
            folder.toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public URI uri(String path) {
        return URI.create(server.address() + path);
    }

    public Scheduler scheduler() {
        return Objects.requireNonNull(server.node().serving()).scheduler();
    }

    public HttpResponse<String> get(String path, String... headers) throws Exception {
        return client.send(request(path, headers).GET().build(), BodyHandlers.ofString());
    }

    public HttpResponse<String> post(String path, String body, String... headers) throws Exception {
        return client.send(postRequest(path, body, headers), BodyHandlers.ofString());
    }

    public HttpRequest postRequest(String path, String body, String... headers) {
        return request(path, headers)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(uri(path));
        for (int i = 0; i < headers.length; i += 2) {
            builder.header(headers[i], headers[i + 1]);
        }
        return builder;
    }

    public static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(text, e);
        }
    }

    /** Posts, expects 200 and returns the body. */
    public JsonNode ok(String path, String body, String... headers) throws Exception {
        HttpResponse<String> response = post(path, body, headers);
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + " " + response.body());
        }
        return json(response.body());
    }

    /** Waits for a condition that is sure to come; the limit only keeps a broken build from hanging. */
    public static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("never came: " + what);
            }
            LockSupport.parkNanos(200_000);
        }
    }

    /** Waits until nothing runs or waits, and checks the books. */
    public void awaitIdle() {
        await("idle scheduler", () -> {
            var stats = scheduler().stats();
            return stats.running() == 0 && stats.waiting() == 0 && stats.pool().pinned() == 0;
        });
    }

    @Override
    public void close() {
        runner.resume();
        server.close();
    }
}
