package dev.kvasir.benchmarks.turns;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A model server for a client's tests that remembers every whole segment, as far as it has any memory. Each token of its replies is the sum of all
 * before it.
 */
final class CachingServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int VOCAB = 500;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final int segmentTokens;
    private final int shift;
    private final Set<Object> known = new HashSet<>(); // prefixes in whole segments, with their salt; guarded by this
    private boolean forgets;

    /** Starts one whose replies are those of every other of the same {@code shift}. */
    CachingServer(int segmentTokens, int shift) throws IOException {
        this.segmentTokens = segmentTokens;
        this.shift = shift;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/models", exchange -> answer(exchange, "{\"data\":[{\"id\":\"adder\"}]}"));
        server.createContext(
                "/v1/completions", exchange -> answer(exchange, complete(JSON.readTree(exchange.getRequestBody()))));
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** From now on it finds only half of what it knows. */
    void forgetHalf() {
        forgets = true;
    }

    private synchronized String complete(JsonNode body) {
        List<Integer> said = new ArrayList<>();
        body.path("prompt").forEach(id -> said.add(id.asInt()));
        int prompt = said.size();
        List<Object> salt = List.of(body.path("cache_salt").asText());
        int cached = 0;
        while (cached + segmentTokens < prompt
                && known.contains(List.of(salt, said.subList(0, cached + segmentTokens)))) {
            cached += segmentTokens;
        }
        cached = forgets ? cached / 2 / segmentTokens * segmentTokens : cached;
        StringBuilder events = new StringBuilder();
        for (int i = 0; i < body.path("max_tokens").asInt(); i++) {
            int next = (said.stream().mapToInt(Integer::intValue).sum() + shift) % VOCAB;
            ObjectNode event = JSON.createObjectNode();
            event.putArray("choices")
                    .addObject()
                    .put("text", "")
                    .putArray("token_ids")
                    .add(next);
            said.add(next);
            events.append("data: ").append(event).append("\n\n");
        }
        // The last token was said, not read.
        for (int end = segmentTokens; end < said.size(); end += segmentTokens) {
            known.add(List.of(salt, List.copyOf(said.subList(0, end))));
        }
        ObjectNode last = JSON.createObjectNode();
        last.putArray("choices");
        ObjectNode usage = last.putObject("usage").put("prompt_tokens", prompt);
        usage.putObject("prompt_tokens_details")
                .put("cached_tokens", cached)
                .putObject("cached_tokens_by_tier")
                .put("device", 0)
                .put("host", cached)
                .put("disk", 0);
        return events.append("data: ")
                .append(last)
                .append("\n\ndata: [DONE]\n\n")
                .toString();
    }

    private static void answer(HttpExchange exchange, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
