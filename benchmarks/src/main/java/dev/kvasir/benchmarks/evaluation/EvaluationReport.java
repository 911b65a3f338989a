package dev.kvasir.benchmarks.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.report.Machine;
import dev.kvasir.benchmarks.report.TextTable;
import java.util.List;

/** Shows what a served model answered. */
final class EvaluationReport {
    private EvaluationReport() {}

    /**
     * Returns the results as text.
     *
     * @param showWrong how many wrong answers of each set to show
     */
    static String text(List<SetResult> results, int showWrong) {
        TextTable table = new TextTable(
                "set", "answers", "right", "right, %", "95 % interval", "errors", "prompt tokens", "seconds");
        for (SetResult result : results) {
            Accuracy accuracy = result.accuracy();
            table.row(
                    result.name(),
                    String.valueOf(accuracy.answers()),
                    String.valueOf(accuracy.right()),
                    accuracy.percent(),
                    accuracy.interval(),
                    String.valueOf(result.errors()),
                    TextTable.number(result.promptTokens(), 0),
                    TextTable.number(result.seconds(), 1));
        }
        StringBuilder text = new StringBuilder(table.toString());
        for (SetResult result : results) {
            result.failures()
                    .forEach((failure, count) ->
                            text.append(result.name() + ", " + count + " times: " + failure + "\n"));
        }
        for (SetResult result : results) {
            result.wrong().stream().limit(showWrong).forEach(answer -> text.append("\n[" + result.name() + "]\n")
                    .append(answer.question().promptText())
                    .append("\nexpected: " + answer.question().expected())
                    .append("\ngot:      " + answer.reply() + "\n"));
        }
        return text.toString();
    }

    /** Returns the results as JSON. */
    static ObjectNode json(String server, String model, long seed, int concurrency, List<SetResult> results) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kind", "evaluation");
        json.set("client", Machine.here().toJson());
        json.put("server", server).put("model", model).put("seed", seed).put("concurrency", concurrency);
        ArrayNode sets = json.putArray("sets");
        for (SetResult result : results) {
            ObjectNode set = sets.addObject().put("name", result.name());
            result.accuracy().putInto(set);
            set.put("errors", result.errors());
            ObjectNode failures = set.putObject("failures");
            result.failures().forEach(failures::put);
            set.put("promptTokens", result.promptTokens());
            set.put("outputTokens", result.outputTokens());
            set.put("seconds", result.seconds());
            ArrayNode wrong = set.putArray("wrong");
            for (Answer answer : result.wrong()) {
                wrong.addObject()
                        .put("prompt", answer.question().promptText())
                        .put("expected", answer.question().expected())
                        .put("reply", answer.reply());
            }
        }
        return json;
    }
}
