package dev.kvasir.benchmarks.step;

/**
 * What is timed: the prefill of one prompt until its first token, or the decode of a batch of sequences.
 *
 * @param kind which of the two
 * @param sequences how many run at once; 1 for a prefill
 * @param promptTokens tokens of each prompt; a decode starts behind it
 * @param decodeTokens tokens that each sequence decodes while it's timed; 0 for a prefill
 */
record Workload(Kind kind, int sequences, int promptTokens, int decodeTokens) {
    /** Which half of serving. */
    enum Kind {
        PREFILL,
        DECODE
    }

    Workload {
        if (sequences < 1 || promptTokens < 1 || (decodeTokens > 0) != (kind == Kind.DECODE)) {
            throw new IllegalArgumentException("no such " + kind + ": " + sequences + " sequences of " + promptTokens
                    + " tokens, decoding " + decodeTokens);
        }
    }

    static Workload prefill(int promptTokens) {
        return new Workload(Kind.PREFILL, 1, promptTokens, 0);
    }

    static Workload decode(int sequences, int promptTokens, int decodeTokens) {
        return new Workload(Kind.DECODE, sequences, promptTokens, decodeTokens);
    }

    /** Returns tokens that the measurement counts: those of the prompt, or those decoded by all sequences. */
    int tokens() {
        return kind == Kind.PREFILL ? promptTokens : sequences * decodeTokens;
    }

    @Override
    public String toString() {
        return kind == Kind.PREFILL
                ? "prefill " + promptTokens
                : "decode batch " + sequences + " behind " + promptTokens;
    }
}
