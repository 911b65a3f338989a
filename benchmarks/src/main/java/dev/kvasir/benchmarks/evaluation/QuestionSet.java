package dev.kvasir.benchmarks.evaluation;

import java.util.random.RandomGenerator;

/** Makes questions of one kind. Stateless: all chance comes from the generator passed in. */
public interface QuestionSet {
    /** Returns the name, as the command line and reports have it. */
    String name();

    /** Returns the next question. */
    Question next(RandomGenerator random);
}
