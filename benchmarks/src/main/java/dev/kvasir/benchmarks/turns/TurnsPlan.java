package dev.kvasir.benchmarks.turns;

/**
 * A workload.
 *
 * @param conversations how many
 * @param turns of each
 * @param concurrency how many turns are under way at once
 * @param firstTokens tokens of each conversation's first prompt
 * @param newTokens tokens that each later turn adds
 * @param replyTokens tokens of each reply
 * @param seed draws what is said
 */
record TurnsPlan(
        int conversations, int turns, int concurrency, int firstTokens, int newTokens, int replyTokens, long seed) {
    TurnsPlan {
        if (conversations < 1 || turns < 1 || concurrency < 1 || firstTokens < 1 || newTokens < 1 || replyTokens < 1) {
            throw new IllegalArgumentException("every number of the workload must be 1 or more");
        }
        if (concurrency > conversations) {
            throw new IllegalArgumentException(
                    "--concurrency " + concurrency + " is more than there are conversations, " + conversations);
        }
    }

    @Override
    public String toString() {
        return conversations + " conversations of " + turns + " turns, " + concurrency + " at once; " + firstTokens
                + " tokens first, " + newTokens + " new in each turn, " + replyTokens + " in each reply; seed " + seed;
    }
}
