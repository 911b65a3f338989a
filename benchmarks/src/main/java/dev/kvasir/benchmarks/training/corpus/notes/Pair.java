package dev.kvasir.benchmarks.training.corpus.notes;

/** Two things said of the same person. */
record Pair(Fact first, Fact second) {
    Pair {
        if (!first.person().equals(second.person()) || first.relation() == second.relation()) {
            throw new IllegalArgumentException(first + " and " + second + " are no pair");
        }
    }
}
