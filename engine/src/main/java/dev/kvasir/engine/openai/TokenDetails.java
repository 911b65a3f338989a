package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.serving.GenerationOptions;

/**
 * What completions and chats tell of single tokens besides OpenAI's log-probabilities.
 *
 * @param ids whether the generated tokens are named
 * @param promptLogprobs top log-probabilities of the prompt's tokens, -1 for none
 */
public record TokenDetails(boolean ids, int promptLogprobs) {
    /**
     * Checks the fields of a body.
     *
     * @throws ApiError 400
     */
    public static TokenDetails of(ObjectNode body) {
        Fields fields = new Fields(body, "");
        int promptLogprobs = fields.integer("prompt_logprobs", 0, CompletionRequest.MAX_LOGPROBS, -1);
        if (promptLogprobs >= 0 && fields.bool("stream", false)) {
            throw ApiError.badField("prompt_logprobs", "'prompt_logprobs' is only allowed when 'stream' is false.");
        }
        return new TokenDetails(fields.bool("return_token_ids", false), promptLogprobs);
    }

    /** Returns options that have what is to be told generated. */
    public GenerationOptions applyTo(GenerationOptions options) {
        // Tokens come with their log-probabilities or not at all.
        int generated = ids
                ? Math.max(0, options.sampling().logprobs())
                : options.sampling().logprobs();
        return options.withLogprobs(generated, Math.max(options.promptLogprobs(), promptLogprobs));
    }
}
