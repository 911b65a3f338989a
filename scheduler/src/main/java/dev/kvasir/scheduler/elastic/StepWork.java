package dev.kvasir.scheduler.elastic;

/**
 * What a step computes, as far as its time depends on it.
 *
 * @param newTokens tokens computed, prompts' and decodes' alike
 * @param attention pairs of a new prompt token and a token that it attends to: the sum of new (prefix + new / 2) over chunks
 * @param decodeContext tokens that decodes attend to, together
 */
public record StepWork(double newTokens, double attention, double decodeContext) {
    public static final StepWork NONE = new StepWork(0, 0, 0);

    public StepWork {
        if (!(newTokens >= 0) || !(attention >= 0) || !(decodeContext >= 0)) {
            throw new IllegalArgumentException("no step computes " + newTokens + " new tokens, " + attention
                    + " pairs and a context of " + decodeContext);
        }
    }

    /** Returns the work of a chunk of a prompt. */
    public static StepWork prefill(int prefixTokens, int newTokens) {
        return new StepWork(newTokens, newTokens * (prefixTokens + newTokens / 2.0), 0);
    }

    /** Returns the work of one decode. */
    public static StepWork decode(int contextTokens) {
        return new StepWork(1, 0, contextTokens);
    }

    /** Returns both together. */
    public StepWork plus(StepWork other) {
        return new StepWork(
                newTokens + other.newTokens, attention + other.attention, decodeContext + other.decodeContext);
    }
}
