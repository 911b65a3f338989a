package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.TextDelta;
import dev.kvasir.engine.serving.TextDelta.TokenAt;
import dev.kvasir.engine.serving.Usage;
import dev.kvasir.engine.tools.ReplyParser;
import dev.kvasir.engine.tools.ReplyPart;
import dev.kvasir.runner.TokenLogprobs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Bodies of {@code /v1/chat/completions}. */
public final class ChatFormat extends ResponseFormat {
    /** Makes parsers of replies. */
    public interface Replies {
        /** Returns a parser; guided replies have whole calls. */
        ReplyParser parser(boolean isGuided);
    }

    private final @Nullable TokenText tokens;
    private final Replies replies;
    private final Map<Integer, Reply> open = new HashMap<>(); // by choice
    private final boolean tokenIds;
    private final @Nullable PromptLogprobs promptTops;
    private List<TokenLogprobs> promptLogprobs = List.of();
    private boolean isGuided;

    /**
     * Creates the format of one answer.
     *
     * @param tokens spells tokens; null where no log-probabilities were asked for
     * @param replies makes a parser for each choice
     * @param tokenIds whether the generated tokens' ids are told
     * @param promptTops writes log-probabilities of the prompt; null where none were asked for
     */
    public ChatFormat(
            Head head,
            @Nullable TokenText tokens,
            Replies replies,
            boolean tokenIds,
            @Nullable PromptLogprobs promptTops) {
        super(head);
        this.tokenIds = tokenIds;
        this.promptTops = promptTops;
        this.replies = replies;
        this.tokens = tokens;
    }

    @Override
    String chunkObject() {
        return "chat.completion.chunk";
    }

    @Override
    public void onPrompt(int prompt, List<TokenLogprobs> logprobs) {
        promptLogprobs = logprobs;
    }

    @Override
    ObjectNode opening(int choice) {
        ObjectNode node = object().put("index", choice);
        node.putObject("delta").put("role", "assistant").put("content", "");
        return chunk(closed(node, List.of()).putNull("finish_reason"));
    }

    @Override
    public void onGuided() {
        isGuided = true;
    }

    @Override
    List<ObjectNode> delta(int choice, TextDelta delta) {
        Reply reply = reply(choice);
        return chunks(choice, reply, reply.parser.next(delta.text()), delta.logprobs());
    }

    @Override
    List<ObjectNode> end(int choice, Generation.End end) {
        Reply reply = reply(choice);
        List<ObjectNode> chunks = new ArrayList<>(chunks(choice, reply, reply.parser.finish(), List.of()));
        ObjectNode node = object().put("index", choice);
        node.putObject("delta");
        closed(node, reply.takeLogprobs()).put("finish_reason", reason(end, reply.hasCalls));
        chunks.add(chunk(withStopReason(node, choice)));
        return chunks;
    }

    /** Returns a chunk for each part; log-probabilities go with the first, and wait for it where there is none. */
    private List<ObjectNode> chunks(int choice, Reply reply, List<ReplyPart> parts, List<TokenAt> logprobs) {
        reply.logprobs.addAll(logprobs);
        List<ObjectNode> chunks = new ArrayList<>();
        for (ReplyPart part : parts) {
            ObjectNode node = object().put("index", choice);
            ObjectNode delta = node.putObject("delta");
            if (part instanceof ReplyPart.Content content) {
                delta.put("content", content.text());
            } else if (part instanceof ReplyPart.Reasoning reasoning) {
                delta.put("reasoning_content", reasoning.text());
            } else if (part instanceof ReplyPart.CallBegin begin) {
                reply.hasCalls = true;
                ObjectNode call = delta.putArray("tool_calls").addObject().put("index", begin.index());
                call.put("id", begin.id()).put("type", "function");
                call.putObject("function").put("name", begin.name()).put("arguments", "");
            } else if (part instanceof ReplyPart.Arguments arguments) {
                ObjectNode call = delta.putArray("tool_calls").addObject().put("index", arguments.index());
                call.putObject("function").put("arguments", arguments.json());
            }
            chunks.add(chunk(closed(node, reply.takeLogprobs()).putNull("finish_reason")));
        }
        return chunks;
    }

