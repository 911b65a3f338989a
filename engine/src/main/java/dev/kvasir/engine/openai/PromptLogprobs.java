package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.TokenLogprobs;
import java.util.Arrays;
import java.util.List;

/**
 * Log-probabilities of a prompt's tokens in vLLM's form: a list with an entry for each token, {@code null} for the first, which nothing precedes, and for
 * the others {@code {"token id": {"logprob", "rank", "decoded_token"}}} of the token itself and of the most likely ones. The rank of a token that isn't among
 * these isn't known and {@code null}.
 */
public final class PromptLogprobs {
    private final TokenText tokens;
    private final int top;

    /** @param top how many of the most likely ones are told */
    public PromptLogprobs(TokenText tokens, int top) {
        this.tokens = tokens;
        this.top = top;
    }

    /** @param logprobs from the second token on */
    ArrayNode of(List<TokenLogprobs> logprobs) {
        ArrayNode all = JsonNodeFactory.instance.arrayNode(logprobs.size() + 1).addNull();
        for (TokenLogprobs at : logprobs) {
            ObjectNode entry = all.addObject();
            for (int i = 0; i < Math.min(top, at.topTokens().length); i++) {
                put(entry, at.topTokens()[i], at.topLogprobs()[i], i + 1);
            }
            if (!entry.has(String.valueOf(at.token()))) {
                put(entry, at.token(), at.logprob(), rank(at));
            }
        }
        return all;
    }

    private static int rank(TokenLogprobs at) {
        for (int i = 0; i < at.topTokens().length; i++) {
            if (at.topTokens()[i] == at.token()) {
                return i + 1;
            }
        }
        return 0;
    }

    private void put(ObjectNode entry, int token, float logprob, int rank) {
        ObjectNode node = entry.putObject(String.valueOf(token)).put("logprob", TokenText.finite(logprob));
        if (rank == 0) {
            node.putNull("rank");
        } else {
            node.put("rank", rank);
        }
        node.put("decoded_token", tokens.text(token));
    }

    /** Returns the same with so many of the most likely ones at most. */
    static TokenLogprobs cut(TokenLogprobs at, int most) {
        return at.topTokens().length <= most
                ? at
                : new TokenLogprobs(
                        at.token(),
                        at.logprob(),
                        Arrays.copyOf(at.topTokens(), most),
                        Arrays.copyOf(at.topLogprobs(), most));
    }
}
