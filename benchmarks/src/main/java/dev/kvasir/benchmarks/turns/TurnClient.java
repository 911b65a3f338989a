package dev.kvasir.benchmarks.turns;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Asks one server for greedy continuations of token ids, streamed. Thread-safe. */
final class TurnClient {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TIMEOUT = Duration.ofMinutes(10);
    private static final String DATA = "data: ";

    private final HttpClient http;
    private final URI uri;
    private final @Nullable String apiKey;
    private final String model;
    private final int replyTokens;
    private final LongSupplier nanoTime;

    /**
     * A client of one server.
     *
     * @param server where it is, without {@code /v1}
     * @param apiKey sent as a bearer token, if there is one
     * @param replyTokens tokens of each reply
     */
    TurnClient(
            HttpClient http,
            String server,
            @Nullable String apiKey,
            String model,
            int replyTokens,
            LongSupplier nanoTime) {
        this.http = http;
        this.uri = URI.create(server + "/v1/completions");
        this.apiKey = apiKey;
        this.model = model;
        this.replyTokens = replyTokens;
        this.nanoTime = nanoTime;
    }

    /**
     * Asks and waits for the whole reply.
     *
     * @param history how many tokens of the prompt were said before
     * @param salt splits the cache; one that was never used finds nothing in it
     * @throws IOException if there was no whole reply, or the server doesn't say what has to be known
     */
    Turn ask(int conversation, int number, int[] prompt, int history, @Nullable String salt)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(TIMEOUT)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body(prompt, salt))));
        if (apiKey != null) {
            request.header("Authorization", "Bearer " + apiKey);
        }
        long sentNanos = nanoTime.getAsLong();
        HttpResponse<Stream<String>> response = http.send(request.build(), BodyHandlers.ofLines());
        Received received = new Received();
        try (Stream<String> lines = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException(
                        uri + " answered " + response.statusCode() + ": " + lines.collect(Collectors.joining(" ")));
            }
            for (Iterator<String> line = lines.iterator(); line.hasNext(); ) {
                received.take(line.next(), nanoTime.getAsLong());
            }
        }
        int[] reply = received.reply.build().toArray();
        if (!received.complete || reply.length != replyTokens) {
            throw new IOException("a reply ended after " + reply.length + " of " + replyTokens
                    + " token ids; does the server know return_token_ids and ignore_eos?");
        }
        return new Turn(
                conversation,
                number,
                prompt,
                history,
                reply,
                received.promptTokens,
                received.cached,
                received.firstNanos - sentNanos);
    }

    private ObjectNode body(int[] prompt, @Nullable String salt) {
        ObjectNode body = JSON.createObjectNode().put("model", model).put("max_tokens", replyTokens);
        body.put("temperature", 0).put("ignore_eos", true).put("return_token_ids", true);
        body.put("stream", true).putObject("stream_options").put("include_usage", true);
        if (salt != null) {
            body.put("cache_salt", salt);
        }
        ArrayNode ids = body.putArray("prompt");
        IntStream.of(prompt).forEach(ids::add);
        return body;
    }

    /** An answer as far as it has come. */
    private static final class Received {
        private final IntStream.Builder reply = IntStream.builder();
        private final Map<String, Integer> cached = new TreeMap<>();
        private int promptTokens;
        private long firstNanos;
        private boolean complete;

        void take(String line, long nowNanos) throws IOException {
            if (!line.startsWith(DATA)) {
                return;
            }
            if (line.equals(DATA + "[DONE]")) {
                complete = true;
                return;
            }
            JsonNode event = JSON.readTree(line.substring(DATA.length()));
            if (event.has("error")) {
                throw new IOException("the server failed: "
                        + event.path("error").path("message").asText());
            }
            for (JsonNode id : event.at("/choices/0/token_ids")) {
                firstNanos = firstNanos == 0 ? nowNanos : firstNanos;
                reply.add(id.asInt());
            }
            JsonNode usage = event.path("usage");
            if (usage.isObject()) {
                promptTokens = usage.path("prompt_tokens").asInt();
                read(usage.path("prompt_tokens_details"));
            }
        }

        private void read(JsonNode details) {
            JsonNode tiers = details.path("cached_tokens_by_tier");
            if (tiers.isObject()) {
                tiers.fields().forEachRemaining(tier -> put(tier.getKey(), tier.getValue()));
            } else {
                put("cache", details.path("cached_tokens"));
            }
        }

        private void put(String tier, JsonNode tokens) {
            if (tokens.asInt() > 0) {
                cached.put(tier, tokens.asInt());
            }
        }
    }
}
