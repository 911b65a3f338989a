package dev.kvasir.benchmarks.tiers;

import static dev.kvasir.benchmarks.report.TextTable.number;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.report.TextTable;
import java.util.List;

/** Shows figures to people and to programs. */
final class TiersReport {
    private static final double NANOS_PER_MICRO = 1e3;

    private TiersReport() {}

    /** Returns a table in microseconds. */
    static String text(List<Figure> figures) {
        TextTable table = new TextTable("", "what", "times", "lower quartile, us", "median, us", "upper, us", "GB/s");
        String group = "";
        for (Figure figure : figures) {
            Times times = figure.times();
            table.row(
                    figure.group().equals(group) ? "" : figure.group(),
                    figure.name(),
                    Integer.toString(times.count()),
                    number(times.lower() / NANOS_PER_MICRO, 1),
                    number(times.median() / NANOS_PER_MICRO, 1),
                    number(times.upper() / NANOS_PER_MICRO, 1),
                    figure.isRate() ? number(figure.gigabytesPerSecond(), 2) : "");
            group = figure.group();
        }
        return table.toString();
    }

    /** Returns the same in nanoseconds. */
    static ArrayNode json(List<Figure> figures) {
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        for (Figure figure : figures) {
            Times times = figure.times();
            ObjectNode node = json.addObject()
                    .put("group", figure.group())
                    .put("name", figure.name())
                    .put("bytes", figure.bytes())
                    .put("times", times.count())
                    .put("lowerNanos", times.lower())
                    .put("medianNanos", times.median())
                    .put("upperNanos", times.upper());
            if (figure.isRate()) {
                node.put("gigabytesPerSecond", figure.gigabytesPerSecond());
            }
        }
        return json;
    }
}
