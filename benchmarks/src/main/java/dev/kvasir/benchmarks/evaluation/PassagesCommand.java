package dev.kvasir.benchmarks.evaluation;

import dev.kvasir.benchmarks.evaluation.PassageModel.Verdict;
import dev.kvasir.benchmarks.report.JsonFile;
import dev.kvasir.benchmarks.report.TextTable;
import dev.kvasir.runner.ModelLoadException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvasir evaluate passages}: how much answers need that passages attend to each other. */
@Command(
        name = "passages",
        description =
                "Asks a model in this process the same questions three times: passages see everything before them; their own"
                        + " passage and what stands before the first one; their own passage alone, as if each had been computed by itself."
                        + " Question and answer see everything, positions stay as they are. Plain Java, for models of a few million"
                        + " parameters.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class PassagesCommand implements Callable<Integer> {
    private static final double NANOS_PER_SECOND = 1e9;

    private final QuestionSets questionSets;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "A Hugging Face model directory.")
    @SuppressWarnings("NullAway.Init") // required
    private Path model;

    @Mixin
    private final QuestionOptions options = new QuestionOptions();

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute (default: all cores).")
    private @Nullable Integer threads;

    /** A command that asks the standard questions. */
    public PassagesCommand() {
        this(QuestionSets.standard());
    }

    PassagesCommand(QuestionSets questionSets) {
        this.questionSets = questionSets;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        try {
            options.check();
            if (threads != null && threads < 1) {
                throw new IllegalArgumentException("--threads must be at least 1");
            }
            run(questionSets.named(options.sets));
            return 0;
        } catch (IllegalArgumentException | ModelLoadException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }

    private void run(List<QuestionSet> sets) throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        List<PassageResult> results = new ArrayList<>();
        long startNanos = System.nanoTime();
        try (PassageModel loaded = new PassageModel(model)) {
            for (QuestionSet set : sets) {
                List<Question> questions = QuestionSets.draw(set, options.seed, options.questions);
                if (questions.stream().anyMatch(Question::hasPassages)) {
                    results.addAll(judge(loaded, set.name(), questions));
                } else if (!options.sets.isEmpty()) {
                    throw new IllegalArgumentException("--set " + set.name() + " has no passages");
                }
            }
        }
        double seconds = (System.nanoTime() - startNanos) / NANOS_PER_SECOND;
        out.println(model + "; " + options.questions + " questions of each set, seed " + options.seed + ", "
                + TextTable.number(seconds, 1) + " s");
        out.print(PassageReport.text(results, options.showWrong));
        out.flush();
        if (options.json != null) {
            JsonFile.write(options.json, PassageReport.json(model.toString(), options.seed, results, seconds));
        }
    }

    private List<PassageResult> judge(PassageModel loaded, String set, List<Question> questions)
            throws InterruptedException {
        int cores = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        List<TokenisedQuestion> tokenised =
                questions.stream().map(loaded::tokenise).toList();
        List<PassageResult> results = new ArrayList<>();
        for (PassageAttention attention : PassageAttention.values()) {
            spec.commandLine().getErr().println("asking " + set + ", passages see " + attention.title());
            List<Verdict> verdicts = Parallel.map(tokenised, cores, question -> loaded.judge(question, attention));
            results.add(new PassageResult(set, attention, questions, verdicts));
        }
        return results;
    }
}
