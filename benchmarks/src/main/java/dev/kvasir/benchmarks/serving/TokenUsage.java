package dev.kvasir.benchmarks.serving;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a server says that a request cost.
 *
 * @param promptTokens tokens of the prompt
 * @param outputTokens tokens generated
 * @param cachedTokens prompt tokens reused from the server's cache, {@link #UNKNOWN} where it doesn't say
 */
record TokenUsage(int promptTokens, int outputTokens, int cachedTokens) {
    static final int UNKNOWN = -1;

    /** Reads OpenAI's {@code usage} object. */
    static TokenUsage of(JsonNode usage) {
        JsonNode cached = usage.path("prompt_tokens_details").path("cached_tokens");
        return new TokenUsage(
                Math.max(0, usage.path("prompt_tokens").asInt()),
                Math.max(0, usage.path("completion_tokens").asInt()),
                cached.isInt() ? cached.asInt() : UNKNOWN);
    }
}
