package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.config.SettingsReader;
import java.io.BufferedReader;
import java.io.IOException;
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
import org.jspecify.annotations.Nullable;

/** A server in a process of its own, which can be killed, with a client. */
final class ServerProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LISTENING = "listening on ";

    private final Process process;
    private final Path log;
    private final String address;
    private final HttpClient client = HttpClient.newHttpClient();

    private ServerProcess(Process process, Path log, String address) {
        this.process = process;
        this.log = log;
        this.address = address;
    }

    /** Serves with the settings given, {@code key=value} each, until it is killed or nobody is left who could. */
    public static void main(String[] settings) throws IOException {
        Server server = new Server(new SettingsReader().set(List.of(settings)).read());
        Runtime.getRuntime().addShutdownHook(new Thread(server::close)); // as the real one does when it is told to end
        server.start(Wiring::load);
        System.out.println(LISTENING + server.address());
        while (System.in.read() >= 0) {
            // Whoever started it holds the other end.
        }
        System.exit(0);
    }

    /**
     * Starts one and waits until it serves.
     *
     * @param log where its complaints go
     */
    static ServerProcess start(Path log, List<String> settings) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.util.concurrent.ForkJoinPool.common.parallelism=2",
                "-Dlogback.configurationFile="
                        + Path.of("..", "conf", "logback.xml").toAbsolutePath(),
                "-cp",
                System.getProperty("java.class.path"),
                ServerProcess.class.getName()));
        command.addAll(settings);
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
            throw new AssertionError("the server didn't start:\n" + Files.readString(log));
        }
        return new ServerProcess(process, log, line.substring(LISTENING.length()));
    }

    /** A reply: what was said, and how many of the prompt's tokens came from where. */
    record Reply(List<Integer> tokens, int cached, int fromDisk, int remote) {}

    /**
     * Asks for a greedy continuation.
     *
     * @param salt splits the cache; one that was never used finds nothing in it
     * @throws IOException if the server is gone
     */
    Reply complete(List<Integer> prompt, int maxTokens, @Nullable String salt) throws IOException {
        return complete(prompt, maxTokens, salt, null);
    }

    /** Asks for a continuation: greedy, or sampled with a seed. */
    Reply complete(List<Integer> prompt, int maxTokens, @Nullable String salt, @Nullable Integer seed)
            throws IOException {
        ObjectNode body = JSON.createObjectNode().put("model", "tiny").put("max_tokens", maxTokens);
        body.put("temperature", seed == null ? 0 : 0.8).put("ignore_eos", true).put("return_token_ids", true);
        if (seed != null) {
            body.put("seed", seed);
        }
        if (salt != null) {
            body.put("cache_salt", salt);
        }
        ArrayNode tokens = body.putArray("prompt");
        prompt.forEach(tokens::add);
        JsonNode answer = ask(HttpRequest.newBuilder(URI.create(address + "/v1/completions"))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build());
        List<Integer> said = new ArrayList<>();
        answer.at("/choices/0/token_ids").forEach(id -> said.add(id.asInt()));
        JsonNode details = answer.at("/usage/prompt_tokens_details");
        return new Reply(
                said,
                details.path("cached_tokens").asInt(),
                details.at("/cached_tokens_by_tier/disk").asInt(),
                details.at("/cached_tokens_by_tier/remote").asInt());
    }

    /** Returns how many segments its device holds that nobody reads or writes. */
    int segments() throws IOException {
        return slots("evictable");
    }

    /** Returns how many slots are neither free nor hold a segment that could go. */
    int slotsInUse() throws IOException {
        return slots("pinned") + slots("writing");
    }

    private int slots(String state) throws IOException {
        return ask(HttpRequest.newBuilder(URI.create(address + "/v1/kvasir/pool"))
                        .build())
                .at("/tiers/0/slots/" + state)
                .asInt();
    }

    /** Sends it a signal, such as STOP. */
    void signal(String name) throws IOException {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Has it end in order, and waits until it has. */
    void leave() throws IOException {
        signal("TERM");
        process.onExit().join();
    }

    /** Returns how often something failed in the disk tier, by reason. */
    int diskFailures(String reason) throws IOException {
        JsonNode report = ask(
                HttpRequest.newBuilder(URI.create(address + "/v1/kvasir/pool")).build());
        for (JsonNode tier : report.path("tiers")) {
            if (tier.path("tier").asText().equals("disk")) {
                return tier.path("failures").path(reason).asInt();
            }
        }
        throw new AssertionError("no disk tier in " + report);
    }

    /** Returns the sum of a metric over its labels; 0 if there is none of that name. */
    double metric(String name) throws IOException {
        String scrape =
                askText(HttpRequest.newBuilder(URI.create(address + "/metrics")).build());
        return scrape.lines()
                .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private JsonNode ask(HttpRequest request) throws IOException {
        return JSON.readTree(askText(request));
    }

    private String askText(HttpRequest request) throws IOException {
        try {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            return response.body();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns the sum of the meters whose line in {@code /metrics} begins so. */
    double metric(String beginning) throws IOException {
        try {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create(address + "/metrics")).build(), BodyHandlers.ofString());
            return response.body()
                    .lines()
                    .filter(line -> line.startsWith(beginning))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns what it has complained about so far. */
    String complaints() throws IOException {
        return Files.readString(log);
    }

    /** Kills it, as {@code kill -9} does, and waits until it's gone. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
