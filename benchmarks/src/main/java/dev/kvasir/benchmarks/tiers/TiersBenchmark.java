package dev.kvasir.benchmarks.tiers;

import dev.kvasir.pool.Tier;
import dev.kvasir.runner.ModelRunner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/** Times everything there is to time about tiers, over one model. */
final class TiersBenchmark {
    private static final String FIRST_TOKEN = "first token behind ";

    /**
     * What is timed.
     *
     * @param prefixTokens of the prompt whose first token is awaited
     * @param matchTokens of the prompt that is matched
     * @param runs how often
     * @param belowBytes size of the tier below the device
     * @param ioThreads that copy
     * @param seed of the prompts
     */
    record Plan(int prefixTokens, int matchTokens, int runs, long belowBytes, int ioThreads, long seed) {}

    private final ModelRunner runner;
    private final Plan plan;
    private final Path folder;
    private final Consumer<String> progress;

    TiersBenchmark(ModelRunner runner, Plan plan, Path folder, Consumer<String> progress) {
        this.runner = runner;
        this.plan = plan;
        this.folder = folder;
        this.progress = progress;
    }

    /** Times it all; what the file system can't do is said and left out. */
    List<Figure> run() throws IOException, InterruptedException {
        List<Figure> figures = new ArrayList<>();
        List<Figure> waits = new ArrayList<>(); // for first tokens: shown last
        ExecutorService threads = Executors.newFixedThreadPool(plan.ioThreads(), job -> {
            Thread thread = new Thread(job, "copier");
            thread.setDaemon(true);
            return thread;
        });
        try {
            PlainCopies plain = new PlainCopies(runner.kvLayout(), runner.kvStorage(), threads, plan.runs());
            figures.addAll(plain.memory());
            try {
                figures.addAll(plain.disk(folder));
            } catch (IOException e) {
                progress.accept("the disk's own rate is left out: " + e.getMessage());
            }
            for (Below below : Below.values()) {
                progress.accept(below.title());
                try (BenchPool bench = new BenchPool(runner, below, plan.belowBytes(), folder, threads)) {
                    measure(bench, below, figures, waits);
                } catch (IOException e) {
                    progress.accept(below.title() + " is left out: " + e.getMessage());
                }
            }
        } finally {
            threads.shutdown(); // not interrupted: that would close a file under its readers
        }
        figures.addAll(waits);
        return figures;
    }

    private void measure(BenchPool bench, Below below, List<Figure> figures, List<Figure> waits)
            throws InterruptedException {
        SplittableRandom random = new SplittableRandom(plan.seed());
        PoolCopies copies = new PoolCopies(bench, random, runner.config().vocab(), plan.runs());
        if (below == Below.HOST) {
            figures.addAll(copies.books(plan.matchTokens()));
        }
        figures.addAll(copies.copies(below));
        String group = FIRST_TOKEN + plan.prefixTokens() + " tokens";
        try (FirstToken first = new FirstToken(runner, bench, plan.prefixTokens(), random)) {
            if (below == Below.HOST) {
                waits.add(Figure.of(group, "computed", 0, first.computed(plan.runs())));
                waits.add(Figure.of(group, "from the device", 0, first.from(Tier.DEVICE, plan.runs())));
            }
            List<Long> nanos = first.from(below.tier(), plan.runs());
            if (nanos.isEmpty()) {
                progress.accept(
                        "first tokens from " + below.title() + " are left out: the pool found computing quicker");
            } else {
                waits.add(Figure.of(group, "from the " + below.title(), 0, nanos));
            }
        }
        bench.pool().checkInvariants();
    }
}
