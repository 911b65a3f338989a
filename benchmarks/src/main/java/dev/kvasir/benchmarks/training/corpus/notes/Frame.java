package dev.kvasir.benchmarks.training.corpus.notes;

import dev.kvasir.benchmarks.training.corpus.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** What stands around a question. For every kind of question one frame is kept out of training. */
final class Frame {
    private static final List<String> FRAMES = List.of(
            "%s",
            "Question: %s", "Read the notes. %s", "Please tell me. %s", "%s Look in the notes.", "I want to know. %s");

    private Frame() {}

    /**
     * Asks.
     *
     * @param kind any number that kinds of questions differ in, from 0
     */
    static String ask(RandomGenerator random, Split split, int kind, String question) {
        // The bare question is always allowed: people ask so.
        int heldOut = 1 + kind % (FRAMES.size() - 1);
        if (split == Split.HELD_OUT) {
            return FRAMES.get(heldOut).formatted(question);
        }
        List<String> allowed = new ArrayList<>(FRAMES);
        allowed.remove(heldOut);
        return allowed.get(random.nextInt(2) == 0 ? 0 : random.nextInt(allowed.size()))
                .formatted(question);
    }
}
