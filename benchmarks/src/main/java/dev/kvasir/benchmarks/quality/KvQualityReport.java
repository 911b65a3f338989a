package dev.kvasir.benchmarks.quality;

import static dev.kvasir.benchmarks.report.TextTable.number;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.report.JsonFile;
import dev.kvasir.benchmarks.report.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** What variations changed, as a table with a column for each, and as JSON with every prompt. */
final class KvQualityReport {
    private static final double PERCENT = 100;

    private KvQualityReport() {}

    static String text(List<VariationResult> results) {
        List<String> headings = new ArrayList<>(List.of("against the exact prefix"));
        results.forEach(result -> headings.add(result.name()));
        TextTable table = new TextTable(headings.toArray(new String[0]));
        row(table, results, "continuations the same to the end, %", 1, r -> PERCENT * r.sameContinuations());
        row(table, results, "tokens the same, %", 1, r -> PERCENT * r.equalTokens());
        row(table, results, "first different token, median", 0, r -> r.firstDifference(0.5));
        row(table, results, "exact choice's lead there, median nats", 4, r -> r.margin(0.5));
        row(table, results, "exact choice's lead there, largest", 4, r -> r.margin(1));
        row(table, results, "same best token given the same text, %", 2, r -> PERCENT * r.sameBest());
        row(table, results, "log-probabilities' difference, mean", 5, r -> r.mean(Distance::mean));
        row(table, results, "log-probabilities' difference, largest", 3, r -> r.max(Distance::largest));
        row(table, results, "KL divergence, mean nats", 7, r -> r.mean(Distance::kl));
        row(table, results, "KL divergence, largest", 5, r -> r.max(Distance::kl));
        return table.toString();
    }

    private static void row(
            TextTable table,
            List<VariationResult> results,
            String name,
            int digits,
            ToDoubleFunction<VariationResult> value) {
        List<String> cells = new ArrayList<>(List.of(name));
        results.forEach(result -> cells.add(number(value.applyAsDouble(result), digits)));
        table.row(cells.toArray(new String[0]));
    }

    static ArrayNode json(List<VariationResult> results) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (VariationResult result : results) {
            ObjectNode node = array.addObject().put("variation", result.name());
            node.put("sameContinuations", result.sameContinuations());
            node.put("equalTokens", result.equalTokens());
            JsonFile.put(node, "firstDifferenceMedian", result.firstDifference(0.5));
            JsonFile.put(node, "leadMedian", result.margin(0.5));
            JsonFile.put(node, "leadLargest", result.margin(1));
            node.put("positions", result.positions());
            node.put("sameBest", result.sameBest());
            JsonFile.put(node, "logprobDifferenceMean", result.mean(Distance::mean));
            JsonFile.put(node, "logprobDifferenceLargest", result.max(Distance::largest));
            JsonFile.put(node, "klMean", result.mean(Distance::kl));
            JsonFile.put(node, "klLargest", result.max(Distance::kl));
            ArrayNode prompts = node.putArray("prompts");
            for (PromptResult prompt : result.prompts()) {
                ObjectNode each = prompts.addObject();
                if (prompt.isSame()) {
                    each.putNull("firstDifference");
                } else {
                    each.put("firstDifference", prompt.firstDifference());
                }
                each.put("equalTokens", prompt.equalTokens());
                JsonFile.put(each, "lead", prompt.margin());
            }
        }
        return array;
    }
}
