package dev.kvasir.benchmarks.evaluation;

import dev.kvasir.benchmarks.client.JsonClient;
import dev.kvasir.benchmarks.client.ServerOptions;
import dev.kvasir.benchmarks.report.JsonFile;
import dev.kvasir.engine.Subcommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvasir evaluate}: how many questions a served model answers right. */
@Command(
        name = "evaluate",
        description = {
            "Asks a model behind an OpenAI-compatible server, this one or another, questions that were held out of"
                    + " kvasir-mini's training, and counts the replies that are exactly right.",
            "The exit code is 0 if every question was answered, right or wrong."
        },
        subcommands = PassagesCommand.class,
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class EvaluateCommand implements Subcommand {
    private static final int EXIT_UNANSWERED = 1;
    private static final int EXIT_UNUSABLE = 2;
    private static final Duration TIMEOUT = Duration.ofSeconds(120);

    private final QuestionSets questionSets;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Mixin
    private final QuestionOptions options = new QuestionOptions();

    @Option(
            names = "--concurrency",
            paramLabel = "C",
            defaultValue = "4",
            description = "Questions asked at once (default: ${DEFAULT-VALUE}).")
    private int concurrency;

    /** A command that asks the standard questions. */
    public EvaluateCommand() {
        this(QuestionSets.standard());
    }

    EvaluateCommand(QuestionSets questionSets) {
        this.questionSets = questionSets;
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        try {
            return run();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        } catch (ConnectException e) {
            err.println("kvasir: nobody answers at the server's address; is it running?");
            return EXIT_UNUSABLE;
        } catch (IOException e) {
            err.println("kvasir: " + (e.getMessage() == null ? e : e.getMessage()));
            return EXIT_UNUSABLE;
        }
    }

    private int run() throws IOException, InterruptedException {
        options.check();
        if (concurrency < 1) {
            throw new IllegalArgumentException("--concurrency must be at least 1");
        }
        List<QuestionSet> sets = questionSets.named(options.sets);
        JsonClient client = new JsonClient(ServerOptions.http(), server.address(), server.apiKey(), TIMEOUT);
        // Asked even where the name is known: a server that isn't there is said once, not once for each question.
        client.ask("/v1/models", null);
        String model = server.model(client);
        PrintWriter out = spec.commandLine().getOut();
        out.println(server.address() + ", model " + model + "; " + options.questions + " questions of each set, seed "
                + options.seed + ", " + concurrency + " at once");
        out.flush();

        List<SetResult> results = ask(sets, new ChatAnswers(client, model));
        out.print(EvaluationReport.text(results, options.showWrong));
        out.flush();
        if (options.json != null) {
            JsonFile.write(
                    options.json, EvaluationReport.json(server.address(), model, options.seed, concurrency, results));
        }
        return results.stream().anyMatch(result -> result.errors() > 0) ? EXIT_UNANSWERED : 0;
    }

    private List<SetResult> ask(List<QuestionSet> sets, ChatAnswers server) throws InterruptedException {
        List<SetResult> results = new ArrayList<>();
        for (QuestionSet set : sets) {
            spec.commandLine().getErr().println("asking " + set.name());
            List<Question> questions = QuestionSets.draw(set, options.seed, options.questions);
            long startNanos = System.nanoTime();
            List<Answer> answers = Parallel.map(questions, concurrency, server::answer);
            results.add(new SetResult(set.name(), answers, System.nanoTime() - startNanos));
        }
        return results;
    }
}
