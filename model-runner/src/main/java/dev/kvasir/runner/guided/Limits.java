package dev.kvasir.runner.guided;

import dev.kvasir.runner.Guides.GuideException;
import java.util.function.LongSupplier;
import org.apache.lucene.util.automaton.TooComplexToDeterminizeException;

/** What one compilation may use up. Counts along, and says which limit was reached. For one thread. */
final class Limits {
    /** Characters of a spec. */
    static final int CHARACTERS = 1 << 18;
    /** Levels of a schema, a pattern or a grammar. */
    static final int DEPTH = 48;
    /** Most positions of a pattern with its repetitions written out. */
    static final int POSITIONS = 20_000;
    /** States of all automata together. */
    private static final int STATES = 60_000;

    private static final int PIECES = 20_000;
    /** Of making one automaton deterministic, in tens of steps, as Lucene counts. */
    static final int WORK = 3_000;
    /** The same, of one that is deterministic but for its characters' bytes: no states can multiply. */
    static final int BYTE_WORK = 1_000_000;

    private static final long NANOS = 800_000_000L;

    private final LongSupplier nanoTime;
    private final long begun;
    private int pieces;
    private int states;

    Limits(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.begun = nanoTime.getAsLong();
    }

    /** An operation on automata that may be too much. */
    interface Work<T> {
        T run() throws GuideException;
    }

    void piece() throws GuideException {
        if (++pieces > PIECES) {
            throw new GuideException("it has more than " + PIECES + " parts");
        }
        time();
    }

    void states(int more) throws GuideException {
        states += more;
        if (states > STATES) {
            throw new GuideException("its automata have more than " + STATES + " states");
        }
        time();
    }

    static void depth(int depth) throws GuideException {
        if (depth > DEPTH) {
            throw new GuideException("it is nested more than " + DEPTH + " levels deep");
        }
    }

    <T> T work(Work<T> work) throws GuideException {
        time();
        try {
            return work.run();
        } catch (TooComplexToDeterminizeException e) {
            throw new GuideException(
                    "it takes more than " + 10 * WORK + " steps to make a pattern of it deterministic");
        } finally {
            time();
        }
    }

    private void time() throws GuideException {
        if (nanoTime.getAsLong() - begun > NANOS) {
            throw new GuideException("it takes longer than " + NANOS / 1_000_000 + " ms to compile");
        }
    }
}
