package dev.kvasir.benchmarks.training.corpus;

/** What a conversation is for. Names, combinations and wordings of one split don't occur in the other. */
public enum Split {
    TRAINING,
    HELD_OUT
}
