package dev.kvasir.engine.openai;

import dev.kvasir.engine.openai.CompletionRequest.Prompt;
import dev.kvasir.engine.serving.ServedModel;
import dev.kvasir.runner.ChatTemplate;
import dev.kvasir.runner.ChatTemplate.TemplateException;
import dev.kvasir.runner.TextDecoder;
import dev.kvasir.runner.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns prompts and conversations into token ids that fit the context. Thread-safe. */
public final class PromptEncoder {
    /** A tokenizer may drop or join some of a text (spaces at its ends, composed characters) before it cuts tokens. */
    private static final int SHRINKING = 2;

    private final Tokenizer tokenizer;
    private final @Nullable ChatTemplate template;
    private final int maxTokens;
    private final int longestToken; // bytes

    /**
     * Creates the encoder of a model.
     *
     * @param maxTokens longest sequence that can be served, prompt and answer
     */
    public PromptEncoder(ServedModel model, int maxTokens) {
        this.tokenizer = model.tokenizer();
        this.template = model.chatTemplate();
        this.maxTokens = maxTokens;
        int longest = 1;
        for (int token = 0; token < tokenizer.vocab(); token++) {
            longest = Math.max(longest, tokenizer.bytesOf(token).length);
        }
        for (String special : tokenizer.specialTexts()) {
            longest = Math.max(longest, special.getBytes(StandardCharsets.UTF_8).length);
        }
        this.longestToken = longest;
    }

    /** Returns a prompt's tokens, special tokens in its text included. */
    public int[] encode(Prompt prompt) {
        if (prompt instanceof Prompt.Tokens tokens) {
            return tokens.ids();
        }
        Prompt.Text text = (Prompt.Text) prompt;
        return encode("prompt", text.text(), true);
    }

    /** Returns a text's tokens; one that can't fit the context, whatever its tokens, is refused before it is read. */
    public int[] encode(String param, String text, boolean addSpecialTokens) {
        checkLength(param, text);
        return tokenizer.encode(text, addSpecialTokens);
    }

    /** Returns a conversation's tokens. Special tokens in messages are text, not control. */
    public int[] encode(
            List<Map<String, Object>> messages, Map<String, Object> variables, boolean addGenerationPrompt) {
        if (template == null) {
            throw ApiError.badField(
                    "messages",
                    "This model has no chat template; use /v1/completions, or start the server with"
                            + " --set model.chatTemplate=FILE.");
        }
        long chars = 0;
        for (Map<String, Object> message : messages) {
            chars += String.valueOf(message.get("content")).length();
        }
        checkLength("messages", chars);
        char marker = marker(messages, variables);
        List<Map<String, Object>> guarded =
                messages.stream().map(message -> guarded(message, marker)).toList();
        try {
            String prompt = template.render(guarded, guarded(variables, marker), addGenerationPrompt);
            return tokenizer.encodePrompt(prompt, marker);
        } catch (TemplateException e) {
            throw ApiError.badField(
                    "messages",
                    "The model's chat template refused the messages: "
                            + String.valueOf(e.getMessage()).replace(String.valueOf(marker), ""));
        }
    }

    /**
     * Checks that a prompt leaves room for what shall be generated.
     *
     * @param wanted most tokens to generate; null for what is left
     */
    public void checkFits(String param, int promptTokens, @Nullable Integer wanted) {
        long total = promptTokens + (wanted == null ? 1L : wanted);
        if (promptTokens == 0) {
            throw ApiError.badField(param, "'" + param + "' has no tokens; there is nothing to complete.");
        }
        if (total > maxTokens) {
            String answer = wanted == null ? "and at least 1 for the answer" : "and " + wanted + " for the answer";
            throw ApiError.contextLength(
                    param,
                    "This server's maximum context length is " + maxTokens + " tokens; the request needs " + total + ": "
                            + promptTokens + " in the prompt " + answer + ".");
        }
    }

    /** Returns where each token's text begins in the text of all. */
    public int[] offsets(int[] ids) {
        int[] offsets = new int[ids.length];
        TextDecoder decoder = tokenizer.streamDecoder(true);
        int chars = 0;
        for (int i = 0; i < ids.length; i++) {
            offsets[i] = chars;
            chars += decoder.next(ids[i]).length();
        }
        return offsets;
    }

    /** Returns the text of an echoed prompt. */
    public String echo(Prompt prompt) {
        return prompt instanceof Prompt.Text text
                ? text.text()
                : tokenizer.decode(((Prompt.Tokens) prompt).ids(), true);
    }

    private void checkLength(String param, String text) {
        // Characters first: a text that is far too long isn't even encoded to count its bytes.
        checkLength(param, (long) text.length());
    }

    private void checkLength(String param, long chars) {
        long fits = (long) maxTokens * longestToken * SHRINKING;
        if (chars > fits) {
            long tokens = (chars + longestToken - 1) / longestToken;
            throw ApiError.contextLength(
                    param,
                    "This server's maximum context length is " + maxTokens + " tokens; the " + chars
                            + " characters of the request need at least " + tokens + ".");
        }
    }

    /** Returns a character for private use that no text of the request has. */
    private static char marker(List<Map<String, Object>> messages, Map<String, Object> variables) {
        for (char candidate = '\uE000'; candidate <= '\uF8FF'; candidate++) {
            char marker = candidate;
            boolean taken = messages.stream().anyMatch(message -> holds(message, marker)) || holds(variables, marker);
            if (!taken) {
                return marker;
            }
        }
        throw ApiError.badField("messages", "'messages' use every character for private use.");
    }

    private static boolean holds(Map<String, Object> values, char marker) {
        return values.values().stream().anyMatch(value -> value instanceof String text && text.indexOf(marker) >= 0);
    }

    private Map<String, Object> guarded(Map<String, Object> values, char marker) {
        Map<String, Object> guarded = new LinkedHashMap<>(values);
        guarded.replaceAll((name, value) ->
                value instanceof String text && !name.equals("role") ? guarded(text, marker) : value);
        return guarded;
    }

    /** Puts the marker behind the first character of every special token in the text. */
    private String guarded(String text, char marker) {
        List<Integer> starts = new ArrayList<>();
        for (String special : tokenizer.specialTexts()) {
            for (int at = text.indexOf(special); at >= 0; at = text.indexOf(special, at + 1)) {
                starts.add(at);
            }
        }
        if (starts.isEmpty()) {
            return text;
        }
        StringBuilder guarded = new StringBuilder(text);
        starts.stream().distinct().sorted((a, b) -> b - a).forEach(at -> guarded.insert(at + 1, marker));
        return guarded.toString();
    }
}
