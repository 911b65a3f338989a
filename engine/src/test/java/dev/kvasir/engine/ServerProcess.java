package dev.kvasir.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.cluster.ClusterNode;
import dev.kvasir.engine.config.SettingsReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A server in a process of its own, which can be killed, with a client. */
public final class ServerProcess implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LISTENING = "listening on ";
    private static final String VIEWS = "views";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Process process;
    private final BufferedReader output;
    private final Path log;
    private final String address;
    private final @Nullable String key;
    private final HttpClient client = HttpClient.newHttpClient();

    private ServerProcess(Process process, BufferedReader output, Path log, String address, @Nullable String key) {
        this.process = process;
        this.output = output;
        this.log = log;
        this.address = address;
        this.key = key;
    }

    /** What a server said instead of an answer. */
    public static final class Refused extends AssertionError {
        private static final long serialVersionUID = 1L;
        private final int status;

        Refused(int status, String body) {
            super(status + ": " + body);
            this.status = status;
        }

        public int status() {
            return status;
        }
    }

    /** Serves with the settings given, {@code key=value} each, until it is killed or nobody is left who could. */
    public static void main(String[] settings) throws Exception {
        Server server = new Server(new SettingsReader().set(List.of(settings)).read());
        Runtime.getRuntime().addShutdownHook(new Thread(server::close)); // as the real one does when it is told to end
        try {
            server.start(Wiring::load);
        } catch (RuntimeException e) {
            e.printStackTrace();
            System.exit(1); // event loops would keep the process
        }
        System.out.println(LISTENING + server.address());
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            ClusterNode node = server.clusterNode();
            if (order.equals(VIEWS) && node != null) {
                System.out.println(views(node));
            }
        }
        System.exit(0); // Whoever started it and held the other end is gone.
    }

    private static JsonNode views(ClusterNode node) throws Exception {
        ObjectNode all = JSON.createObjectNode().put("self", node.number());
        ObjectNode nodes = all.putObject("nodes");
        node.views().get().forEach((number, segments) -> {
            ObjectNode held = nodes.putObject(Integer.toString(number));
            segments.forEach((id, replica) -> held.put(id.toString(), replica));
        });
        return all;
    }

    /**
     * What a node of a cluster knows of who holds what.
     *
     * @param held by node's number, its own included: segments, and whether they are replicas
     */
    public record Views(int self, Map<Integer, Map<String, Boolean>> held) {}

    /** Asks a node of a cluster what it knows of who holds what. */
    public Views views() throws IOException {
        process.outputWriter(StandardCharsets.UTF_8).append(VIEWS + "\n").flush();
        String line = output.readLine();
        if (line == null) {
            throw new IOException("the server is gone");
        }
        JsonNode all = JSON.readTree(line);
        Map<Integer, Map<String, Boolean>> held = new HashMap<>();
        all.path("nodes").fields().forEachRemaining(node -> {
            Map<String, Boolean> segments = new HashMap<>();
            node.getValue()
                    .fields()
                    .forEachRemaining(segment ->
                            segments.put(segment.getKey(), segment.getValue().asBoolean()));
            held.put(Integer.parseInt(node.getKey()), segments);
        });
        return new Views(all.path("self").asInt(), held);
    }

    /**
     * Starts one and waits until it serves.
     *
     * @param log where its complaints go
     */
    static ServerProcess start(Path log, List<String> settings) throws IOException {
        return start(log, List.of(), settings, List.of(), Map.of(), null);
    }

    /**
     * Starts one and waits until it serves.
     *
     * @param log where its complaints go
     * @param prefix of its command, such as what puts it into a network namespace
     * @param key with which it is asked, null where none is
     */
    public static ServerProcess start(Path log, List<String> prefix, List<String> settings, @Nullable String key)
            throws IOException {
        return start(log, prefix, settings, List.of(), Map.of(), key);
    }

    /**
     * Starts one and waits until it serves.
     *
     * @param options further options of its JVM
     * @param environment further variables
     */
    static ServerProcess start(Path log, List<String> settings, List<String> options, Map<String, String> environment)
            throws IOException {
        return start(log, List.of(), settings, options, environment, null);
    }

    private static ServerProcess start(
            Path log,
            List<String> prefix,
            List<String> settings,
            List<String> options,
            Map<String, String> environment,
            @Nullable String key)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Djava.util.concurrent.ForkJoinPool.common.parallelism=2",
                "-Dlogback.configurationFile="
                        + Path.of("..", "conf", "logback.xml").toAbsolutePath(),
                "-cp",
                System.getProperty("java.class.path")));
        command.addAll(options);
        command.add(ServerProcess.class.getName());
        command.addAll(settings);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().put("KVASIR_LOG_LEVEL", "WARN");
        builder.environment().putAll(environment);
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
        return new ServerProcess(process, output, log, line.substring(LISTENING.length()), key);
    }

    /** A reply: what was said, and how many of the prompt's tokens came from where. */
    public record Reply(List<Integer> tokens, int cached, int fromDisk, int remote) {}

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
    public Reply complete(List<Integer> prompt, int maxTokens, @Nullable String salt, @Nullable Integer seed)
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
        JsonNode answer = ask(request("/v1/completions")
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

    /** Returns its URL. */
    public String address() {
        return address;
    }

    /** Returns the status that a path answers. */
    int status(String path) throws IOException {
        try {
            return client.send(
                            HttpRequest.newBuilder(URI.create(address + path)).build(), BodyHandlers.discarding())
                    .statusCode();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns how many segments its device holds that nobody reads or writes. */
    public int segments() throws IOException {
        return slots("evictable");
    }

    /** Returns how many slots are neither free nor hold a segment that could go. */
    public int slotsInUse() throws IOException {
        return slots("pinned") + slots("writing");
    }

    private int slots(String state) throws IOException {
        return ask(request("/v1/kvasir/pool").build())
                .at("/tiers/0/slots/" + state)
                .asInt();
    }

    /** Sends it a signal, such as STOP. */
    public void signal(String name) throws IOException {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Has it end in order, and waits until it has. */
    public void leave() throws IOException {
        signal("TERM");
        process.onExit().join();
    }

    /** Returns how often something failed in the disk tier, by reason. */
    int diskFailures(String reason) throws IOException {
        JsonNode report = ask(request("/v1/kvasir/pool").build());
        for (JsonNode tier : report.path("tiers")) {
            if (tier.path("tier").asText().equals("disk")) {
                return tier.path("failures").path(reason).asInt();
            }
        }
        throw new AssertionError("no disk tier in " + report);
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(address + path)).timeout(PATIENCE);
        return key == null ? request : request.header("authorization", "Bearer " + key);
    }

    private JsonNode ask(HttpRequest request) throws IOException {
        return JSON.readTree(askText(request));
    }

    private String askText(HttpRequest request) throws IOException {
        try {
            HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new Refused(response.statusCode(), response.body());
            }
            return response.body();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Returns the sum of a metric over its labels; 0 if there is none of that name.
     *
     * @param name also with a label's beginning: {@code name{key="value"}
     */
    public double metric(String name) throws IOException {
        return askText(request("/metrics").build())
                .lines()
                .filter(line -> line.startsWith(name) && (name.contains("{") || isNamed(line, name)))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static boolean isNamed(String line, String name) {
        return line.startsWith("{", name.length()) || line.startsWith(" ", name.length());
    }

    /** Returns what it has complained about so far. */
    public String complaints() throws IOException {
        return Files.readString(log);
    }

    /** Kills it, as {@code kill -9} does, and waits until it's gone. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    @Override
    public void close() {
        kill();
    }
}
