package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.CompletionRequest.Prompt;
import dev.kvasir.runner.Pooling;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A checked body of {@code POST /v1/embeddings}.
 *
 * @param model the model that was asked for
 * @param inputs at least one; texts have at least one character
 * @param dimensions numbers of each embedding
 * @param base64 whether an embedding is written as base64 of little-endian float32, else as numbers
 * @param pooling how hidden states become an embedding; null for the server's way
 * @param cacheSalt splits the tenant's cache
 */
public record EmbeddingRequest(
        String model,
        List<Prompt> inputs,
        int dimensions,
        boolean base64,
        @Nullable Pooling pooling,
        @Nullable String cacheSalt) {
    private static final int MAX_INPUTS = 2048;
    /** Numbers of one answer: 16 MiB of them, some 50 MB of text. */
    private static final int MAX_NUMBERS = 1 << 22;

    public EmbeddingRequest {
        inputs = List.copyOf(inputs);
    }

    /**
     * Checks a body.
     *
     * @param vocab token ids are below this
     * @param hidden numbers of a whole embedding
     */
    public static EmbeddingRequest of(ObjectNode body, int vocab, int hidden) {
        Fields fields = new Fields(body, "");
        String model = fields.text("model", 1, 1 << 16);
        if (model == null) {
            throw Fields.missing("model");
        }
        List<Prompt> inputs = inputs(fields, vocab);
        int dimensions = fields.integer("dimensions", 1, hidden, hidden);
        if ((long) inputs.size() * dimensions > MAX_NUMBERS) {
            throw ApiError.badField(
                    "input",
                    "'input' must ask for at most " + MAX_NUMBERS + " numbers, not for " + inputs.size() + " times "
                            + dimensions + ".");
        }
        return new EmbeddingRequest(
                model,
                inputs,
                dimensions,
                choice(fields, "encoding_format", "float", "base64") == 1,
                pooling(fields),
                fields.text("cache_salt", 1, CommonFields.MAX_SALT_CHARS));
    }

    private static @Nullable Pooling pooling(Fields fields) {
        return fields.get("pooling") == null ? null : Pooling.values()[choice(fields, "pooling", "last", "mean")];
    }

    private static int choice(Fields fields, String name, String first, String second) {
        String text = fields.text(name, 1, 64);
        if (text == null || text.equals(first)) {
            return 0;
        }
        if (text.equals(second)) {
            return 1;
        }
        throw ApiError.badField(
                name, "'" + name + "' must be '" + first + "' or '" + second + "', not '" + text + "'.");
    }

    private static List<Prompt> inputs(Fields fields, int vocab) {
        JsonNode node = fields.get("input");
        if (node == null) {
            throw Fields.missing("input");
        }
        if (node.isTextual()) {
            return List.of(text("input", node));
        }
        if (!node.isArray()) {
            throw Fields.wrongType("input", "a string, an array of strings, or arrays of token ids", node);
        }
        if (node.isEmpty()) {
            throw ApiError.badField("input", "'input' must not be empty.");
        }
        if (node.get(0).isNumber()) {
            return List.of(CompletionRequest.tokens("input", node, vocab));
        }
        CommonFields.checkCount("input", node, MAX_INPUTS);
        List<Prompt> inputs = new ArrayList<>();
        for (JsonNode item : node) {
            String path = "input[" + inputs.size() + "]";
            inputs.add(item.isArray() ? CompletionRequest.tokens(path, item, vocab) : text(path, item));
        }
        return inputs;
    }

    private static Prompt text(String path, JsonNode node) {
        return new Prompt.Text(Fields.text(path, node, 1, Integer.MAX_VALUE));
    }
}
