package dev.kvasir.benchmarks.quality;

import java.util.List;

/**
 * What a variation of one prompt's prefix changed.
 *
 * @param newTokens length of the continuation
 * @param firstDifference index in it of the first token that is another; {@code newTokens} if there is none
 * @param equalTokens how many of its tokens are the same at the same place
 * @param margin by how much, in nats, the exact choice was likelier than the next best token at the first difference; NaN without one
 * @param distances between the distributions after the prefix, of the exact continuation's tokens
 */
record PromptResult(int newTokens, int firstDifference, int equalTokens, double margin, List<Distance> distances) {
    boolean isSame() {
        return firstDifference == newTokens;
    }
}
