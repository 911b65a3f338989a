package dev.kvasir.benchmarks.cluster;

import dev.kvasir.pool.SegmentId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What nodes are asked.
 *
 * @param name in a report
 * @param description of what it is, in a sentence
 */
record Workload(String name, String description, List<Session> sessions) {
    Workload {
        sessions = List.copyOf(sessions);
    }

    int requests() {
        return sessions.stream().mapToInt(session -> session.turns().size()).sum();
    }

    /** Returns how many different segments prompts have: room for all of them finds whatever can be found. */
    int workingSet() {
        Set<SegmentId> asked = new HashSet<>();
        for (Session session : sessions) {
            for (Turn turn : session.turns()) {
                for (int i = 0; i < turn.prompt(); i++) {
                    asked.add(turn.ids()[i]);
                }
            }
        }
        return asked.size();
    }
}
