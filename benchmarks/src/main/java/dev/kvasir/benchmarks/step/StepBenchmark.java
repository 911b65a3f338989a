package dev.kvasir.benchmarks.step;

import dev.kvasir.runner.RunnerOptions.Plan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/** Measures every workload by every plan, the plans in turn. */
final class StepBenchmark {
    private final StepPlan plan;
    private final Function<Plan, LoadedModel> models;
    private final Consumer<String> progress;

    /**
     * A benchmark.
     *
     * @param models loads the model for a plan; called once for each, and closed here
     * @param progress told what is being done
     */
    StepBenchmark(StepPlan plan, Function<Plan, LoadedModel> models, Consumer<String> progress) {
        this.plan = plan;
        this.models = models;
        this.progress = progress;
    }

    /** Loads, measures, closes; results by workload, and within one by plan. */
    List<StepResult> run() {
        Map<Plan, LoadedModel> loaded = new LinkedHashMap<>();
        try {
            for (Plan each : plan.plans()) {
                progress.accept("loading the model, " + each + " plan");
                loaded.put(each, models.apply(each));
            }
            List<StepResult> results = new ArrayList<>();
            for (Workload workload : plan.workloads()) {
                progress.accept("measuring " + workload);
                results.addAll(measure(workload, loaded));
            }
            return results;
        } finally {
            loaded.values().forEach(LoadedModel::close);
        }
    }

    private List<StepResult> measure(Workload workload, Map<Plan, LoadedModel> loaded) {
        // The first one loads pages and compiles; it doesn't count.
        loaded.values().forEach(model -> model.measure(workload));
        Map<Plan, List<Measurement>> measurements = new LinkedHashMap<>();
        for (int turn = 0; turn < plan.repetitions(); turn++) {
            loaded.forEach((each, model) -> measurements
                    .computeIfAbsent(each, unused -> new ArrayList<>())
                    .add(model.measure(workload)));
        }
        List<StepResult> results = new ArrayList<>();
        measurements.forEach((each, taken) -> results.add(new StepResult(workload, each, taken)));
        return results;
    }
}
