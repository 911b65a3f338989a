package dev.kvasir.benchmarks.training.corpus.notes;

/** One thing said of one person. */
record Fact(String person, Relation relation, String value) {}
