package dev.kvasir.benchmarks.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The JSON of streamed requests that differ in their prompts alone.
 *
 * @param endpoint which route they are for
 * @param model the model's name
 * @param outputTokens tokens to generate
 * @param ignoreEos whether to ask the server to go on past the model's end token, so that each answer has just so many tokens
 * @param temperature sampling temperature
 * @param seed with a temperature above 0, request {@code i} samples with seed {@code seed + i}
 */
record RequestBodies(
        Endpoint endpoint, String model, int outputTokens, boolean ignoreEos, double temperature, long seed) {
    private static final ObjectMapper JSON = new ObjectMapper();

    RequestBodies {
        if (outputTokens < 1 || !(temperature >= 0)) {
            throw new IllegalArgumentException(
                    "no such answers: " + outputTokens + " tokens at temperature " + temperature);
        }
    }

    /** Returns the body of one request. */
    byte[] body(int index, JsonNode prompt) {
        ObjectNode body = JSON.createObjectNode();
        body.put("model", model);
        if (endpoint == Endpoint.CHAT) {
            body.putArray("messages").addObject().put("role", "user").set("content", prompt);
        } else {
            body.set("prompt", prompt);
        }
        body.put("stream", true);
        body.putObject("stream_options").put("include_usage", true);
        body.put("max_tokens", outputTokens);
        body.put("temperature", temperature);
        if (temperature > 0) {
            body.put("seed", (seed + index) & Integer.MAX_VALUE); // what every server's integer type holds
        }
        if (ignoreEos) {
            body.put("ignore_eos", true);
        }
        try {
            return JSON.writeValueAsBytes(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree always has a text", e);
        }
    }
}
