package dev.kvasir.runner.sampling;

import dev.kvasir.runner.SamplingParams;

/**
 * The most likely tokens of one position and the choice among them by top-k, top-p, min-p and one draw.
 *
 * <p>{@code probabilities} are shares of the whole vocabulary, best first; candidates beyond them weigh less than the last one.
 */
public final class Candidates {
    private final int[] tokens;
    private final float[] probabilities;
    private final boolean whole;

    /**
     * Takes candidates, best first; the arrays are handed over.
     *
     * @param whole whether these are all tokens of the vocabulary
     */
    public Candidates(int[] tokens, float[] probabilities, boolean whole) {
        if (tokens.length == 0 || tokens.length != probabilities.length) {
            throw new IllegalArgumentException(
                    tokens.length + " tokens with " + probabilities.length + " probabilities");
        }
        this.tokens = tokens;
        this.probabilities = probabilities;
        this.whole = whole;
        orderTies();
    }

    /** Returns whether these candidates are enough to choose exactly as from the whole vocabulary. */
    public boolean cover(SamplingParams params) {
        if (whole || (params.topK() > 0 && params.topK() <= tokens.length)) {
            return true;
        }
        // Without top-k the mass is relative to the vocabulary's, which is 1; else to that of k tokens, which aren't
        // all here.
        boolean massKnown = params.topK() == 0 || params.topP() == 1;
        boolean restTooUnlikely = probabilities[tokens.length - 1] < params.minP() * probabilities[0];
        return massKnown && (restTooUnlikely || (params.topP() < 1 && sum(tokens.length) >= params.topP()));
    }

    /** Returns the chosen token for a uniform draw in [0, 1). */
    public int choose(SamplingParams params, float uniform) {
        int kept = params.topK() > 0 ? Math.min(params.topK(), tokens.length) : tokens.length;
        double total = params.topK() > 0 ? sum(kept) : 1;
        if (params.topP() < 1) {
            // The fewest tokens that reach the mass: a token stays while those before it fall short.
            double before = 0;
            int nucleus = 0;
            while (nucleus < kept && (nucleus == 0 || before < params.topP() * total)) {
                before += probabilities[nucleus++];
            }
            kept = nucleus;
        }
        float floor = params.minP() * probabilities[0];
        while (kept > 1 && probabilities[kept - 1] < floor) {
            kept--;
        }
        double target = uniform * sum(kept);
        double reached = 0;
        for (int i = 0; i < kept - 1; i++) {
            reached += probabilities[i];
            if (target < reached) {
                return tokens[i];
            }
        }
        return tokens[kept - 1];
    }

    private double sum(int count) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += probabilities[i];
        }
        return sum;
    }

    // Equal probabilities are frequent with bfloat16 logits, and a selection algorithm may order them as it likes; the
    // draw must not
    // depend on that.
    private void orderTies() {
        for (int i = 1; i < tokens.length; i++) {
            for (int j = i; j > 0 && probabilities[j] == probabilities[j - 1] && tokens[j] < tokens[j - 1]; j--) {
                int swap = tokens[j];
                tokens[j] = tokens[j - 1];
                tokens[j - 1] = swap;
            }
        }
    }
}
