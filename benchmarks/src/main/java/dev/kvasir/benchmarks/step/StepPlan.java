package dev.kvasir.benchmarks.step;

import dev.kvasir.runner.RunnerOptions.Plan;
import java.util.List;

/**
 * What a step benchmark does.
 *
 * @param workloads what is measured
 * @param plans forward plans that take turns at each workload
 * @param repetitions measurements of each workload by each plan
 */
record StepPlan(List<Workload> workloads, List<Plan> plans, int repetitions) {
    StepPlan {
        workloads = List.copyOf(workloads);
        plans = List.copyOf(plans);
        if (workloads.isEmpty() || plans.isEmpty() || repetitions < 1) {
            throw new IllegalArgumentException("nothing to measure: " + workloads.size() + " workloads, " + plans.size()
                    + " plans, " + repetitions + " repetitions");
        }
        if (plans.stream().distinct().count() != plans.size()) {
            throw new IllegalArgumentException("a plan is named twice in " + plans);
        }
    }

    /** Returns the largest number of sequences that run at once. */
    int maxSequences() {
        return workloads.stream().mapToInt(Workload::sequences).max().orElse(1);
    }
}
