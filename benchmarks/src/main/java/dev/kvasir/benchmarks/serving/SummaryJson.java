package dev.kvasir.benchmarks.serving;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.report.JsonFile;
import dev.kvasir.benchmarks.serving.Latencies.Stats;
import java.util.List;

/** Writes a {@link Summary}, and each request, as JSON. Times are milliseconds unless a name says otherwise. */
final class SummaryJson {
    private SummaryJson() {}

    /** Returns the summary. */
    static ObjectNode of(Summary summary) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("durationSeconds", summary.seconds());
        json.put("completed", summary.completed());
        json.put("failed", summary.failed());
        json.put("cancelled", summary.cancelled());
        json.put("withoutText", summary.withoutText());
        json.put("withoutUsage", summary.withoutUsage());
        ObjectNode failures = json.putObject("failures");
        summary.failures().forEach((kind, of) -> failures.put(kind, of.count()));
        json.put("promptTokens", summary.tokens().prompt());
        json.put("outputTokens", summary.tokens().output());
        json.put("chunks", summary.tokens().chunks());
        if (summary.tokens().isCacheReported()) {
            json.put("cachedTokens", summary.tokens().cached());
        } else {
            json.putNull("cachedTokens");
        }
        JsonFile.put(json, "requestsPerSecond", summary.requestsPerSecond());
        JsonFile.put(json, "outputTokensPerSecond", summary.outputTokensPerSecond());
        JsonFile.put(json, "totalTokensPerSecond", summary.totalTokensPerSecond());
        json.put("meanConcurrency", summary.meanConcurrency());
        if (summary.hasGoodput()) {
            json.put("good", summary.good());
            JsonFile.put(json, "goodPerSecond", summary.goodPerSecond());
        }
        json.set("ttftMs", stats(summary.ttft()));
        json.set("tpotMs", stats(summary.tpot()));
        json.set("itlMs", stats(summary.itl()));
        json.set("e2eMs", stats(summary.e2e()));
        json.set("lateMs", stats(summary.late()));
        return json;
    }

    /** Returns one object per request, times relative to the start of the run. */
    static ArrayNode requests(List<RequestResult> results, long startNanos) {
        ArrayNode json = JsonNodeFactory.instance.arrayNode(results.size());
        for (RequestResult result : results) {
            ObjectNode request = json.addObject();
            request.put("index", result.index());
            request.put("dueMs", millis(result.dueNanos() - startNanos));
            request.put("lateMs", millis(result.lateNanos()));
            if (result.failure() != null) {
                request.put("failure", result.failure());
                continue;
            }
            if (result.hasText()) {
                request.put("ttftMs", millis(result.ttftNanos()));
            }
            if (result.hasTpot()) {
                request.put("tpotMs", millis(result.tpotNanos()));
            }
            request.put("e2eMs", millis(result.e2eNanos()));
            request.put("promptTokens", result.usage().promptTokens());
            request.put("outputTokens", result.usage().outputTokens());
            if (result.usage().cachedTokens() != TokenUsage.UNKNOWN) {
                request.put("cachedTokens", result.usage().cachedTokens());
            }
        }
        return json;
    }

    private static ObjectNode stats(Stats stats) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("count", stats.count());
        JsonFile.put(json, "mean", stats.meanMs());
        JsonFile.put(json, "p50", stats.p50Ms());
        JsonFile.put(json, "p90", stats.p90Ms());
        JsonFile.put(json, "p99", stats.p99Ms());
        JsonFile.put(json, "max", stats.maxMs());
        return json;
    }

    private static double millis(long nanos) {
        return nanos / 1e6;
    }
}
