package dev.kvasir.runner;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row's result.
 *
 * @param token the sampled token, or -1 if the row asked for none
 * @param logprobs of the sampled token, if asked for
 * @param promptLogprobs of the prompt tokens from {@code from + 1} on, if asked for; else empty
 * @param hidden (hidden), what the row's {@link Pooling} asked for; null if nothing; handed over
 */
public record RowOutput(
        int token, @Nullable TokenLogprobs logprobs, List<TokenLogprobs> promptLogprobs, double @Nullable [] hidden) {
    public static final int NO_TOKEN = -1;

    /** Creates one without hidden states. */
    public RowOutput(int token, @Nullable TokenLogprobs logprobs, List<TokenLogprobs> promptLogprobs) {
        this(token, logprobs, promptLogprobs, null);
    }

    /** A row that was computed for its keys and values alone. */
    public static final RowOutput NOTHING = new RowOutput(NO_TOKEN, null, List.of());
}
