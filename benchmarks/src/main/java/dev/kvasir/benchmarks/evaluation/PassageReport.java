package dev.kvasir.benchmarks.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.evaluation.PassageModel.Verdict;
import dev.kvasir.benchmarks.report.Machine;
import dev.kvasir.benchmarks.report.TextTable;
import java.util.List;
import java.util.Locale;

/** Shows what cutting attention between passages does to the answers. */
final class PassageReport {
    private PassageReport() {}

    /**
     * Returns the results as text. Lost are questions that are right only if passages see everything, gained those that are right only if they
     * don't.
     *
     * @param results of each set the one with full attention first
     * @param showWrong how many wrong answers of each set and kind of attention to show
     */
    static String text(List<PassageResult> results, int showWrong) {
        TextTable table =
                new TextTable("set", "passages see", "answers", "right", "right, %", "95 % interval", "lost", "gained");
        StringBuilder wrong = new StringBuilder();
        PassageResult whole = results.isEmpty() ? null : results.get(0);
        for (PassageResult result : results) {
            Accuracy accuracy = result.accuracy();
            if (whole == null || result.attention() == PassageAttention.FULL) {
                whole = result; // the first of its set
            }
            table.row(
                    result.set(),
                    result.attention().title(),
                    String.valueOf(accuracy.answers()),
                    String.valueOf(accuracy.right()),
                    accuracy.percent(),
                    accuracy.interval(),
                    String.valueOf(whole.rightUnlike(result)),
                    String.valueOf(result.rightUnlike(whole)));
            int shown = 0;
            for (int i = 0; i < result.verdicts().size() && shown < showWrong; i++) {
                Verdict verdict = result.verdicts().get(i);
                if (!verdict.right()) {
                    Question question = result.questions().get(i);
                    wrong.append("\n[" + result.set() + ", passages see "
                            + result.attention().title() + "]\n" + question.promptText() + "\nexpected:   "
                            + question.expected() + "\ngot so far: " + verdict.reply() + "\n");
                    shown++;
                }
            }
        }
        return table.toString() + wrong;
    }

    /** Returns the results as JSON. */
    static ObjectNode json(String model, long seed, List<PassageResult> results, double seconds) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("kind", "passages");
        json.set("machine", Machine.here().toJson());
        json.put("model", model).put("seed", seed).put("seconds", seconds);
        ArrayNode array = json.putArray("results");
        for (PassageResult result : results) {
            ObjectNode entry = array.addObject()
                    .put("set", result.set())
                    .put("passagesSee", result.attention().name().toLowerCase(Locale.ROOT));
            result.accuracy().putInto(entry);
            ArrayNode rights =
                    entry.putArray("rightByQuestion"); // the same question at the same place, for paired tests
            result.verdicts().forEach(verdict -> rights.add(verdict.right()));
        }
        return json;
    }
}
