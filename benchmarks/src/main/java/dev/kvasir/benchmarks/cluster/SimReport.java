package dev.kvasir.benchmarks.cluster;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.report.TextTable;
import java.util.List;

/** Results as a table in Markdown, and as JSON. */
final class SimReport {
    private static final double GIGA = 1e9;
    private static final String[] HEADINGS = {
        "memory %",
        "slots",
        "routing",
        "cache",
        "hit %",
        "remote %",
        "CV %",
        "duplicates %",
        "left",
        "replicas %",
        "query GB",
        "fetch GB",
        "put GB",
        "move GB",
        "replicate GB"
    };
    private static final int TEXT_COLUMNS = 4; // of these the third and fourth are text

    private SimReport() {}

    /** Returns a table of lines of one workload. */
    static String markdown(List<SimRow> rows) {
        StringBuilder text = new StringBuilder("| " + String.join(" | ", HEADINGS) + " |\n|");
        for (int i = 0; i < HEADINGS.length; i++) {
            text.append(i == 2 || i == TEXT_COLUMNS - 1 ? "---|" : "--:|");
        }
        text.append('\n');
        for (SimRow row : rows) {
            text.append("| ").append(String.join(" | ", cells(row))).append(" |\n");
        }
        return text.toString();
    }

    private static List<String> cells(SimRow row) {
        SimCounts counts = row.counts();
        return List.of(
                TextTable.number(row.percent(), 0),
                TextTable.number(row.slots(), 0),
                row.routing(),
                row.cache(),
                percent(counts.hitRate()),
                percent(counts.remoteRate()),
                percent(counts.variation()),
                percent(counts.duplicateShare()),
                TextTable.number(counts.duplicatesLeft, 0),
                percent(counts.replicaShare()),
                gigabytes(counts.queryBytes),
                gigabytes(counts.fetchBytes),
                gigabytes(counts.putBytes),
                gigabytes(counts.moveBytes),
                gigabytes(counts.replicateBytes));
    }

    static ArrayNode json(List<SimRow> rows) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (SimRow row : rows) {
            SimCounts counts = row.counts();
            ObjectNode node = array.addObject()
                    .put("workload", row.workload())
                    .put("percent", row.percent())
                    .put("slots", row.slots())
                    .put("routing", row.routing())
                    .put("cache", row.cache())
                    .put("requests", counts.requests)
                    .put("promptTokens", counts.promptTokens)
                    .put("hitTokens", counts.hitTokens)
                    .put("remoteTokens", counts.remoteTokens)
                    .put("variation", counts.variation())
                    .put("duplicateShare", counts.duplicateShare())
                    .put("duplicatesLeft", counts.duplicatesLeft)
                    .put("replicaShare", counts.replicaShare())
                    .put("segmentsNotKept", counts.notKept);
            node.putObject("plans")
                    .put("query", counts.queryPlans)
                    .put("fetch", counts.fetchPlans)
                    .put("noRoom", counts.noRoomPlans);
            node.putObject("bytes")
                    .put("query", counts.queryBytes)
                    .put("fetch", counts.fetchBytes)
                    .put("put", counts.putBytes)
                    .put("move", counts.moveBytes)
                    .put("replicate", counts.replicateBytes);
        }
        return array;
    }

    private static String percent(double share) {
        return TextTable.number(100 * share, 1);
    }

    private static String gigabytes(long bytes) {
        return TextTable.number(bytes / GIGA, 2);
    }
}
