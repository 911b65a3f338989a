package dev.kvasir.benchmarks.turns;

import java.util.Map;

/**
 * One turn as the client saw it.
 *
 * @param conversation which, from 0
 * @param number which of its turns, from 0
 * @param prompt token ids: all that was said before, and what is new; lent
 * @param history how many of them were said before
 * @param reply token ids; lent
 * @param promptTokens by the server's count
 * @param cachedByTier prompt tokens that were reused, by the tier's name; tiers that gave none are left out
 * @param ttftNanos from sending to the first token
 */
record Turn(
        int conversation,
        int number,
        int[] prompt,
        int history,
        int[] reply,
        int promptTokens,
        Map<String, Integer> cachedByTier,
        long ttftNanos) {
    int cached() {
        return cachedByTier.values().stream().mapToInt(Integer::intValue).sum();
    }

    int computed() {
        return promptTokens - cached();
    }

    /**
     * Returns how many prompt tokens the best of caches couldn't have saved: what is new, and what of the history fills no whole segment. The last
     * token of a reply was never computed, only said.
     */
    int unavoidable(int segmentTokens) {
        return prompt.length - Math.max(0, history - 1) / segmentTokens * segmentTokens;
    }
}
