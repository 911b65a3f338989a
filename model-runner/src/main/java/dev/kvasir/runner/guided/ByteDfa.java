package dev.kvasir.runner.guided;

import java.util.Arrays;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.Transition;

/**
 * A deterministic automaton over bytes, of which every state can reach acceptance. State 0 is the first. Immutable.
 *
 * <p>Bytes that no state tells apart are one class: a row of {@code next} has an entry for each class.
 */
final class ByteDfa {
    static final int DEAD = -1;

    private final byte[] classOf = new byte[256]; // unsigned
    private final int classes;
    private final int[] next; // state * classes + class
    private final boolean[] accept;
    private final boolean[] last; // accepting, and nothing follows

    /** @param automaton deterministic, over bytes, without dead states, and not empty */
    ByteDfa(Automaton automaton) {
        int states = automaton.getNumStates();
        int[] starts = automaton.getStartPoints();
        int[] classByStart = new int[starts.length];
        int count = 0;
        for (int i = 0; i < starts.length; i++) {
            classByStart[i] = starts[i] < 256 ? count++ : 0;
        }
        classes = count;
        for (int i = 0; i < starts.length && starts[i] < 256; i++) {
            int end = i + 1 < starts.length ? Math.min(starts[i + 1], 256) : 256;
            for (int b = starts[i]; b < end; b++) {
                classOf[b] = (byte) classByStart[i];
            }
        }
        next = new int[states * classes];
        Arrays.fill(next, DEAD);
        accept = new boolean[states];
        last = new boolean[states];
        Transition t = new Transition();
        for (int state = 0; state < states; state++) {
            accept[state] = automaton.isAccept(state);
            int transitions = automaton.initTransition(state, t);
            last[state] = accept[state] && transitions == 0;
            for (int i = 0; i < transitions; i++) {
                automaton.getNextTransition(t);
                for (int b = t.min; b <= Math.min(t.max, 255); ) {
                    next[state * classes + classOf(b)] = t.dest;
                    int c = classOf(b);
                    do {
                        b++;
                    } while (b < 256 && classOf(b) == c);
                }
            }
        }
    }

    private int classOf(int b) {
        return classOf[b] & 0xff;
    }

    /** Returns about how much memory it takes. */
    long bytes() {
        return 1024 + 4L * next.length + 2L * accept.length;
    }

    int states() {
        return accept.length;
    }

    /** Returns the state after a byte, or {@link #DEAD}. */
    int step(int state, byte b) {
        return next[state * classes + (classOf[b & 0xff] & 0xff)];
    }

    boolean isAccepting(int state) {
        return accept[state];
    }

    /** Returns whether the state is accepting and nothing can follow it. */
    boolean isLast(int state) {
        return last[state];
    }
}
