package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.TextDelta;
import dev.kvasir.engine.serving.TextDelta.TokenAt;
import dev.kvasir.engine.serving.Usage;
import dev.kvasir.runner.TokenLogprobs;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Bodies of {@code /v1/completions}. */
public final class CompletionFormat extends ResponseFormat {
    /**
     * A prompt that is echoed.
     *
     * @param text its text
     * @param ids its tokens; lent
     * @param offsets where each token's text begins; lent
     */
    public record Echo(String text, int[] ids, int[] offsets) {}

    private final int choicesPerPrompt;
    private final List<Echo> echoes; // one per prompt, or none
    private final @Nullable TokenText tokens;
    private final boolean tokenIds;
    private final int top;
    private final @Nullable PromptLogprobs promptTops;
    private final Map<Integer, List<TokenLogprobs>> promptLogprobs = new HashMap<>();

    /**
     * Creates the format of one answer.
     *
     * @param echoes one per prompt, or none where nothing is echoed
     * @param tokens spells tokens; null where no log-probabilities were asked for
     * @param top most likely tokens that go with each log-probability
     * @param tokenIds whether the generated tokens' ids are told
     * @param promptTops writes log-probabilities of prompts; null where none were asked for
     */
    public CompletionFormat(
            Head head,
            int choicesPerPrompt,
            List<Echo> echoes,
            @Nullable TokenText tokens,
            int top,
            boolean tokenIds,
            @Nullable PromptLogprobs promptTops) {
        super(head);
        this.choicesPerPrompt = choicesPerPrompt;
        this.echoes = echoes;
        this.tokens = tokens;
        this.top = top;
        this.tokenIds = tokenIds;
        this.promptTops = promptTops;
    }

    @Override
    String chunkObject() {
        return "text_completion";
    }

    @Override
    public void onPrompt(int prompt, List<TokenLogprobs> logprobs) {
        promptLogprobs.put(prompt, logprobs);
    }

    @Override
    @Nullable
    ObjectNode opening(int choice) {
        Echo echo = echo(choice);
        return echo == null ? null : chunk(choice(choice, echo.text(), logprobs(choice, List.of(), true), null));
    }

    @Override
    List<ObjectNode> delta(int choice, TextDelta delta) {
        ObjectNode more = choice(choice, delta.text(), logprobs(choice, delta.logprobs(), false), null);
        return List.of(chunk(withIds(more, delta.logprobs())));
    }

    @Override
    List<ObjectNode> end(int choice, Generation.End end) {
        return List.of(chunk(withStopReason(choice(choice, "", nothing(), reason(end)), choice)));
    }

    @Override
    public ObjectNode whole(List<Choice> choices, Usage usage) {
        ObjectNode body = head("text_completion");
        ArrayNode array = body.putArray("choices");
        for (Choice choice : choices) {
            int index = array.size();
            Echo echo = echo(index);
            String text = echo == null ? choice.text() : echo.text() + choice.text();
            ObjectNode node = choice(index, text, logprobs(index, choice.logprobs(), true), reason(choice.end()));
            if (promptTops != null) {
                node.set(
                        "prompt_logprobs",
                        promptTops.of(promptLogprobs.getOrDefault(index / choicesPerPrompt, List.of())));
            }
            array.add(withStopReason(withIds(node, choice.logprobs()), index));
        }
        body.set("usage", usage(usage));
        return body;
    }

    private @Nullable Echo echo(int choice) {
        return echoes.isEmpty() ? null : echoes.get(choice / choicesPerPrompt);
    }

    private static ObjectNode choice(int index, String text, JsonNode logprobs, @Nullable String reason) {
        ObjectNode node = object().put("index", index).put("text", text);
        node.set("logprobs", logprobs);
        return node.put("finish_reason", reason);
    }

    private ObjectNode withIds(ObjectNode choice, List<TokenAt> generated) {
        if (tokenIds) {
            ArrayNode ids = choice.putArray("token_ids");
            generated.forEach(at -> ids.add(at.logprobs().token()));
        }
        return choice;
    }

    private JsonNode logprobs(int choice, List<TokenAt> entries, boolean withPrompt) {
        if (tokens == null) {
            return nothing();
        }
        Echo echo = echo(choice);
        Columns columns = new Columns(tokens, top);
        if (echo != null && withPrompt) {
            columns.addPrompt(echo, promptLogprobs.getOrDefault(choice / choicesPerPrompt, List.of()));
        }
        int before = echo == null ? 0 : echo.text().length();
        for (TokenAt entry : entries) {
            columns.add(entry.logprobs(), before + entry.offset());
        }
        return columns.isEmpty() && !withPrompt ? nothing() : columns.node();
    }

    /** The four parallel arrays of this API's log-probabilities. */
    private static final class Columns {
        private final TokenText tokens;
        private final int most;
        private final ObjectNode node = object();
        private final ArrayNode text = node.putArray("tokens");
        private final ArrayNode logprob = node.putArray("token_logprobs");
        private final ArrayNode top = node.putArray("top_logprobs");
        private final ArrayNode offset = node.putArray("text_offset");

        Columns(TokenText tokens, int most) {
            this.tokens = tokens;
            this.most = most;
        }

        /** Adds an echoed prompt; nothing precedes its first token, which so has no probability. */
        void addPrompt(Echo echo, List<TokenLogprobs> logprobs) {
            List<@Nullable TokenLogprobs> all = new ArrayList<>();
            all.add(null);
            all.addAll(logprobs);
            for (int i = 0; i < echo.ids().length; i++) {
                TokenLogprobs at = i < all.size() ? all.get(i) : null;
                if (at == null) {
                    text.add(tokens.key(echo.ids()[i]));
                    logprob.addNull();
                    top.addNull();
                    offset.add(echo.offsets()[i]);
                } else {
                    add(PromptLogprobs.cut(at, most), echo.offsets()[i]);
                }
            }
        }

        void add(TokenLogprobs at, int textOffset) {
            text.add(tokens.key(at.token()));
            logprob.add(TokenText.finite(at.logprob()));
            ObjectNode best = top.addObject();
            for (int i = 0; i < at.topTokens().length; i++) {
                // Two tokens may spell the same; the likelier one comes first and stays.
                best.putIfAbsent(tokens.key(at.topTokens()[i]), best.numberNode(TokenText.finite(at.topLogprobs()[i])));
            }
            best.putIfAbsent(tokens.key(at.token()), best.numberNode(TokenText.finite(at.logprob())));
            offset.add(textOffset);
        }

        boolean isEmpty() {
            return text.isEmpty();
        }

        ObjectNode node() {
            return node;
        }
    }
}
