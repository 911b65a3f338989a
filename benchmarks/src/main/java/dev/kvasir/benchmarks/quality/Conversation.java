package dev.kvasir.benchmarks.quality;

import java.util.Arrays;

/**
 * A prompt and where its keys and values lie.
 *
 * @param tokens (promptTokens)
 * @param slots its segment table, for the continuation too
 */
record Conversation(int[] tokens, int[] slots) {
    /** Returns the prompt with what follows it. */
    int[] with(int[] continuation) {
        int[] all = Arrays.copyOf(tokens, tokens.length + continuation.length);
        System.arraycopy(continuation, 0, all, tokens.length, continuation.length);
        return all;
    }
}
