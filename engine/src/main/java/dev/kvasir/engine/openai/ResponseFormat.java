package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.TextDelta;
import dev.kvasir.engine.serving.Usage;
import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.Tier;
import dev.kvasir.runner.TokenLogprobs;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Response bodies of one call, whole and in chunks. Confined to the call's thread. */
public abstract class ResponseFormat {
    /**
     * What every body of one answer repeats.
     *
     * @param id the answer's id
     * @param createdSeconds when the call came in, since 1970
     * @param model the name it was asked for under
     * @param fingerprint of the model's weights
     * @param includeUsage whether a stream ends with its usage
     */
    public record Head(String id, long createdSeconds, String model, String fingerprint, boolean includeUsage) {}

    /** One whole choice. */
    public record Choice(String text, List<TextDelta.TokenAt> logprobs, Generation.End end) {}

    private final Head head;

    ResponseFormat(Head head) {
        this.head = head;
    }

    /** Takes the log-probabilities of a prompt, before the first chunk of its choices. */
    public abstract void prompt(int prompt, List<TokenLogprobs> logprobs);

    /** Returns the chunk that opens a choice, if the API has one. */
    public abstract @Nullable ObjectNode opening(int choice);

    /** Says that replies follow a guide, so that calls in them are sure to be whole. To be called before anything is told. */
    public void onGuided() {}

    /** Returns chunks with more of a choice. */
    public abstract List<ObjectNode> delta(int choice, TextDelta delta);

    /** Returns the chunks that end a choice. */
    public abstract List<ObjectNode> end(int choice, Generation.End end);

    /** Returns the whole answer. */
    public abstract ObjectNode whole(List<Choice> choices, Usage usage);

    /** Returns the chunk with the usage, if it was asked for. */
    public @Nullable ObjectNode usageChunk(Usage usage) {
        if (!head.includeUsage()) {
            return null;
        }
        ObjectNode chunk = head(chunkObject());
        chunk.putArray("choices");
        chunk.set("usage", usage(usage));
        return chunk;
    }

    abstract String chunkObject();

    ObjectNode head(String object) {
        return object().put("id", head.id())
                .put("object", object)
                .put("created", head.createdSeconds())
                .put("model", head.model())
                .put("system_fingerprint", head.fingerprint());
    }

    /** Returns a chunk with one choice in it. */
    ObjectNode chunk(ObjectNode choice) {
        ObjectNode chunk = head(chunkObject());
        chunk.putArray("choices").add(choice);
        if (head.includeUsage()) {
            chunk.putNull("usage");
        }
        return chunk;
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static JsonNode nothing() {
        return JsonNodeFactory.instance.nullNode();
    }

    static String reason(Generation.End end) {
        return end.name().toLowerCase(Locale.ROOT);
    }

    static ObjectNode usage(Usage usage) {
        ObjectNode node = object().put("prompt_tokens", usage.promptTokens())
                .put("completion_tokens", usage.completionTokens())
                .put("total_tokens", usage.promptTokens() + usage.completionTokens());
        CachedTokens cached = usage.cachedTokens();
        ObjectNode details = node.putObject("prompt_tokens_details").put("cached_tokens", cached.total());
        ObjectNode byTier = details.putObject("cached_tokens_by_tier");
        for (Tier tier : Tier.values()) {
            byTier.put(EvictRequest.name(tier), cached.of(tier));
        }
        return node;
    }
}
