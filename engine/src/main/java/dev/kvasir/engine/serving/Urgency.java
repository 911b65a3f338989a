package dev.kvasir.engine.serving;

import dev.kvasir.scheduler.GenerationRequest;

/**
 * Who comes first, and until when.
 *
 * @param priority lower before higher; 0 for one that doesn't say
 * @param deadlineMillis how long after its arrival a request is worth anything; 0 for ever
 */
public record Urgency(int priority, int deadlineMillis) {
    /** As all that don't say. */
    public static final Urgency NORMAL = new Urgency(0, 0);

    public Urgency {
        if (Math.abs((long) priority) > GenerationRequest.MOST_PRIORITY || deadlineMillis < 0) {
            throw new IllegalArgumentException("no urgency: priority " + priority + ", " + deadlineMillis + " ms");
        }
    }
}
