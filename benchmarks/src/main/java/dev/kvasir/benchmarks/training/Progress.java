package dev.kvasir.benchmarks.training;

import dev.kvasir.benchmarks.training.Example.Reply;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Loss and exact replies since the last line of the log, by task. */
final class Progress {
    private static final class Sums {
        private double loss;
        private int tokens;
        private int replies;
        private int exact;
    }

    private final Map<String, Sums> tasks = new TreeMap<>();

    void add(Batch batch, TorchTrainer.Outcome outcome) {
        int at = 0;
        for (Example example : batch.examples()) {
            Sums sums = tasks.computeIfAbsent(example.task(), task -> new Sums());
            for (Reply reply : example.replies()) {
                boolean exact = true;
                for (int i = 0; i < reply.length(); i++, at++) {
                    sums.loss += outcome.losses()[at];
                    exact &= outcome.right()[at];
                }
                sums.tokens += reply.length();
                sums.replies++;
                sums.exact += exact ? 1 : 0;
            }
        }
    }

    /** Returns the mean loss per token of everything. */
    double loss() {
        double loss = tasks.values().stream().mapToDouble(sums -> sums.loss).sum();
        return loss / tasks.values().stream().mapToInt(sums -> sums.tokens).sum();
    }

    /** Returns lines {@code prefix,task,loss,exact,replies} and begins anew. */
    String take(String prefix) {
        StringBuilder lines = new StringBuilder();
        tasks.forEach((task, sums) -> lines.append(String.format(
                Locale.ROOT,
                "%s,%s,%.4f,%.4f,%d%n",
                prefix,
                task,
                sums.loss / sums.tokens,
                (double) sums.exact / sums.replies,
                sums.replies)));
        tasks.clear();
        return lines.toString();
    }
}
