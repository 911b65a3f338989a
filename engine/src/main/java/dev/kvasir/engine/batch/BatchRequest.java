package dev.kvasir.engine.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.ApiError;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A checked body of {@code POST /v1/batches}.
 *
 * @param window as it was asked for
 * @param windowSeconds how long the batch may take
 */
public record BatchRequest(
        String inputFileId, String endpoint, String window, long windowSeconds, ObjectNode metadata) {
    private static final Pattern WINDOW = Pattern.compile("([1-9][0-9]{0,5})([smhd])");
    private static final Map<String, Integer> SECONDS = Map.of("s", 1, "m", 60, "h", 3600, "d", 86_400);
    private static final long LONGEST_SECONDS = 30 * 86_400L;
    private static final int MOST_PAIRS = 16;
    private static final int MOST_KEY_CHARS = 64;
    private static final int MOST_VALUE_CHARS = 512;

    /** Checks a body. */
    public static BatchRequest of(ObjectNode body) {
        String file = text(body, "input_file_id");
        String endpoint = text(body, "endpoint");
        if (!Answerer.ENDPOINTS.contains(endpoint)) {
            throw ApiError.badField(
                    "endpoint",
                    "'endpoint' must be one of "
                            + String.join(
                                    ", ", Answerer.ENDPOINTS.stream().sorted().toList()) + ".");
        }
        String window = text(body, "completion_window");
        Matcher matcher = WINDOW.matcher(window);
        long seconds =
                matcher.matches() ? Long.parseLong(matcher.group(1)) * SECONDS.getOrDefault(matcher.group(2), 0) : 0;
        if (seconds < 1 || seconds > LONGEST_SECONDS) {
            throw ApiError.badField(
                    "completion_window", "'completion_window' must be such as '24h', '90m' or '2d', at most 30 days.");
        }
        return new BatchRequest(file, endpoint, window, seconds, metadata(body.path("metadata")));
    }

    private static ObjectNode metadata(JsonNode given) {
        if (given.isMissingNode() || given.isNull()) {
            return JsonNodeFactory.instance.objectNode();
        }
        if (!(given instanceof ObjectNode pairs) || pairs.size() > MOST_PAIRS) {
            throw ApiError.badField("metadata", "'metadata' must be an object of at most " + MOST_PAIRS + " texts.");
        }
        pairs.fields().forEachRemaining(pair -> {
            if (pair.getKey().length() > MOST_KEY_CHARS
                    || !pair.getValue().isTextual()
                    || pair.getValue().textValue().length() > MOST_VALUE_CHARS) {
                throw ApiError.badField(
                        "metadata",
                        "'metadata' must have names of at most " + MOST_KEY_CHARS + " and texts of at most "
                                + MOST_VALUE_CHARS + " characters.");
            }
        });
        return pairs;
    }

    private static String text(ObjectNode body, String name) {
        JsonNode node = body.path(name);
        if (node.isMissingNode() || node.isNull()) {
            throw ApiError.badField(name, "Missing required parameter: '" + name + "'.");
        }
        if (!node.isTextual() || node.textValue().length() > 100) {
            throw ApiError.badField(name, "'" + name + "' must be a string of at most 100 characters.");
        }
        return node.textValue();
    }
}
