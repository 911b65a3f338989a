package dev.kvasir.engine.responses;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.tools.ReplyPart;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Makes output items of the parts of a reply, and tells of each as it comes.
 *
 * <pre>
 * message, reasoning   output_item.added  content_part.added  text.delta*  text.done  content_part.done  output_item.done
 * function_call        output_item.added                 arguments.delta*  arguments.done                output_item.done
 * </pre>
 */
final class OutputItems {
    /** Hears of events; their fields are handed over. */
    interface Events {
        void event(String type, ObjectNode fields);
    }

    private enum Kind {
        MESSAGE("message", "msg_"),
        REASONING("reasoning", "rs_"),
        CALL("function_call", "fc_");

        final String type;
        final String prefix;

        Kind(String type, String prefix) {
            this.type = type;
            this.prefix = prefix;
        }
    }

    private final Events events;
    private final UnaryOperator<String> newId;
    private final ArrayNode items = JsonNodeFactory.instance.arrayNode();
    private final StringBuilder text = new StringBuilder(); // of the open item
    private ArrayNode logprobs = JsonNodeFactory.instance.arrayNode(); // of the open item
    private @Nullable ObjectNode open;
    private Kind kind = Kind.MESSAGE;

    OutputItems(Events events, UnaryOperator<String> newId) {
        this.events = events;
        this.newId = newId;
    }

    /**
     * Takes a part.
     *
     * @param entries log-probabilities that go with it, if it is content
     */
    void take(ReplyPart part, ArrayNode entries) {
        if (part instanceof ReplyPart.Content content) {
            open(Kind.MESSAGE);
            text.append(content.text());
            logprobs.addAll(entries);
            ObjectNode delta = part().put("delta", content.text());
            delta.set("logprobs", entries.deepCopy());
            events.event("response.output_text.delta", delta);
        } else if (part instanceof ReplyPart.Reasoning reasoning) {
            open(Kind.REASONING);
            text.append(reasoning.text());
            events.event("response.reasoning_text.delta", part().put("delta", reasoning.text()));
        } else if (part instanceof ReplyPart.CallBegin begin) {
            close("completed");
            begin(
                    Kind.CALL,
                    object().put("call_id", begin.id())
                            .put("name", begin.name())
                            .put("arguments", ""));
        } else if (part instanceof ReplyPart.Arguments arguments) {
            text.append(arguments.json());
            events.event("response.function_call_arguments.delta", item().put("delta", arguments.json()));
        }
    }

    /** Ends the reply; one without anything in it is an empty message. */
    void finish(String status) {
        if (items.isEmpty()) {
            open(Kind.MESSAGE);
        }
        close(status);
    }

    /** Returns the items as far as they have come. */
    ArrayNode items() {
        return items;
    }

    private void open(Kind wanted) {
        if (open != null && kind == wanted) {
            return;
        }
        close("completed");
        begin(wanted, object());
        events.event("response.content_part.added", part().set("part", content(wanted, "")));
    }

    private void begin(Kind wanted, ObjectNode fields) {
        kind = wanted;
        text.setLength(0);
        logprobs = JsonNodeFactory.instance.arrayNode();
        ObjectNode item = object().put("id", newId.apply(wanted.prefix))
                .put("type", wanted.type)
                .put("status", "in_progress");
        item.setAll(fields);
        if (wanted == Kind.MESSAGE) {
            item.put("role", "assistant").putArray("content");
        } else if (wanted == Kind.REASONING) {
            item.putArray("summary");
            item.putArray("content");
        }
        open = item;
        items.add(item);
        events.event("response.output_item.added", whole(item));
    }

    private void close(String status) {
        ObjectNode item = open;
        if (item == null) {
            return;
        }
        String all = text.toString();
        item.put("status", status);
        if (kind == Kind.CALL) {
            item.put("arguments", all);
            events.event(
                    "response.function_call_arguments.done",
                    item().put("name", item.path("name").asText()).put("arguments", all));
        } else {
            ObjectNode content = content(kind, all);
            item.withArray("content").add(content);
            ObjectNode done = part().put("text", all);
            if (kind == Kind.MESSAGE) {
                done.set("logprobs", logprobs.deepCopy());
            }
            events.event(kind == Kind.MESSAGE ? "response.output_text.done" : "response.reasoning_text.done", done);
            events.event("response.content_part.done", part().set("part", content.deepCopy()));
        }
        events.event("response.output_item.done", whole(item));
        open = null;
    }

    private ObjectNode content(Kind of, String said) {
        if (of == Kind.REASONING) {
            return object().put("type", "reasoning_text").put("text", said);
        }
        ObjectNode content = object().put("type", "output_text").put("text", said);
        content.putArray("annotations");
        content.set("logprobs", logprobs.deepCopy());
        return content;
    }

    private ObjectNode whole(ObjectNode item) {
        ObjectNode fields = object().put("output_index", items.size() - 1);
        fields.set("item", item.deepCopy());
        return fields;
    }

    private ObjectNode item() {
        return object().put("item_id", open == null ? "" : open.path("id").asText())
                .put("output_index", items.size() - 1);
    }

    private ObjectNode part() {
        return item().put("content_index", 0);
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }
}
