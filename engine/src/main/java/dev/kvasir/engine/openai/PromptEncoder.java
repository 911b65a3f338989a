package dev.kvasir.engine.openai;

import dev.kvasir.engine.openai.CompletionRequest.Prompt;
import dev.kvasir.engine.serving.ContentGuard;
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
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Turns prompts and conversations into token ids that fit the context. Thread-safe. */
public final class PromptEncoder {
    /** A tokenizer may drop or join some of a text (spaces at its ends, composed characters) before it cuts tokens. */
    private static final int SHRINKING = 2;
    /** What a template looks up, and nothing that could steer. */
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_$-]+");

    private final Tokenizer tokenizer;
    private final @Nullable ChatTemplate template;
    private final ContentGuard guard;
    private final int maxTokens;
    private final int longestToken; // bytes

    /**
     * Creates the encoder of a model.
     *
     * @param guard keeps control texts in messages text
     * @param maxTokens longest sequence that can be served, prompt and answer
     */
    public PromptEncoder(ServedModel model, ContentGuard guard, int maxTokens) {
        this.guard = guard;
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

    /**
     * A conversation's tokens.
     *
     * @param ids handed over
     * @param thinks whether the prompt ends inside a thought, which the reply goes on with
     */
    public record Conversation(int[] ids, boolean thinks) {}

    /** Returns a conversation's tokens. Special tokens in messages are text, not control. */
    public Conversation encode(
            List<Map<String, Object>> messages, Map<String, Object> variables, boolean addGenerationPrompt) {
        return encode("messages", messages, variables, addGenerationPrompt);
    }

    /**
     * Returns a conversation's tokens.
     *
     * @param param the field that errors name
     */
    public Conversation encode(
            String param,
            List<Map<String, Object>> messages,
            Map<String, Object> variables,
            boolean addGenerationPrompt) {
        if (template == null) {
            throw ApiError.badField(
                    param,
                    "This model has no chat template; use /v1/completions, or start the server with"
                            + " --set model.chatTemplate=FILE.");
        }
        List<String> texts = texts(messages, variables);
        checkLength(param, texts.stream().mapToLong(String::length).sum());
        char marker = marker(param, texts);
        List<Map<String, Object>> guarded =
                messages.stream().map(message -> protect(message, marker)).toList();
        try {
            String prompt = template.render(guarded, protect(variables, marker), addGenerationPrompt);
            boolean thinks = addGenerationPrompt && prompt.stripTrailing().endsWith("<think>");
            return new Conversation(tokenizer.encodePrompt(prompt, marker), thinks);
        } catch (TemplateException e) {
            throw ApiError.badField(
                    param,
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
                    "This server's maximum context length is " + maxTokens + " tokens; the request needs " + total
                            + ": " + promptTokens + " in the prompt " + answer + ".");
        }
    }

    /** Checks that a prompt fits which nothing follows. */
    public void checkFitsAlone(String param, int promptTokens) {
        if (promptTokens == 0) {
            throw ApiError.badField(param, "'" + param + "' has no tokens.");
        }
        if (promptTokens > maxTokens) {
            throw ApiError.contextLength(
                    param,
                    "This server's maximum context length is " + maxTokens + " tokens; '" + param + "' has "
                            + promptTokens + ".");
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

    private char marker(String param, List<String> texts) {
        try {
            return guard.chooseMarker(texts);
        } catch (IllegalArgumentException e) {
            throw ApiError.badField(
                    param, "'" + param + "' can't be told from control tokens: " + e.getMessage() + ".");
        }
    }

    private Map<String, Object> protect(Map<String, Object> values, char marker) {
        boolean isReply = "assistant".equals(values.get("role"));
        Map<String, Object> guarded = new LinkedHashMap<>(values);
        guarded.replaceAll((name, value) -> {
            if (name.equals("role")) {
                return value;
            }
            return value instanceof String text && isReply ? guard.protectReply(text, marker) : inside(value, marker);
        });
        return guarded;
    }

    /** Protects all texts in a value, and the names that aren't mere words. */
    private Object inside(Object value, char marker) {
        if (value instanceof String text) {
            return guard.protect(text, marker);
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> guarded = new ArrayList<>();
            list.forEach(item -> guarded.add(item == null ? null : inside(item, marker)));
            return guarded;
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> guarded = new LinkedHashMap<>();
            map.forEach((key, item) -> {
                String name = String.valueOf(key);
                boolean isConstant = name.equals("type") && "function".equals(item);
                guarded.put(
                        WORD.matcher(name).matches() ? name : guard.protect(name, marker),
                        item == null || isConstant ? item : inside(item, marker));
            });
            return guarded;
        }
        return value;
    }

    private static List<String> texts(List<Map<String, Object>> messages, Map<String, Object> variables) {
        List<String> texts = new ArrayList<>();
        messages.forEach(message -> addTexts(message, texts));
        addTexts(variables, texts);
        return texts;
    }

    private static void addTexts(@Nullable Object value, List<String> texts) {
        if (value instanceof String text) {
            texts.add(text);
        } else if (value instanceof List<?> list) {
            list.forEach(item -> addTexts(item, texts));
        } else if (value instanceof Map<?, ?> map) {
            map.forEach((key, item) -> {
                texts.add(String.valueOf(key));
                addTexts(item, texts);
            });
        }
    }
}
