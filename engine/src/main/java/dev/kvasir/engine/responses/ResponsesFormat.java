package dev.kvasir.engine.responses;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.AnswerFormat;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.ChatFormat.Replies;
import dev.kvasir.engine.openai.TokenText;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.TextDelta;
import dev.kvasir.engine.serving.TextDelta.TokenAt;
import dev.kvasir.engine.serving.Usage;
import dev.kvasir.engine.tools.ReplyParser;
import dev.kvasir.engine.tools.ReplyPart;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Bodies and events of {@code /v1/responses}. Whole answers are made by the same steps as streams. */
public final class ResponsesFormat implements AnswerFormat {
    /** Keeps what became of a response. */
    public interface Keeper {
        /**
         * Keeps a response.
         *
         * @return whether it can be asked for now
         */
        boolean keep(ObjectNode response);
    }

    /**
     * What makes up an answer.
     *
     * @param tokens spells tokens; null where no log-probabilities were asked for
     * @param replies makes the parser of the reply
     * @param tokenCount counts the tokens of a text
     * @param newId makes an id of its beginning
     */
    public record Parts(
            @Nullable TokenText tokens,
            Replies replies,
            ToIntFunction<String> tokenCount,
            UnaryOperator<String> newId) {}

    private final Parts parts;
    private final Keeper keeper;
    private final ObjectNode response;
    private final OutputItems output;
    private final List<Event> told = new ArrayList<>();
    private final List<TokenAt> logprobs = new ArrayList<>(); // not yet told
    private @Nullable ReplyParser parser;
    private boolean isGuided;
    private int sequence;
    private int reasoningTokens;
    private Generation.End end = Generation.End.STOP;

    /**
     * Creates the format of one answer.
     *
     * @param id the response's id
     * @param createdSeconds when the request came in, since 1970
     * @param repeated what it repeats of the request; handed over
     * @param keeper hears of the response when it is over
     */
    public ResponsesFormat(String id, long createdSeconds, ObjectNode repeated, Parts parts, Keeper keeper) {
        this.parts = parts;
        this.keeper = keeper;
        output = new OutputItems(this::tell, parts.newId());
        response = JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("object", "response")
                .put("created_at", createdSeconds)
                .put("status", "in_progress");
        response.putNull("completed_at").putNull("error").putNull("incomplete_details");
        response.putArray("output");
        response.putNull("usage");
        response.setAll(repeated);
    }

    /** Returns the response as far as it has come, with another status. */
    public ObjectNode withStatus(String status) {
        ObjectNode copy = response.deepCopy().put("status", status);
        copy.set("output", output.items().deepCopy());
        return copy;
    }

    @Override
    public void onGuided() {
        isGuided = true;
    }

    @Override
    public List<Event> onAccepted() {
        tell("response.created", snapshot());
        tell("response.in_progress", snapshot());
        return taken();
    }

    @Override
    public List<Event> onOpening(int choice) {
        return List.of();
    }

    @Override
    public List<Event> onDelta(int choice, TextDelta delta) {
        logprobs.addAll(delta.logprobs());
        parser().next(delta.text()).forEach(this::take);
        return taken();
    }

    @Override
    public List<Event> onChoiceEnd(int choice, Generation.End how) {
        end = how;
        parser().finish().forEach(this::take);
        output.finish(how == Generation.End.LENGTH ? "incomplete" : "completed");
        return taken();
    }

    @Override
    public List<Event> onEnd(Usage usage) {
        boolean isCut = end == Generation.End.LENGTH;
        response.set("usage", usage(usage));
        if (isCut) {
            response.putObject("incomplete_details").put("reason", "max_output_tokens");
        }
        over(isCut ? "incomplete" : "completed");
        return taken();
    }

    @Override
    public List<Event> onFailure(ApiError error) {
        response.putObject("error").put("code", "server_error").put("message", error.getMessage());
        over("failed");
        return taken();
    }

    @Override
    public boolean endsWithDone() {
        return false;
    }

    @Override
    public ObjectNode whole(List<Choice> choices, Usage usage) {
        Choice choice = choices.get(0);
        onDelta(0, new TextDelta(choice.text(), choice.logprobs()));
        onChoiceEnd(0, choice.end());
        onEnd(usage);
        return response;
    }

    private void over(String status) {
        response.put("status", status);
        if (status.equals("completed")) {
            response.put("completed_at", System.currentTimeMillis() / 1000);
        }
        response.set("output", output.items());
        if (response.path("store").asBoolean() && !keeper.keep(response)) {
            response.put("store", false);
        }
        tell("response." + status, snapshot());
    }

    private void take(ReplyPart part) {
        if (part instanceof ReplyPart.Reasoning reasoning) {
            reasoningTokens += parts.tokenCount().applyAsInt(reasoning.text());
        }
        ArrayNode entries = JsonNodeFactory.instance.arrayNode();
        TokenText tokens = parts.tokens();
        if (tokens != null && part instanceof ReplyPart.Content) {
            logprobs.forEach(at -> entries.add(tokens.entry(at.logprobs())));
            logprobs.clear();
        }
        output.take(part, entries);
    }

    private ReplyParser parser() {
        ReplyParser made = parser;
        if (made == null) {
            made = parts.replies().parser(isGuided);
            parser = made;
        }
        return made;
    }

    private ObjectNode usage(Usage usage) {
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("input_tokens", usage.promptTokens());
        node.putObject("input_tokens_details")
                .put("cached_tokens", usage.cachedTokens().total())
                .put("cache_write_tokens", 0); // clients want it; nothing is charged for here
        node.put("output_tokens", usage.completionTokens());
        node.putObject("output_tokens_details")
                .put("reasoning_tokens", Math.min(reasoningTokens, usage.completionTokens()));
        return node.put("total_tokens", usage.promptTokens() + usage.completionTokens());
    }

    private ObjectNode snapshot() {
        return JsonNodeFactory.instance.objectNode().set("response", response.deepCopy());
    }

    private void tell(String type, ObjectNode fields) {
        ObjectNode data =
                JsonNodeFactory.instance.objectNode().put("type", type).put("sequence_number", sequence++);
        data.setAll(fields);
        told.add(new Event(type, data));
    }

    private List<Event> taken() {
        List<Event> events = List.copyOf(told);
        told.clear();
        return events;
    }
}
