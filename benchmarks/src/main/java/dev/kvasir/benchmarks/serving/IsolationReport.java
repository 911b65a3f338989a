package dev.kvasir.benchmarks.serving;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.report.TextTable;
import dev.kvasir.benchmarks.serving.Isolation.Asked;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.math3.stat.StatUtils;
import org.apache.commons.math3.stat.inference.KolmogorovSmirnovTest;
import org.apache.commons.math3.stat.inference.MannWhitneyUTest;

/**
 * Times to first token by who had asked before, and whether they can be told apart.
 *
 * @param millis times, in the order in which they were measured
 * @param cachedTokens tokens that the server said it had, all requests of a kind together
 */
record IsolationReport(Map<Asked, List<Double>> millis, Map<Asked, Integer> cachedTokens) {
    /**
     * Two samples compared, two-sided.
     *
     * @param distance Kolmogorov and Smirnov's: largest difference of the distribution functions
     * @param pKolmogorovSmirnov chance of such a distance in samples of one distribution
     * @param pMannWhitney chance of such a difference in ranks, which sees a small shift of all times sooner
     */
    record Comparison(double distance, double pKolmogorovSmirnov, double pMannWhitney) {
        static Comparison of(double[] a, double[] b) {
            KolmogorovSmirnovTest test = new KolmogorovSmirnovTest();
            return new Comparison(
                    test.kolmogorovSmirnovStatistic(a, b),
                    test.kolmogorovSmirnovTest(a, b),
                    new MannWhitneyUTest().mannWhitneyUTest(a, b));
        }

        boolean differs(double alpha) {
            return pKolmogorovSmirnov < alpha || pMannWhitney < alpha;
        }
    }

    /** Compares what another has asked, or the measuring one itself, with what nobody has asked. */
    Comparison comparison(Asked kind) {
        return Comparison.of(times(kind), times(Asked.BY_NOBODY));
    }

    /** Returns whether another's prompts were like nobody's, and the own ones not. */
    boolean isIsolated(double alpha) {
        return cachedTokens.getOrDefault(Asked.BY_ANOTHER, 0) == 0
                && !comparison(Asked.BY_ANOTHER).differs(alpha)
                && comparison(Asked.BY_ITSELF).differs(alpha);
    }

    String text(double alpha) {
        TextTable table = new TextTable(
                "TTFT of prompts asked before",
                "requests",
                "cached tokens",
                "p25 ms",
                "median ms",
                "p75 ms",
                "D",
                "p (KS)",
                "p (MW)");
        for (Asked kind : Asked.values()) {
            double[] times = times(kind);
            boolean base = kind == Asked.BY_NOBODY;
            Comparison comparison = comparison(kind);
            table.row(
                    name(kind),
                    String.valueOf(times.length),
                    String.valueOf(cachedTokens.getOrDefault(kind, 0)),
                    TextTable.number(StatUtils.percentile(times, 25), 2),
                    TextTable.number(StatUtils.percentile(times, 50), 2),
                    TextTable.number(StatUtils.percentile(times, 75), 2),
                    base ? "-" : TextTable.number(comparison.distance(), 3),
                    base ? "-" : p(comparison.pKolmogorovSmirnov()),
                    base ? "-" : p(comparison.pMannWhitney()));
        }
        return table + verdict(alpha) + "\n";
    }

    private String verdict(double alpha) {
        if (!comparison(Asked.BY_ITSELF).differs(alpha)) {
            return "No verdict: not even the own cached prompts can be told from new ones.";
        }
        return isIsolated(alpha)
                ? "Isolated: what another has asked can't be told from what nobody has, at p < " + alpha + "."
                : "NOT isolated: what another has asked can be told from what nobody has, at p < " + alpha + ".";
    }

    ObjectNode toJson(double alpha) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("kind", "isolation");
        json.put("alpha", alpha).put("isolated", isIsolated(alpha));
        for (Asked kind : Asked.values()) {
            Comparison comparison = comparison(kind);
            ObjectNode of = json.putObject(name(kind))
                    .put("cachedTokens", cachedTokens.getOrDefault(kind, 0))
                    .put("medianMillis", StatUtils.percentile(times(kind), 50))
                    .put("distance", comparison.distance())
                    .put("pKolmogorovSmirnov", comparison.pKolmogorovSmirnov())
                    .put("pMannWhitney", comparison.pMannWhitney());
            ArrayNode times = of.putArray("ttftMillis");
            millis.getOrDefault(kind, List.of()).forEach(times::add);
        }
        return json;
    }

    private double[] times(Asked kind) {
        return millis.getOrDefault(kind, List.of()).stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    private static String name(Asked kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String p(double p) {
        return p < 0.0001 ? "<0.0001" : TextTable.number(p, 4);
    }
}
