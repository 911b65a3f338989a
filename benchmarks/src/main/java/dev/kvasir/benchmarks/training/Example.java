package dev.kvasir.benchmarks.training;

import dev.kvasir.benchmarks.training.corpus.Hint.Kind;
import java.util.List;

/**
 * A conversation in tokens. The arrays are lent.
 *
 * @param task that made it
 * @param tokens ids
 * @param groups per token: {@link #PLAIN}, {@link #UNSEEN} or {@link #BLIND}
 * @param replies what is learned
 * @param hints what is learned on the way
 */
record Example(String task, int[] tokens, byte[] groups, List<Reply> replies, List<Known> hints) {
    /** A token that attends to all before it. */
    static final byte PLAIN = 0;
    /** A token that blind ones can't attend to. */
    static final byte UNSEEN = 1;
    /** A token that doesn't attend to unseen ones. */
    static final byte BLIND = 2;

    /** Returns whether some tokens don't see all that stands before them. */
    boolean hides() {
        for (byte group : groups) {
            if (group == BLIND) {
                return true;
            }
        }
        return false;
    }

    /**
     * What a token should know half-way through the layers.
     *
     * @param at the token
     * @param kind which layer it is learned from
     * @param token what it should know
     */
    record Known(int at, Kind kind, int token) {}

    /**
     * What the assistant says in one turn.
     *
     * @param from the first token to be predicted
     * @param to one past the last, which ends the turn
     */
    record Reply(int from, int to) {
        int length() {
            return to - from;
        }
    }
}
