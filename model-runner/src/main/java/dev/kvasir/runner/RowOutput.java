package dev.kvasir.runner;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row's result.
 *
 * @param token the sampled token, or -1 if the row asked for none
 * @param logprobs of the sampled token, if asked for
 * @param promptLogprobs of the prompt tokens from {@code from + 1} on, if asked for; else empty
 */
public record RowOutput(int token, @Nullable TokenLogprobs logprobs, List<TokenLogprobs> promptLogprobs) {
    public static final int NO_TOKEN = -1;

    /** A row that was computed for its keys and values alone. */
    public static final RowOutput NOTHING = new RowOutput(NO_TOKEN, null, List.of());
}
