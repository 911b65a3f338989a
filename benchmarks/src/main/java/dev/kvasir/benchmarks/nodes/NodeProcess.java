package dev.kvasir.benchmarks.nodes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.client.JsonClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** A node in a process of its own. */
final class NodeProcess implements AutoCloseable {
    private static final String LISTENING = "listening on ";
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private final Process process;
    private final String address;
    private final HttpClient http = HttpClient.newHttpClient();
    private final JsonClient client;

    private NodeProcess(Process process, String address) {
        this.process = process;
        this.address = address;
        client = new JsonClient(http, address, null, TIMEOUT);
    }

    /**
     * Starts one and waits until it serves.
     *
     * @param log where its standard error goes
     * @param settings {@code key=value} each
     */
    static NodeProcess start(Path log, List<String> settings) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-Djava.util.concurrent.ForkJoinPool.common.parallelism=2",
                "-Dkvasir.home=" + System.getProperty("kvasir.home", ""),
                "-Dlogback.configurationFile=" + System.getProperty("logback.configurationFile", ""),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.kvasir.engine.Main",
                "serve",
                "--cluster",
                "--port",
                "0"));
        settings.forEach(setting -> command.addAll(List.of("--set", setting)));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().put("KVASIR_LOG_LEVEL", "WARN");
        Process process = builder.start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        String line = output.readLine();
        while (line != null && !line.startsWith(LISTENING)) {
            line = output.readLine();
        }
        if (line == null) {
            process.destroyForcibly();
            throw new IOException("a node didn't start: " + Files.readString(log));
        }
        return new NodeProcess(process, line.substring(LISTENING.length()));
    }

    /**
     * A reply.
     *
     * @param cached prompt tokens that were reused
     * @param remote of these, read on other nodes
     */
    record Reply(int[] tokens, int cached, int remote) {}

    /** Asks for a greedy continuation. */
    Reply complete(String model, int[] prompt, int tokens) throws IOException, InterruptedException {
        ObjectNode body =
                JsonNodeFactory.instance.objectNode().put("model", model).put("max_tokens", tokens);
        body.put("temperature", 0).put("ignore_eos", true).put("return_token_ids", true);
        ArrayNode ids = body.putArray("prompt");
        IntStream.of(prompt).forEach(ids::add);
        JsonClient.Answer answer = client.ask("/v1/completions", body);
        JsonNode reply = answer.json().at("/choices/0/token_ids");
        if (answer.status() != 200 || reply.size() != tokens) {
            throw new IOException("a node answered " + answer.status() + ": " + answer.json());
        }
        int[] said = new int[tokens];
        for (int i = 0; i < tokens; i++) {
            said[i] = reply.get(i).asInt();
        }
        JsonNode details = answer.json().at("/usage/prompt_tokens_details");
        return new Reply(
                said,
                details.path("cached_tokens").asInt(),
                details.at("/cached_tokens_by_tier/remote").asInt());
    }

    /** Returns the device tier as the node reports it. */
    JsonNode device() throws IOException, InterruptedException {
        return client.ask("/v1/kvasir/pool", null).json().at("/tiers/0");
    }

    /** Returns the sum of a metric's values over its tags, of those lines that contain a text. */
    double metric(String name, String tag) throws IOException, InterruptedException {
        String text = http.send(
                        HttpRequest.newBuilder(URI.create(address + "/metrics")).build(), BodyHandlers.ofString())
                .body();
        return text.lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .filter(line -> line.contains(tag))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
