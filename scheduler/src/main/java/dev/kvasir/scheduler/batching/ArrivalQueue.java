package dev.kvasir.scheduler.batching;

import java.util.ArrayList;
import java.util.List;

/** Sequences ordered by arrival, the oldest first. A new or preempted one finds its place from the end. */
final class ArrivalQueue {
    private final List<Sequence> sequences = new ArrayList<>();

    void add(Sequence sequence) {
        int at = sequences.size();
        while (at > 0 && sequences.get(at - 1).arrival > sequence.arrival) {
            at--;
        }
        sequences.add(at, sequence);
    }

    void remove(Sequence sequence) {
        int low = 0;
        int high = sequences.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long arrival = sequences.get(middle).arrival;
            if (arrival == sequence.arrival) {
                sequences.remove(middle);
                return;
            }
            if (arrival < sequence.arrival) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        throw new IllegalStateException(sequence.describe() + " is not in this queue of " + sequences.size());
    }

    Sequence get(int index) {
        return sequences.get(index);
    }

    /** Returns the one that came last. */
    Sequence youngest() {
        return sequences.get(sequences.size() - 1);
    }

    int size() {
        return sequences.size();
    }

    boolean isEmpty() {
        return sequences.isEmpty();
    }

    /** Checks order and states. */
    void check(Sequence.State state) {
        for (int i = 0; i < sequences.size(); i++) {
            Sequence sequence = sequences.get(i);
            if (sequence.state != state) {
                throw new IllegalStateException(sequence.describe() + " is in the queue of those " + state);
            }
            if (i > 0 && sequences.get(i - 1).arrival >= sequence.arrival) {
                throw new IllegalStateException(sequence.describe() + " arrived before its predecessor");
            }
        }
    }
}
