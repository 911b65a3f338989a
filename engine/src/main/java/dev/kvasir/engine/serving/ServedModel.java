package dev.kvasir.engine.serving;

import dev.kvasir.engine.tools.ReplyStyle;
import dev.kvasir.runner.ChatTemplate;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.Pooling;
import dev.kvasir.runner.Tokenizer;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model and its names. A node that computes nothing has no weights of it.
 *
 * @param name the model's name in the API
 * @param aliases further names
 * @param facts what is known of it
 * @param runner computes the steps, and belongs to the step thread once that runs; null if the weights aren't loaded
 * @param tokenizer text to tokens and back
 * @param chatTemplate renders conversations; null for a model without one
 * @param style in what form it writes its replies
 * @param pooling how a prompt becomes an embedding where the request doesn't say
 */
public record ServedModel(
        String name,
        List<String> aliases,
        ModelFacts facts,
        @Nullable ModelRunner runner,
        Tokenizer tokenizer,
        @Nullable ChatTemplate chatTemplate,
        ReplyStyle style,
        Pooling pooling) {
    public ServedModel {
        aliases = List.copyOf(aliases);
        if (name.isBlank()) {
            throw new IllegalArgumentException("a served model needs a name");
        }
    }

    /** Names a loaded model. */
    public ServedModel(
            String name,
            List<String> aliases,
            ModelRunner runner,
            Tokenizer tokenizer,
            @Nullable ChatTemplate chatTemplate) {
        this(
                name,
                aliases,
                ModelFacts.of(runner),
                runner,
                tokenizer,
                chatTemplate,
                ReplyStyle.of(chatTemplate == null ? "" : chatTemplate.source(), null),
                Pooling.LAST);
    }

    /**
     * Returns what computes the steps.
     *
     * @throws IllegalStateException if the weights aren't loaded
     */
    @Override
    public ModelRunner runner() {
        if (runner == null) {
            throw new IllegalStateException("this node has no weights of " + name);
        }
        return runner;
    }

    /** Returns the special tokens that its replies use to tell calls, and thoughts, from text. */
    public Set<Integer> replyTokens() {
        Set<String> texts = Set.of(
                "[TOOL_CALLS]", "[ARGS]", "<|python_tag|>", "<think>", "</think>", "<tool_call>", "</tool_call>");
        return tokenizer.specialTokens().stream()
                .filter(token -> texts.contains(tokenizer.textOf(token)))
                .collect(Collectors.toSet());
    }

    /** Frees the weights, if they are loaded. */
    public void unload() {
        if (runner != null) {
            runner.close();
        }
    }

    /** Returns whether a client that asks for {@code wanted} means this model. */
    public boolean isCalled(String wanted) {
        return name.equals(wanted) || aliases.contains(wanted);
    }
}
