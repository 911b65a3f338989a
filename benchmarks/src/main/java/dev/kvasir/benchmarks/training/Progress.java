package dev.kvasir.benchmarks.training;

import dev.kvasir.benchmarks.training.Example.Reply;
import dev.kvasir.benchmarks.training.corpus.Hint.Kind;
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

    private static final String HINT = "hint ";

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
        addHints(batch, outcome);
    }

    private void addHints(Batch batch, TorchTrainer.Outcome outcome) {
        int width = batch.hintWidth();
        int at = outcome.losses().length - width * Kind.values().length;
        for (Kind kind : Kind.values()) {
            int count = batch.hints(kind);
            if (count > 0) {
                Sums sums = tasks.computeIfAbsent(HINT + kind.name().toLowerCase(Locale.ROOT), task -> new Sums());
                for (int i = at; i < at + count; i++) {
                    sums.loss += outcome.losses()[i];
                    sums.exact += outcome.right()[i] ? 1 : 0;
                }
                sums.tokens += count;
                sums.replies += count;
            }
            at += width;
        }
    }

    /** Returns the mean loss per token of all replies. */
    double loss() {
        double loss = 0;
        int tokens = 0;
        for (Map.Entry<String, Sums> task : tasks.entrySet()) {
            if (!task.getKey().startsWith(HINT)) {
                loss += task.getValue().loss;
                tokens += task.getValue().tokens;
            }
        }
        return loss / tokens;
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
