package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.TextDelta;
import dev.kvasir.engine.serving.Usage;
import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.Tier;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Response bodies of one call of OpenAI's older APIs, whole and in chunks. */
public abstract class ResponseFormat implements AnswerFormat {
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

    private final Head head;
    private final BitSet expired = new BitSet(); // choices that the deadline ended

    ResponseFormat(Head head) {
        this.head = head;
    }

    @Override
    public void onDeadline(int choice) {
        expired.set(choice);
    }

    /** Names the deadline where that ended a choice: {@code finish_reason} has no word for it. */
    ObjectNode withStopReason(ObjectNode choice, int index) {
        return expired.get(index) ? choice.put("stop_reason", "deadline") : choice;
    }

    /** Returns the chunk that opens a choice, if the API has one. */
    abstract @Nullable ObjectNode opening(int choice);

    /** Returns chunks with more of a choice. */
    abstract List<ObjectNode> delta(int choice, TextDelta delta);

    /** Returns the chunks that end a choice. */
    abstract List<ObjectNode> end(int choice, Generation.End end);

    @Override
    public List<Event> onOpening(int choice) {
        ObjectNode chunk = opening(choice);
        return chunk == null ? List.of() : List.of(new Event(null, chunk));
    }

    @Override
    public List<Event> onDelta(int choice, TextDelta delta) {
        return events(delta(choice, delta));
    }

    @Override
    public List<Event> onChoiceEnd(int choice, Generation.End end) {
        return events(end(choice, end));
    }

    @Override
    public List<Event> onEnd(Usage usage) {
        return head.includeUsage() ? List.of(new Event(null, usageChunk(usage))) : List.of();
    }

    @Override
    public List<Event> onFailure(ApiError error) {
        return List.of(new Event(null, error.body()));
    }

    @Override
    public boolean endsWithDone() {
        return true;
    }

    private static List<Event> events(List<ObjectNode> chunks) {
        return chunks.stream().map(chunk -> new Event(null, chunk)).toList();
    }

    private ObjectNode usageChunk(Usage usage) {
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
