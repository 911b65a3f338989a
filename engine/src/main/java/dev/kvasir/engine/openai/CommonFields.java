package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.serving.GenerationOptions;
import dev.kvasir.engine.serving.Urgency;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.scheduler.GenerationRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The fields that say how to generate, which all APIs share. */
public final class CommonFields {
    static final int MAX_CHOICES = 16;
    private static final int MAX_STOPS = 16;
    private static final int MAX_STOP_CHARS = 1024;
    private static final int MAX_BIASES = 1024;
    static final int MAX_SALT_CHARS = 1024;
    private static final int MAX_DEADLINE_MILLIS = 86_400_000;
    /** Nobody else's, so what is misspelt here isn't ignored. */
    private static final Set<String> OWN_FIELDS = Set.of("deadline_ms");

    /** Below this a temperature only makes logits overflow; the most likely token is what it means. */
    private static final double COLDEST = 1e-5;

    private CommonFields() {}

    /**
     * What an API calls fields that have other names elsewhere.
     *
     * @param maxTokens most tokens of an answer; where there are several, the last that is given wins
     * @param stop the stop strings
     * @param choices whether there may be several answers
     */
    public record Names(List<String> maxTokens, String stop, boolean choices) {
        static final Names OPENAI = new Names(List.of("max_tokens", "max_completion_tokens"), "stop", true);

        public Names {
            maxTokens = List.copyOf(maxTokens);
        }
    }

    /**
     * What both APIs ask besides their prompt.
     *
     * @param stream whether tokens are sent as they come
     * @param includeUsage whether a stream ends with its usage
     * @param cacheSalt splits the tenant's cache
     */
    record Common(
            String model,
            boolean stream,
            boolean includeUsage,
            @Nullable String cacheSalt) {}

    /** Returns the model that is asked for. */
    public static String model(Fields fields) {
        String model = fields.text("model", 1, 1 << 16);
        if (model == null) {
            throw Fields.missing("model");
        }
        return model;
    }

    /** Returns what splits the tenant's cache. */
    public static @Nullable String cacheSalt(Fields fields) {
        return fields.text("cache_salt", 1, MAX_SALT_CHARS);
    }

    static Common common(Fields fields) {
        String model = model(fields);
        boolean stream = fields.bool("stream", false);
        Fields streamOptions = fields.object("stream_options");
        if (streamOptions != null && !stream) {
            throw ApiError.badField("stream_options", "'stream_options' is only allowed when 'stream' is true.");
        }
        boolean includeUsage = streamOptions != null && streamOptions.bool("include_usage", false);
        return new Common(model, stream, includeUsage, cacheSalt(fields));
    }

    /**
     * Reads how to generate.
     *
     * @param defaultMaxTokens most tokens where none are named; null for the rest of the context
     * @param logprobs top log-probabilities of the generated tokens, -1 for none
     * @param promptLogprobs of the prompt's tokens
     * @param newSeed gives a seed where none is named
     */
    public static GenerationOptions options(
            Fields fields,
            Names names,
            @Nullable Integer defaultMaxTokens,
            int logprobs,
            int promptLogprobs,
            int vocab,
            LongSupplier newSeed) {
        int choices = fields.integer("n", 1, names.choices() ? MAX_CHOICES : 1, 1);
        int bestOf = fields.integer("best_of", 1, MAX_CHOICES, choices);
        if (bestOf != choices) {
            throw ApiError.unsupported("best_of", "'best_of' is not supported unless it equals 'n'.");
        }
        Integer maxTokens = maxTokens(fields, names, defaultMaxTokens);
        int minTokens = fields.integer("min_tokens", 0, Integer.MAX_VALUE, 0);
        if (maxTokens != null && minTokens > maxTokens) {
            throw ApiError.badField(
                    "min_tokens",
                    "'min_tokens' must be at most '" + names.maxTokens().get(0) + "', which is " + maxTokens + ", not "
                            + minTokens + ".");
        }
        return new GenerationOptions(
                choices,
                sampling(fields, logprobs, vocab, newSeed),
                maxTokens,
                minTokens,
                fields.bool("ignore_eos", false),
                stopTokens(fields, vocab),
                stops(fields, names.stop()),
                promptLogprobs,
                null,
                Set.of(),
                urgency(fields));
    }

