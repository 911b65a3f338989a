package dev.kvasir.benchmarks.training.corpus;

import java.util.random.RandomGenerator;

/** Makes conversations of one kind. Stateless: all chance comes from the generator passed in. */
public interface Task {
    /** Returns the name, as reports have it. */
    String name();

    /** Returns the next conversation. */
    Conversation next(RandomGenerator random, Split split);
}
