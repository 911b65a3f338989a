package dev.kvasir.scheduler.realmodel;

import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import dev.kvasir.runner.RunnerOptions.Plan;

/**
 * One way to compute the same requests.
 *
 * @param chunk tokens of a prompt per step
 * @param segment tokens of a segment
 * @param together how many sequences run at once
 * @param slots slots of the pool; few of them force preemption
 */
record Arrangement(String name, DTypeChoice dtype, Plan plan, int chunk, int segment, int together, int slots) {
    static final Arrangement ALONE = new Arrangement("alone", DTypeChoice.FLOAT32, Plan.FUSED, 1024, 64, 1, 64);

    Arrangement named(String value) {
        return new Arrangement(value, dtype, plan, chunk, segment, together, slots);
    }

    Arrangement in(DTypeChoice value) {
        return new Arrangement(name, value, plan, chunk, segment, together, slots);
    }

    Arrangement by(Plan value) {
        return new Arrangement(name, dtype, value, chunk, segment, together, slots);
    }

    Arrangement chunks(int value) {
        return new Arrangement(name, dtype, plan, value, segment, together, slots);
    }

    Arrangement segments(int value, int count) {
        return new Arrangement(name, dtype, plan, chunk, value, together, count);
    }

    Arrangement batch(int value) {
        return new Arrangement(name, dtype, plan, chunk, segment, value, slots);
    }

    @Override
    public String toString() {
        return name;
    }
}