    @Override
    public ObjectNode whole(List<Choice> choices, Usage usage) {
        ObjectNode body = head("chat.completion");
        ArrayNode array = body.putArray("choices");
        for (Choice choice : choices) {
            ObjectNode node = object().put("index", array.size());
            boolean hasCalls = message(node.putObject("message"), choice.text());
            node.set("logprobs", logprobs(choice.logprobs(), true));
            node.put("finish_reason", reason(choice.end(), hasCalls));
            array.add(withStopReason(withIds(node, choice.logprobs()), array.size()));
        }
        body.set("usage", usage(usage));
        if (promptTops != null) {
            body.set("prompt_logprobs", promptTops.of(promptLogprobs));
        }
        return body;
    }

    /** Fills in a message; returns whether it has calls. */
    private boolean message(ObjectNode message, String text) {
        ReplyParser parser = replies.parser(isGuided);
        List<ReplyPart> parts = new ArrayList<>(parser.next(text));
        parts.addAll(parser.finish());
        StringBuilder content = new StringBuilder();
        StringBuilder reasoning = new StringBuilder();
        ArrayNode calls = JsonNodeFactory.instance.arrayNode();
        StringBuilder arguments = new StringBuilder();
        for (ReplyPart part : parts) {
            if (part instanceof ReplyPart.Content more) {
                content.append(more.text());
            } else if (part instanceof ReplyPart.Reasoning more) {
                reasoning.append(more.text());
            } else if (part instanceof ReplyPart.CallBegin begin) {
                ObjectNode call = calls.addObject().put("id", begin.id()).put("type", "function");
                call.putObject("function").put("name", begin.name()).put("arguments", "");
                arguments.setLength(0);
            } else if (part instanceof ReplyPart.Arguments more) {
                arguments.append(more.json());
                ((ObjectNode) calls.get(more.index()).get("function")).put("arguments", arguments.toString());
            }
        }
        message.put("role", "assistant");
        if (content.isEmpty() && !calls.isEmpty()) {
            message.putNull("content");
        } else {
            message.put("content", content.toString());
        }
        message.putNull("refusal");
        if (!reasoning.isEmpty()) {
            message.put("reasoning_content", reasoning.toString());
        }
        if (!calls.isEmpty()) {
            message.set("tool_calls", calls);
        }
        return !calls.isEmpty();
    }

    private static String reason(Generation.End end, boolean hasCalls) {
        return hasCalls && end == Generation.End.STOP ? "tool_calls" : reason(end);
    }

    private Reply reply(int choice) {
        return open.computeIfAbsent(choice, index -> new Reply(replies.parser(isGuided)));
    }

    /** A choice as far as it has come, in a stream. */
    private static final class Reply {
        final ReplyParser parser;
        final List<TokenAt> logprobs = new ArrayList<>(); // not yet told
        boolean hasCalls;

        Reply(ReplyParser parser) {
            this.parser = parser;
        }

        List<TokenAt> takeLogprobs() {
            List<TokenAt> taken = List.copyOf(logprobs);
            logprobs.clear();
            return taken;
        }
    }

    private ObjectNode closed(ObjectNode choice, List<TokenAt> entries) {
        choice.set("logprobs", logprobs(entries, false));
        return withIds(choice, entries);
    }

    private ObjectNode withIds(ObjectNode choice, List<TokenAt> generated) {
        if (tokenIds) {
            ArrayNode ids = choice.putArray("token_ids");
            generated.forEach(at -> ids.add(at.logprobs().token()));
        }
        return choice;
    }

    private JsonNode logprobs(List<TokenAt> entries, boolean whole) {
        if (tokens == null || (entries.isEmpty() && !whole)) {
            return nothing();
        }
        ObjectNode node = object();
        ArrayNode content = node.putArray("content");
        for (TokenAt entry : entries) {
            content.add(tokens.entry(entry.logprobs()));
        }
        node.putNull("refusal");
        return node;
    }
}
