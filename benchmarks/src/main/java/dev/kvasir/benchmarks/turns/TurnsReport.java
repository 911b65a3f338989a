package dev.kvasir.benchmarks.turns;

import static dev.kvasir.benchmarks.report.TextTable.number;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.report.TextTable;
import java.util.Locale;

/** Shows a summary to people and to programs. */
final class TurnsReport {
    private TurnsReport() {}

    /** Returns two tables: tokens, and times to the first token. */
    static String text(TurnsSummary summary) {
        TextTable tokens = new TextTable("prompt tokens", "count");
        tokens.row("of " + summary.turns() + " turns", count(summary.promptTokens()));
        summary.cachedByTier().forEach((tier, cached) -> tokens.row("  reused from " + tier, count(cached)));
        tokens.row("  computed", count(summary.computed()));
        tokens.row("  unavoidable", count(summary.unavoidable()));
        tokens.row("computed over unavoidable", number(summary.overUnavoidable(), 2) + " %");
        tokens.row("computed of what could be reused", number(summary.missedOfSavable(), 2) + " %");
        TextTable times = new TextTable("TTFT, ms; slowest tier", "turns", "median", "p99");
        summary.ttft()
                .forEach((tier, ttft) ->
                        times.row(tier, count(ttft.count()), number(ttft.medianMs(), 2), number(ttft.p99Ms(), 2)));
        return tokens + "\n" + times;
    }

    /** Returns the same as JSON. */
    static ObjectNode json(TurnsSummary summary) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("turns", summary.turns());
        node.put("promptTokens", summary.promptTokens());
        ObjectNode cached = node.putObject("cachedByTier");
        summary.cachedByTier().forEach(cached::put);
        node.put("computed", summary.computed());
        node.put("unavoidable", summary.unavoidable());
        node.put("overUnavoidablePercent", summary.overUnavoidable());
        node.put("missedOfSavablePercent", summary.missedOfSavable());
        ObjectNode times = node.putObject("ttftMs");
        summary.ttft().forEach((tier, ttft) -> times.putObject(tier)
                .put("turns", ttft.count())
                .put("median", ttft.medianMs())
                .put("p99", ttft.p99Ms()));
        return node;
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
