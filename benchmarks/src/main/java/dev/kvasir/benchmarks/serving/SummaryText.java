package dev.kvasir.benchmarks.serving;

import static dev.kvasir.benchmarks.report.TextTable.number;

import dev.kvasir.benchmarks.report.TextTable;
import dev.kvasir.benchmarks.serving.Latencies.Stats;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Shows a {@link Summary} to people. */
final class SummaryText {
    /** A generator that sends later than this has become part of what it measures. */
    private static final double LATE_MS = 10;

    private SummaryText() {}

    /** Returns the tables and what has to be said about them. */
    static String of(Summary summary, @Nullable Goodput goodput) {
        return counts(summary, goodput) + "\n" + latencies(summary) + "\n" + remarks(summary);
    }

    private static String counts(Summary summary, @Nullable Goodput goodput) {
        Summary.Tokens tokens = summary.tokens();
        TextTable table = new TextTable("", "count", "per second")
                .row("completed requests", count(summary.completed()), number(summary.requestsPerSecond(), 3))
                .row("prompt tokens", count(tokens.prompt()), number(tokens.prompt() / summary.seconds(), 1))
                .row("  of these cached", tokens.isCacheReported() ? count(tokens.cached()) : "not reported", "")
                .row("output tokens", count(tokens.output()), number(summary.outputTokensPerSecond(), 1))
                .row("all tokens", count(tokens.prompt() + tokens.output()), number(summary.totalTokensPerSecond(), 1));
        if (goodput != null && summary.hasGoodput()) {
            table.row("goodput", count(summary.good()), number(summary.goodPerSecond(), 3));
        }
        return table.row("failed requests", count(summary.failed()), "")
                .row("duration, s", number(summary.seconds(), 2), "")
                .row("mean concurrency", number(summary.meanConcurrency(), 2), "")
                .toString();
    }

    private static String latencies(Summary summary) {
        TextTable table = new TextTable("milliseconds", "mean", "p50", "p90", "p99", "max", "of");
        row(table, "TTFT", summary.ttft());
        row(table, "TPOT", summary.tpot());
        row(table, "ITL", summary.itl());
        row(table, "E2E", summary.e2e());
        row(table, "sent late by", summary.late());
        return table.toString();
    }

    private static void row(TextTable table, String name, Stats stats) {
        table.row(
                name,
                number(stats.meanMs(), 2),
                number(stats.p50Ms(), 2),
                number(stats.p90Ms(), 2),
                number(stats.p99Ms(), 2),
                number(stats.maxMs(), 2),
                count(stats.count()));
    }

    private static String remarks(Summary summary) {
        StringBuilder text = new StringBuilder();
        summary.failures().forEach((kind, failures) -> {
            if (!kind.equals(RequestResult.CANCELLED)) {
                text.append(kind)
                        .append(": ")
                        .append(failures.count())
                        .append(" requests; the first said: ")
                        .append(failures.example())
                        .append('\n');
            }
        });
        if (summary.withoutUsage() > 0) {
            text.append("The server reported no usage for ")
                    .append(summary.withoutUsage())
                    .append(" requests: their chunks were counted as tokens and their prompts not at all.\n");
        }
        if (summary.withoutText() > 0) {
            text.append(summary.withoutText()).append(" answers had no text; they have no TTFT, TPOT or ITL.\n");
        }
        Summary.Tokens tokens = summary.tokens();
        if (tokens.chunks() > 0 && tokens.output() > tokens.chunks()) {
            text.append(String.format(
                    Locale.ROOT,
                    "A chunk carried %.2f tokens on average; ITL is the gap between chunks.%n",
                    (double) tokens.output() / tokens.chunks()));
        }
        if (summary.late().p99Ms() > LATE_MS) {
            text.append(
                    "The generator was late: it competes with the server for this machine, or the rate is more than it"
                            + " can send. Latencies count from when requests were due, so they include this.\n");
        }
        return text.toString();
    }

    private static String count(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
