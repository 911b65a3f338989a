package dev.kvasir.benchmarks.serving;

/**
 * How long prompts are and what they share.
 *
 * @param inputTokens tokens of a prompt that no other prompt has
 * @param sharedPrefixTokens tokens before them that all prompts of a group have in common
 * @param prefixGroups how many such groups; each prompt belongs to one, drawn by the seed
 */
record PromptShape(int inputTokens, int sharedPrefixTokens, int prefixGroups) {
    PromptShape {
        if (inputTokens < 1 || sharedPrefixTokens < 0 || prefixGroups < 1) {
            throw new IllegalArgumentException("no such prompts: " + inputTokens + " tokens behind a prefix of "
                    + sharedPrefixTokens + " in " + prefixGroups + " groups");
        }
    }
}
