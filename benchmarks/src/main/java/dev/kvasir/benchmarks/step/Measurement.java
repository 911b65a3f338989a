package dev.kvasir.benchmarks.step;

/**
 * One repetition of a workload.
 *
 * @param tokens tokens that count
 * @param nanos wall time
 * @param steps steps done
 * @param stepNanos of the wall time, inside the scheduler's steps
 * @param runnerNanos of that, inside the model runner
 */
record Measurement(int tokens, long nanos, long steps, long stepNanos, long runnerNanos) {
    Measurement {
        if (tokens < 1 || nanos < 1 || steps < 1) {
            throw new IllegalArgumentException(
                    "nothing was measured: " + tokens + " tokens in " + nanos + " ns and " + steps + " steps");
        }
    }

    double tokensPerSecond() {
        return tokens * 1e9 / nanos;
    }

    double millisPerStep() {
        return nanos / 1e6 / steps;
    }

    /** Returns the share of the steps' time outside the model runner, from 0 to 1: planning, pool, delivery. */
    double outsideRunner() {
        return stepNanos == 0 ? 0 : 1 - (double) runnerNanos / stepNanos;
    }
}
