package dev.kvasir.benchmarks.quality;

/**
 * What is measured.
 *
 * @param prompts how many
 * @param promptTokens length of each; its whole segments but for the last token are the prefix that is varied
 * @param newTokens length of each continuation
 * @param seed of the prompts
 */
record QualityPlan(int prompts, int promptTokens, int newTokens, long seed) {
    QualityPlan {
        if (prompts < 1 || newTokens < 1) {
            throw new IllegalArgumentException(
                    "there must be a prompt and a new token, not " + prompts + " and " + newTokens);
        }
        if (promptTokens < 2) {
            throw new IllegalArgumentException("a prompt has 2 tokens or more here, not " + promptTokens);
        }
    }

    /** Returns the longest that a sequence becomes. */
    int tokens() {
        return promptTokens + newTokens;
    }

    /** Returns how many tokens of a prompt a pool could restore: whole segments, and never the last token. */
    int prefixTokens(int segmentTokens) {
        return (promptTokens - 1) / segmentTokens * segmentTokens;
    }
}
