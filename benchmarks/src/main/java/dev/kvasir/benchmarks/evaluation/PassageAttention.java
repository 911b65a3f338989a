package dev.kvasir.benchmarks.evaluation;

import dev.kvasir.benchmarks.training.corpus.Turn.Part;
import dev.kvasir.runner.reference.Visibility;

/** What the tokens of a passage attend to. All other tokens see everything before them, and positions stay as they are. */
enum PassageAttention {
    /** Everything before them, as in training. */
    FULL("everything before"),
    /** Their own passage, and what stands before the first passage. */
    OWN_AND_PREFIX("own passage and prefix"),
    /** Their own passage alone. */
    OWN("own passage");

    private final String title;

    PassageAttention(String title) {
        this.title = title;
    }

    String title() {
        return title;
    }

    /**
     * Returns the same, token by token.
     *
     * @param passages the passage that each token belongs to, or {@link Part#NO_PASSAGE}
     */
    Visibility over(int[] passages) {
        int prefix = 0;
        while (prefix < passages.length && passages[prefix] == Part.NO_PASSAGE) {
            prefix++;
        }
        int seenPrefix = this == OWN_AND_PREFIX ? prefix : 0;
        return this == FULL
                ? Visibility.ALL
                : (query, key) ->
                        passages[query] == Part.NO_PASSAGE || passages[query] == passages[key] || key < seenPrefix;
    }
}
