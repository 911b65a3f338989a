package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.CommonFields.Common;
import dev.kvasir.engine.openai.CommonFields.Names;
import dev.kvasir.engine.serving.GenerationOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A checked body of {@code POST /v1/completions}.
 *
 * @param model the model that was asked for
 * @param prompts at least one
 * @param options how to generate
 * @param logprobs top log-probabilities wanted, -1 for none
 * @param echo whether the answer begins with the prompt
 * @param stream whether tokens are sent as they come
 * @param includeUsage whether a stream ends with its usage
 * @param cacheSalt splits the tenant's cache
 * @param details what is told of single tokens
 * @param guide what the answer must look like; null for any text
 */
public record CompletionRequest(
        String model,
        List<Prompt> prompts,
        GenerationOptions options,
        int logprobs,
        boolean echo,
        boolean stream,
        boolean includeUsage,
        @Nullable String cacheSalt,
        TokenDetails details,
        @Nullable GuideRequest guide) {
    /** What OpenAI generates where no {@code max_tokens} is named. */
    private static final int DEFAULT_MAX_TOKENS = 16;

    private static final int MAX_PROMPTS = 64;
    private static final int MAX_CHOICES = 128;
    static final int MAX_LOGPROBS = 20;

    /** A prompt: a text, or token ids. */
    public sealed interface Prompt {
        record Text(String text) implements Prompt {}

        /** Token ids; handed over. */
        record Tokens(int[] ids) implements Prompt {}
    }

    /**
     * Checks a body.
     *
     * @param vocab token ids are below this
     * @param newSeed gives a seed where none is named
     */
    public static CompletionRequest of(ObjectNode body, int vocab, LongSupplier newSeed) {
        Fields fields = new Fields(body, "");
        Common common = CommonFields.common(fields);
        RefusedFields.checkCompletion(fields);
        boolean echo = fields.bool("echo", false);
        int logprobs = fields.integer("logprobs", 0, MAX_LOGPROBS, -1);
        TokenDetails details = TokenDetails.of(body);
        GenerationOptions options = details.applyTo(CommonFields.options(
                fields, Names.OPENAI, DEFAULT_MAX_TOKENS, logprobs, echo ? logprobs : -1, vocab, newSeed));
        List<Prompt> prompts = prompts(fields, vocab);
        if (prompts.size() * options.choices() > MAX_CHOICES) {
            throw ApiError.badField(
                    "n",
                    "'n' times the number of prompts must be at most " + MAX_CHOICES + ", not "
                            + prompts.size() * options.choices() + ".");
        }
        return new CompletionRequest(
                common.model(),
                prompts,
                options,
                logprobs,
                echo,
                common.stream(),
                common.includeUsage(),
                common.cacheSalt(),
                details,
                guide(fields));
    }

    private static @Nullable GuideRequest guide(Fields fields) {
        GuidedFields.Answer answer = GuidedFields.of(fields);
        return answer == null ? null : GuideRequest.of(answer.param(), answer.piece());
    }

    private static List<Prompt> prompts(Fields fields, int vocab) {
        JsonNode node = fields.get("prompt");
        if (node == null) {
            throw Fields.missing("prompt");
        }
        if (node.isTextual()) {
            return List.of(text("prompt", node));
        }
        if (!node.isArray()) {
            throw Fields.wrongType("prompt", "a string, an array of strings, or arrays of token ids", node);
        }
        if (node.isEmpty()) {
            throw ApiError.badField("prompt", "'prompt' must not be empty.");
        }
        if (node.get(0).isNumber()) {
            return List.of(tokens("prompt", node, vocab));
        }
        CommonFields.checkCount("prompt", node, MAX_PROMPTS);
        List<Prompt> prompts = new ArrayList<>();
        for (JsonNode item : node) {
            String path = "prompt[" + prompts.size() + "]";
            prompts.add(item.isArray() ? tokens(path, item, vocab) : text(path, item));
        }
        return prompts;
    }

    private static Prompt text(String path, JsonNode node) {
        return new Prompt.Text(Fields.text(path, node, 0, Integer.MAX_VALUE));
    }

    static Prompt.Tokens tokens(String path, JsonNode array, int vocab) {
        if (array.isEmpty()) {
            throw ApiError.badField(path, "'" + path + "' must not be empty.");
        }
        int[] ids = new int[array.size()];
        int i = 0;
        for (JsonNode item : array) {
            ids[i] = (int) Fields.integer(path + "[" + i + "]", item, 0, vocab - 1);
            i++;
        }
        return new Prompt.Tokens(ids);
    }
}
