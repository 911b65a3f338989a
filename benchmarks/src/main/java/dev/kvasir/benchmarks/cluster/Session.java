package dev.kvasir.benchmarks.cluster;

import java.util.List;

/**
 * Requests of which each waits for the answer to the one before.
 *
 * @param startSeconds when the first is sent, but for its own think time
 */
record Session(double startSeconds, List<Turn> turns) {
    Session {
        turns = List.copyOf(turns);
    }
}
