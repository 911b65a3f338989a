package dev.kvasir.engine.dashboard;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.kvasir.engine.serving.Node;
import dev.kvasir.pool.TierReport;
import dev.kvasir.scheduler.SchedulerStats;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Says in words what is wrong. A problem stays for a while after it was last seen, so that who looks away doesn't miss it. For one thread. */
public final class Problems {
    /** How bad. */
    enum Level {
        /** Requests fail, or will soon. */
        ERROR,
        /** It costs time, or will cost more if nothing is done. */
        WARNING
    }

    private static final int STAYS_SECONDS = 30;
    private static final int NODE_LOST_SECONDS = 300;
    /** Sequences that lose their slots in so many seconds, and segments evicted for each that is reused, are too many above these. */
    private static final int WINDOW_SECONDS = 30;

    private static final int PREEMPTIONS = 10;

    private record Problem(Level level, String text, int untilSecond) {}

    private final int mostQueued;
    private final Map<String, Problem> open = new TreeMap<>();
    private final Map<String, Long> before = new TreeMap<>();
    private int second;

    Problems(int mostQueued) {
        this.mostQueued = mostQueued;
    }

    /** Looks at the counts of this second. */
    void look(Node.Phase phase, SchedulerStats stats, long refused) {
        second++;
        switch (phase) {
            case FAILED ->
                say(
                        "phase",
                        Level.ERROR,
                        STAYS_SECONDS,
                        "A step broke; this node serves no more and must be restarted.");
            case DRAINING -> say("phase", Level.WARNING, 2, "This node is draining: it takes no new requests.");
            case LOADING, READY -> {}
        }
        queue(stats, refused);
        stats.tiers().forEach(this::failures);
        preemptions(stats.preemptions());
        grown(
                "lost",
                stats.lostSteps(),
                more -> more + " steps came to nothing because another node didn't answer; the"
                        + " requests go on with what is left.");
        open.values().removeIf(problem -> problem.untilSecond() <= second);
    }

    /** Notes that a node is gone. */
    public void nodeLost(int node, String what) {
        say("node " + node, Level.WARNING, NODE_LOST_SECONDS, what);
    }

    /** Notes that it is back. */
    public void nodeBack(int node) {
        open.remove("node " + node);
    }

    private void queue(SchedulerStats stats, long refused) {
        if (stats.waiting() >= mostQueued) {
            say(
                    "queue",
                    Level.ERROR,
                    STAYS_SECONDS,
                    "The queue is full: " + stats.waiting() + " requests wait, and new"
                            + " ones are refused with 429.");
        } else if (stats.waiting() * 2L >= mostQueued) {
            say(
                    "queue",
                    Level.WARNING,
                    5,
                    "The queue is more than half full: " + stats.waiting() + " of " + mostQueued + " places.");
        }
        grown(
                "refused",
                refused,
                more -> "Requests found no place in the queue, " + more
                        + (more == 1 ? " time lately." : " times lately."));
    }

    private void failures(TierReport report) {
        String tier = report.tier().name().toLowerCase(Locale.ROOT);
        report.counters().failures().forEach((reason, count) -> {
            String key = "failures " + tier + ' ' + reason;
            grown(
                    key,
                    count,
                    more -> "The " + tier + " tier fails (" + reason.replace('_', ' ') + ", " + more + " times"
                            + " lately, " + count
                            + " since the start). What is lost is computed again; the log says more.");
        });
    }

    private void preemptions(long count) {
        Long first = before.get("preemptions");
        if (first == null || second % WINDOW_SECONDS == 0) {
            before.put("preemptions", count);
            first = first == null ? count : first;
        }
        if (count - first >= PREEMPTIONS) {
            say(
                    "preemptions",
                    Level.WARNING,
                    STAYS_SECONDS,
                    "The pool is thrashing: " + (count - first) + " requests lost"
                            + " their slots in " + WINDOW_SECONDS + " s and are computed again. Give it more memory"
                            + " (pool.deviceBytes), or let fewer run at once (scheduler.maxSequences).");
        }
    }

    private interface Text {
        String of(long more);
    }

    /** Says something while a count grows, with how much it has since it began to. */
    private void grown(String key, long count, Text text) {
        // The first look of all tells nothing: it may have been so for days.
        Long known = before.put(key, count);
        long last = known != null ? known : second == 1 ? count : 0;
        Long base = before.get(key + " base");
        if (base == null || !open.containsKey(key)) {
            base = last;
            before.put(key + " base", base);
        }
        if (count > last) {
            say(key, Level.WARNING, STAYS_SECONDS, text.of(count - base));
        }
    }

    private void say(String key, Level level, int seconds, String text) {
        open.put(key, new Problem(level, text, second + seconds));
    }

    /** Returns them, the worst first. */
    ArrayNode json() {
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        for (Level level : Level.values()) {
            open.values().stream().filter(problem -> problem.level() == level).forEach(problem -> json.addObject()
                    .put("level", level.name().toLowerCase(Locale.ROOT))
                    .put("text", problem.text()));
        }
        return json;
    }
}
