package dev.kvasir.benchmarks.step;

import static dev.kvasir.benchmarks.report.TextTable.number;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.report.TextTable;
import java.util.List;

/** Shows step results to people and to programs. */
final class StepReport {
    private static final double PERCENT = 100;

    private StepReport() {}

    /** Returns a table; where plans took turns, each is compared with the first. */
    static String text(List<StepResult> results) {
        TextTable table = new TextTable(
                "workload", "plan", "tok/s median", "min", "max", "ms/step", "outside runner", "time vs first");
        for (StepResult result : results) {
            StepResult first = first(results, result);
            table.row(
                    result.workload().toString(),
                    result.plan().toString(),
                    number(result.median(Measurement::tokensPerSecond), 1),
                    number(result.min(Measurement::tokensPerSecond), 1),
                    number(result.max(Measurement::tokensPerSecond), 1),
                    number(result.median(Measurement::millisPerStep), 2),
                    number(PERCENT * result.median(Measurement::outsideRunner), 2) + " %",
                    result.plan() == first.plan() ? "" : number(result.timeRatio(first), 3));
        }
        return table.toString();
    }

    /** Returns the same with every measurement. */
    static ArrayNode json(List<StepResult> results) {
        ArrayNode json = JsonNodeFactory.instance.arrayNode(results.size());
        for (StepResult result : results) {
            Workload workload = result.workload();
            ObjectNode node = json.addObject();
            node.put("workload", workload.toString());
            node.put("sequences", workload.sequences());
            node.put("promptTokens", workload.promptTokens());
            node.put("decodeTokens", workload.decodeTokens());
            node.put("plan", result.plan().toString());
            node.put("tokensPerSecond", result.median(Measurement::tokensPerSecond));
            node.put("millisPerStep", result.median(Measurement::millisPerStep));
            node.put("outsideRunner", result.median(Measurement::outsideRunner));
            node.put("timeVersusFirstPlan", result.timeRatio(first(results, result)));
            ArrayNode each = node.putArray("measurements");
            for (Measurement measurement : result.measurements()) {
                each.addObject()
                        .put("tokens", measurement.tokens())
                        .put("nanos", measurement.nanos())
                        .put("steps", measurement.steps())
                        .put("stepNanos", measurement.stepNanos())
                        .put("runnerNanos", measurement.runnerNanos());
            }
        }
        return json;
    }

    /** Returns the result of the same workload by the plan that came first. */
    private static StepResult first(List<StepResult> results, StepResult of) {
        return results.stream()
                .filter(result -> result.workload().equals(of.workload()))
                .findFirst()
                .orElseThrow();
    }
}
