package dev.kvasir.benchmarks.eviction;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.report.JsonFile;
import dev.kvasir.benchmarks.report.TextTable;
import dev.kvasir.pool.eviction.EvictionPolicies;
import java.util.ArrayList;
import java.util.List;

/** Hit rates as a table in per cent, and as JSON from 0 to 1. */
final class EvictionReport {
    private EvictionReport() {}

    static String text(List<EvictionResult> results) {
        List<String> headings = new ArrayList<>(List.of("traffic, requests", "slots", "requests", "segments"));
        for (EvictionPolicies policy : EvictionPolicies.values()) {
            headings.add(policy + " %");
        }
        headings.add("none evicted %");
        TextTable table = new TextTable(headings.toArray(new String[0]));
        for (EvictionResult result : results) {
            List<String> cells = new ArrayList<>(List.of(
                    result.traffic() + ", " + result.group(),
                    TextTable.number(result.slots(), 0),
                    TextTable.number(result.requests(), 0),
                    TextTable.number(result.segments(), 0)));
            for (double rate : result.rates().values()) {
                cells.add(TextTable.number(100 * rate, 1));
            }
            cells.add(TextTable.number(100 * result.ceiling(), 1));
            table.row(cells.toArray(new String[0]));
        }
        return table.toString();
    }

    static ArrayNode json(List<EvictionResult> results) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (EvictionResult result : results) {
            ObjectNode node = array.addObject()
                    .put("traffic", result.traffic())
                    .put("slots", result.slots())
                    .put("group", result.group())
                    .put("requests", result.requests())
                    .put("segments", result.segments());
            ObjectNode rates = node.putObject("hitRates");
            result.rates().forEach((policy, rate) -> JsonFile.put(rates, policy.toString(), rate));
            JsonFile.put(rates, "noneEvicted", result.ceiling());
        }
        return array;
    }
}
