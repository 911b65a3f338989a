package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.TextDelta;
import dev.kvasir.engine.serving.TextDelta.TokenAt;
import dev.kvasir.engine.serving.Usage;
import dev.kvasir.pool.CachedTokens;
import dev.kvasir.runner.TokenLogprobs;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How an API writes one answer: as events while it comes, or whole. Hears what becomes of the generation. Confined to the call's thread. */
public interface AnswerFormat {
    /**
     * A server-sent event.
     *
     * @param name null for one without a name
     */
    record Event(@Nullable String name, ObjectNode data) {}

    /** One whole choice. */
    record Choice(String text, List<TokenAt> logprobs, Generation.End end) {}

    /** Replies follow a guide, so that calls in them are sure to be whole. Comes before anything else. */
    default void onGuided() {}

    /** The request was taken in; nothing is computed yet. Only for a stream. */
    default List<Event> onAccepted() {
        return List.of();
    }

    /** A prompt is computed, so many of its tokens without work. Comes before the first event of its choices. */
    default void onCached(CachedTokens cached) {}

    /** Log-probabilities of a prompt, if they were asked for. Comes before the first event of its choices. */
    default void onPrompt(int prompt, List<TokenLogprobs> logprobs) {}

    /** A choice begins: its first text or its end is about to be told. Only for a stream. */
    List<Event> onOpening(int choice);

    /** More of a choice. Only for a stream. */
    List<Event> onDelta(int choice, TextDelta delta);

    /** A choice is about to end because of a stop string. */
    default void onStopString(int choice, String stop) {}

    /** A choice is about to end because the request's deadline has come. */
    default void onDeadline(int choice) {}

    /** A choice is over. Only for a stream. */
    List<Event> onChoiceEnd(int choice, Generation.End end);

    /** All choices are over. Only for a stream. */
    List<Event> onEnd(Usage usage);

    /** It failed, and the stream ends with these. */
    List<Event> onFailure(ApiError error);

    /** Returns whether a stream that didn't fail ends with {@code [DONE]}. */
    boolean endsWithDone();

    /** Returns the whole answer, in place of a stream. */
    ObjectNode whole(List<Choice> choices, Usage usage);
}