    private static Urgency urgency(Fields fields) {
        int most = GenerationRequest.MOST_PRIORITY;
        int priority = fields.integer("priority", -most, most, 0);
        Fields own = fields.object("kvasir");
        if (own == null) {
            return priority == 0 ? Urgency.NORMAL : new Urgency(priority, 0);
        }
        own.refuseOthersThan(OWN_FIELDS);
        return new Urgency(priority, own.integer("deadline_ms", 1, MAX_DEADLINE_MILLIS, 0));
    }

    private static @Nullable Integer maxTokens(Fields fields, Names names, @Nullable Integer absent) {
        Integer wanted = absent;
        for (String name : names.maxTokens()) {
            Long given = fields.integer(name, 1, Integer.MAX_VALUE);
            wanted = given == null ? wanted : Integer.valueOf(given.intValue());
        }
        return wanted;
    }

    private static SamplingParams sampling(Fields fields, int logprobs, int vocab, LongSupplier newSeed) {
        double temperature = fields.number("temperature", 0, 2, 1);
        Long seed = fields.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE);
        return new SamplingParams(
                temperature < COLDEST ? 0 : (float) temperature,
                Math.max(0, fields.integer("top_k", -1, Integer.MAX_VALUE, 0)),
                // 0 means the most likely token alone, which is what the smallest positive share keeps.
                Math.max(Float.MIN_VALUE, (float) fields.number("top_p", 0, 1, 1)),
                (float) fields.number("min_p", 0, 1, 0),
                (float) fields.number("repetition_penalty", 0.01, 100, 1),
                (float) fields.number("presence_penalty", -2, 2, 0),
                (float) fields.number("frequency_penalty", -2, 2, 0),
                logitBias(fields, vocab),
                seed == null ? newSeed.getAsLong() : seed,
                logprobs,
                new int[0]);
    }

    private static Map<Integer, Float> logitBias(Fields fields, int vocab) {
        JsonNode node = fields.get("logit_bias");
        if (node == null) {
            return Map.of();
        }
        if (!(node instanceof ObjectNode object)) {
            throw Fields.wrongType("logit_bias", "an object of token ids and numbers", node);
        }
        if (object.size() > MAX_BIASES) {
            throw ApiError.badField(
                    "logit_bias",
                    "'logit_bias' must have at most " + MAX_BIASES + " entries, not " + object.size() + ".");
        }
        Map<Integer, Float> biases = new HashMap<>();
        for (Iterator<Map.Entry<String, JsonNode>> it = object.fields(); it.hasNext(); ) {
            Map.Entry<String, JsonNode> entry = it.next();
            int token = tokenId(entry.getKey(), vocab);
            biases.put(token, (float) Fields.number("logit_bias." + token, entry.getValue(), -100, 100));
        }
        return biases;
    }

    private static int tokenId(String text, int vocab) {
        try {
            int token = Integer.parseInt(text);
            if (token >= 0 && token < vocab) {
                return token;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        String shown = text.length() > 40 ? text.substring(0, 40) + ".." : text;
        throw ApiError.badField(
                "logit_bias",
                "'logit_bias' must have token ids from 0 to " + (vocab - 1) + " as its keys, not '" + shown + "'.");
    }

    private static List<String> stops(Fields fields, String name) {
        JsonNode node = fields.get(name);
        if (node == null) {
            return List.of();
        }
        if (node.isTextual()) {
            return List.of(Fields.text(name, node, 1, MAX_STOP_CHARS));
        }
        if (!node.isArray()) {
            throw Fields.wrongType(name, "a string or an array of strings", node);
        }
        checkCount(name, node, MAX_STOPS);
        List<String> stops = new ArrayList<>();
        for (JsonNode item : node) {
            stops.add(Fields.text(name + "[" + stops.size() + "]", item, 1, MAX_STOP_CHARS));
        }
        return stops;
    }

    private static List<Integer> stopTokens(Fields fields, int vocab) {
        JsonNode node = fields.get("stop_token_ids");
        if (node == null) {
            return List.of();
        }
        if (!node.isArray()) {
            throw Fields.wrongType("stop_token_ids", "an array of token ids", node);
        }
        checkCount("stop_token_ids", node, MAX_STOPS);
        List<Integer> tokens = new ArrayList<>();
        for (JsonNode item : node) {
            tokens.add((int) Fields.integer("stop_token_ids[" + tokens.size() + "]", item, 0, vocab - 1));
        }
        return tokens;
    }

    /** Checks that an array has at most so many items. */
    public static void checkCount(String path, JsonNode array, int max) {
        if (array.size() > max) {
            throw ApiError.badField(
                    path, "'" + path + "' must have at most " + max + " items, not " + array.size() + ".");
        }
    }
}
