package dev.kvasir.benchmarks.training.corpus;

/**
 * What a conversation is for. Each task tells what it holds out: names and frames of questions in notes; names of tools, wordings of requests
 * and pairs of values in tool calls; pairs of numbers in sums; wordings and names of most characters in stories. Drills hold nothing out.
 */
public enum Split {
    TRAINING,
    HELD_OUT
}
