package dev.kvasir.benchmarks.jmh;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kvasir bench jmh}: the micro-benchmarks from the command line. */
@Command(
        name = "jmh",
        description =
                "Runs the JMH micro-benchmarks of pool, scheduler, disk tier, int8 codec, data plane and attention.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class JmhCommand implements Callable<Integer> {
    private static final String ALL = "dev\\.kvasir\\.benchmarks\\.jmh\\..*";

    @Parameters(
            arity = "0..1",
            paramLabel = "REGEX",
            defaultValue = ALL,
            description = "Which benchmarks, by part of their name (default: all).")
    private String pattern = ALL;

    @Option(
            names = "--smoke",
            description = "One short iteration of each, in this process: shows that they run, not how fast.")
    private boolean smoke;

    @Option(
            names = "--param",
            paramLabel = "NAME=VALUE[,VALUE]",
            description = "Run a parameter's values alone, of those benchmarks that have it.")
    private Map<String, String> parameters = Map.of();

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the results as JSON.")
    private @Nullable Path json;

    @Override
    public Integer call() throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder().include(pattern).shouldFailOnError(true);
        if (smoke) {
            options.forks(0).warmupIterations(0).measurementIterations(1).measurementTime(TimeValue.milliseconds(20));
        }
        parameters.forEach((name, values) -> options.param(name, values.split(",")));
        if (json != null) {
            options.result(json.toString()).resultFormat(ResultFormatType.JSON);
        }
        return new Runner(options.build()).run().isEmpty() ? 1 : 0;
    }
}
