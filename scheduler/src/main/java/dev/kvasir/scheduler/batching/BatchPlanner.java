package dev.kvasir.scheduler.batching;

import dev.kvasir.scheduler.SchedulerConfig;

/**
 * Shares a step's token budget out: decodes first, then prefills in order of arrival. Pure: it reads numbers and sets {@link
 * Sequence#scheduled}.
 */
final class BatchPlanner {
    private final int maxStepTokens;
    private final int prefillChunk;

    BatchPlanner(SchedulerConfig config) {
        maxStepTokens = config.maxStepTokens();
        prefillChunk = config.prefillChunk();
    }

    /** Schedules tokens for the running sequences and returns what is left of the budget. */
    int plan(ArrivalQueue running) {
        return plan(running, 0);
    }

    /**
     * Schedules tokens for the running sequences and returns what is left of the budget, which may be less than nothing.
     *
     * @param shared tokens of the step that aren't theirs
     */
    int plan(ArrivalQueue running, int shared) {
        // A decode can't be short of budget: there are at most maxSequences of them, and maxSequences <= maxStepTokens.
        int left = maxStepTokens - shared;
        for (int i = 0; i < running.size(); i++) {
            Sequence sequence = running.get(i);
            sequence.scheduled = sequence.remaining() == 1 ? 1 : 0;
            left -= sequence.scheduled;
        }
        for (int i = 0; i < running.size() && left > 0; i++) {
            Sequence sequence = running.get(i);
            if (sequence.scheduled == 0) {
                left -= schedule(sequence, left);
            }
        }
        return left;
    }

    /** Gives one sequence its chunk, at most {@code left} tokens, and returns how many it got. */
    int schedule(Sequence sequence, int left) {
        sequence.scheduled = Math.min(left, Math.min(sequence.remaining(), prefillChunk));
        return sequence.scheduled;
    }
}
