package dev.kvasir.engine.serving;

import dev.kvasir.runner.TokenLogprobs;
import java.util.List;

/**
 * A piece of a choice's text that became certain.
 *
 * @param text maybe empty
 * @param logprobs of the tokens whose text has begun, if log-probabilities were asked for
 */
public record TextDelta(String text, List<TokenAt> logprobs) {
    static final TextDelta NOTHING = new TextDelta("", List.of());

    /**
     * A token's log-probabilities and where its text begins.
     *
     * @param offset characters of the choice's text before it
     */
    public record TokenAt(TokenLogprobs logprobs, int offset) {}

    /** Returns whether there is nothing to tell. */
    public boolean isEmpty() {
        return text.isEmpty() && logprobs.isEmpty();
    }
}
