package dev.kvasir.engine.serving;

import dev.kvasir.engine.serving.TextDelta.TokenAt;
import dev.kvasir.runner.TextDecoder;
import dev.kvasir.runner.TokenLogprobs;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One choice's way from tokens to text. A token's log-probabilities wait until its text is certain, so that they never tell of a
 * stop string that the text doesn't show.
 *
 * <pre>
 * characters of the choice
 *   [0, told)        handed out
 *   [told, decoded)  held back: may be the beginning of a stop string
 * </pre>
 */
final class ChoiceText {
    private final TextDecoder decoder;
    private final IntPredicate special;
    private final StopMatcher matcher;
    private final int minTokens;
    private final Deque<TokenAt> waiting = new ArrayDeque<>();
    private int tokens;
    private int decoded;
    private int told;

    /**
     * Creates the way of one choice.
     *
     * @param special which tokens have no text and so can't be part of a stop string
     */
    ChoiceText(TextDecoder decoder, IntPredicate special, List<String> stops, int minTokens) {
        this.decoder = decoder;
        this.special = special;
        this.matcher = new StopMatcher(stops);
        this.minTokens = minTokens;
    }

    /** Takes a token and returns what became certain. */
    TextDelta next(int token, @Nullable TokenLogprobs logprobs) {
        tokens++;
        if (logprobs != null) {
            waiting.add(new TokenAt(logprobs, decoded));
        }
        String piece = decoder.next(token);
        decoded += piece.length();
        // Text that stands before min_tokens can't end the choice, so it can't be part of what ends it either.
        return delta(tokens < minTokens ? piece : matcher.next(piece), false);
    }

    /** Returns the rest: no token comes any more. */
    TextDelta finish() {
        String piece = decoder.finish();
        decoded += piece.length();
        String certain = matcher.next(piece) + matcher.finish();
        return delta(certain, !matcher.isMatched());
    }

    /** Returns whether a stop string was found; the text ends before it. */
    boolean isStopped() {
        return matcher.isMatched();
    }

    /** Returns the stop string that was found; null where none was. */
    @Nullable
    String stopString() {
        return matcher.found();
    }

    /** Returns how many tokens came. */
    int tokens() {
        return tokens;
    }

    private TextDelta delta(String text, boolean all) {
        told += text.length();
        if (waiting.isEmpty()) {
            return text.isEmpty() ? TextDelta.NOTHING : new TextDelta(text, List.of());
        }
        List<TokenAt> ready = new ArrayList<>();
        while (!waiting.isEmpty() && (all || isCertain(waiting.element()))) {
            ready.add(waiting.remove());
        }
        return new TextDelta(text, ready);
    }

    private boolean isCertain(TokenAt at) {
        return at.offset() < told
                || (at.offset() == told && special.test(at.logprobs().token()));
    }
}
