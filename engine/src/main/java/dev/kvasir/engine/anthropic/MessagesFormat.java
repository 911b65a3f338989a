package dev.kvasir.engine.anthropic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.AnswerFormat;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.ChatFormat.Replies;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.TextDelta;
import dev.kvasir.engine.serving.Usage;
import dev.kvasir.engine.tools.ReplyParser;
import dev.kvasir.engine.tools.ReplyPart;
import dev.kvasir.pool.CachedTokens;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Bodies and events of {@code /v1/messages}. Whole answers are made by the same steps as streams. */
public final class MessagesFormat implements AnswerFormat {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** What a content block is. */
    private enum Kind {
        TEXT("text", "text", "text_delta"),
        THINKING("thinking", "thinking", "thinking_delta"),
        TOOL_USE("tool_use", "partial_json", "input_json_delta");

        final String type;
        final String field; // of its delta
        final String delta;

        Kind(String type, String field, String delta) {
            this.type = type;
            this.field = field;
            this.delta = delta;
        }
    }

    private final String id;
    private final String model;
    private final int promptTokens;
    private final boolean endsWithContext;
    private final Replies replies;
    private final List<Event> told = new ArrayList<>();
    private final ArrayNode content = JsonNodeFactory.instance.arrayNode();
    private final StringBuilder text = new StringBuilder(); // of the open block
    private @Nullable ObjectNode open;
    private Kind kind = Kind.TEXT;
    private @Nullable ReplyParser parser;
    private @Nullable String stopString;
    private Generation.End end = Generation.End.STOP;
    private boolean isGuided;
    private boolean hasCalls;
    private int cachedTokens;

    /**
     * Creates the format of one answer.
     *
     * @param id the message's id
     * @param model the name it was asked for under
     * @param promptTokens tokens of the prompt
     * @param endsWithContext whether the context is full before as many tokens came as were asked for
     * @param replies makes the parser of the reply
     */
    public MessagesFormat(String id, String model, int promptTokens, boolean endsWithContext, Replies replies) {
        this.id = id;
        this.model = model;
        this.promptTokens = promptTokens;
        this.endsWithContext = endsWithContext;
        this.replies = replies;
    }

    @Override
    public void onGuided() {
        isGuided = true;
    }

    @Override
    public void onCached(CachedTokens cached) {
        cachedTokens = cached.total();
    }

    @Override
    public void onStopString(int choice, String stop) {
        stopString = stop;
    }

    @Override
    public List<Event> onOpening(int choice) {
        ObjectNode message = message();
        message.putArray("content");
        message.putNull("stop_reason").putNull("stop_sequence");
        message.set("usage", usage(0));
        tell("message_start", object().set("message", message));
        return taken();
    }

    @Override
    public List<Event> onDelta(int choice, TextDelta delta) {
        parser().next(delta.text()).forEach(this::take);
        return taken();
    }

    @Override
    public List<Event> onChoiceEnd(int choice, Generation.End how) {
        end = how;
        parser().finish().forEach(this::take);
        close();
        return taken();
    }

    @Override
    public List<Event> onEnd(Usage usage) {
        ObjectNode fields = object();
        fields.putObject("delta").put("stop_reason", reason()).put("stop_sequence", stopString);
        fields.set("usage", usage(usage.completionTokens()));
        tell("message_delta", fields);
        tell("message_stop", object());
        return taken();
    }

    @Override
    public List<Event> onFailure(ApiError error) {
        return List.of(new Event("error", AnthropicErrors.of(error)));
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
        ObjectNode message = message();
        message.set("content", content);
        message.put("stop_reason", reason()).put("stop_sequence", stopString);
        message.set("usage", usage(usage.completionTokens()));
        return message;
    }

    private void take(ReplyPart part) {
        if (part instanceof ReplyPart.Content more) {
            add(Kind.TEXT, more.text());
        } else if (part instanceof ReplyPart.Reasoning more) {
            add(Kind.THINKING, more.text());
        } else if (part instanceof ReplyPart.CallBegin begin) {
            close();
            hasCalls = true;
            ObjectNode call = object().put("id", begin.id()).put("name", begin.name());
            call.putObject("input");
            open(Kind.TOOL_USE, call);
        } else if (part instanceof ReplyPart.Arguments more) {
            add(Kind.TOOL_USE, more.json());
        }
    }

    private void add(Kind wanted, String more) {
        if (open == null || kind != wanted) {
            close();
            ObjectNode fields = object().put(wanted.field, "");
            open(wanted, wanted == Kind.THINKING ? fields.put("signature", "") : fields);
        }
        text.append(more);
        delta(object().put("type", kind.delta).put(kind.field, more));
    }

    private void open(Kind wanted, ObjectNode fields) {
        kind = wanted;
        text.setLength(0);
        ObjectNode block = object().put("type", wanted.type);
        block.setAll(fields);
        open = block;
        content.add(block);
        ObjectNode start = indexed();
        start.set("content_block", block.deepCopy());
        tell("content_block_start", start);
    }

    private void close() {
        ObjectNode block = open;
        if (block == null) {
            return;
        }
        if (kind == Kind.TOOL_USE) {
            block.set("input", input(text.toString()));
        } else {
            block.put(kind.field, text.toString());
        }
        if (kind == Kind.THINKING) {
            // Nothing is signed: thoughts that come back are taken as they are.
            delta(object().put("type", "signature_delta").put("signature", ""));
        }
        tell("content_block_stop", indexed());
        open = null;
    }

    /** A call that was cut is no JSON; what came of it is in the stream, and here it has no arguments. */
    private static JsonNode input(String json) {
        try {
            return MAPPER.readTree(json) instanceof ObjectNode whole ? whole : object();
        } catch (JsonProcessingException e) {
            return object();
        }
    }

    private String reason() {
        if (end == Generation.End.LENGTH) {
            return endsWithContext ? "model_context_window_exceeded" : "max_tokens";
        }
        return stopString != null ? "stop_sequence" : hasCalls ? "tool_use" : "end_turn";
    }

    private ObjectNode message() {
        return object().put("id", id)
                .put("type", "message")
                .put("role", "assistant")
                .put("model", model);
    }

    private ObjectNode usage(int outputTokens) {
        return object().put("input_tokens", promptTokens - cachedTokens)
                .put("cache_creation_input_tokens", 0)
                .put("cache_read_input_tokens", cachedTokens)
                .put("output_tokens", outputTokens);
    }

    private void delta(ObjectNode delta) {
        ObjectNode fields = indexed();
        fields.set("delta", delta);
        tell("content_block_delta", fields);
    }

    private ObjectNode indexed() {
        return object().put("index", content.size() - 1);
    }

    private ReplyParser parser() {
        ReplyParser made = parser;
        if (made == null) {
            made = replies.parser(isGuided);
            parser = made;
        }
        return made;
    }

    private void tell(String type, ObjectNode fields) {
        ObjectNode data = object().put("type", type);
        data.setAll(fields);
        told.add(new Event(type, data));
    }

    private List<Event> taken() {
        List<Event> events = List.copyOf(told);
        told.clear();
        return events;
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
