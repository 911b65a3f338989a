package dev.kvasir.benchmarks.serving;

import dev.kvasir.benchmarks.client.ServerOptions;
import dev.kvasir.benchmarks.options.EnumConverter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of a serving load, as they stand on the command line. */
public final class LoadOptions {
    @Mixin
    ServerOptions server = new ServerOptions();

    @Option(
            names = "--endpoint",
            paramLabel = "chat|completions",
            defaultValue = "completions",
            converter = EndpointConverter.class,
            description = "Which route to load (default: ${DEFAULT-VALUE}).")
    Endpoint endpoint = Endpoint.COMPLETIONS;

    @Option(
            names = "--requests",
            paramLabel = "N",
            description = "Send so many requests (default: 100, unless --duration is given).")
    @Nullable
    Integer requests;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            description = "Send for so long; answers that are still coming then are waited for and count.")
    @Nullable
    Double durationSeconds;

    @Option(
            names = "--rate",
            paramLabel = "R",
            description = "Open loop: R requests a second on average, Poisson arrivals, whatever the server does.")
    @Nullable
    Double rate;

    @Option(
            names = "--concurrency",
            paramLabel = "C",
            description = "Closed loop: always C requests in flight (default: 1, unless --rate is given).")
    @Nullable
    Integer concurrency;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Seed of arrivals, prompts and sampling (default: ${DEFAULT-VALUE}). The prompts are mixed with a number"
                            + " that is new in each run, since a server that has seen a prompt answers from its prefix cache and"
                            + " the second run would look better than the first; see --repeatable.")
    long seed;

    @Option(
            names = "--repeatable",
            description = "The same seed gives the same prompts, and so prefix hits on a server that has seen them.")
    boolean repeatable;

    @Option(
            names = "--input-tokens",
            paramLabel = "N",
            defaultValue = "512",
            description = "Tokens of each prompt, a shared prefix not counted (default: ${DEFAULT-VALUE}).")
    int inputTokens;

    @Option(
            names = "--output-tokens",
            paramLabel = "N",
            defaultValue = "128",
            description = "Tokens of each answer (default: ${DEFAULT-VALUE}).")
    int outputTokens;

    @Option(
            names = "--no-ignore-eos",
            description = "Don't send ignore_eos, for servers that don't know it; answers may then be shorter.")
    boolean noIgnoreEos;

    @Option(
            names = "--shared-prefix-tokens",
            paramLabel = "N",
            defaultValue = "0",
            description = "Tokens before each prompt that its group has in common (default: ${DEFAULT-VALUE}).")
    int sharedPrefixTokens;

    @Option(
            names = "--prefix-groups",
            paramLabel = "N",
            defaultValue = "1",
            description = "How many different shared prefixes (default: ${DEFAULT-VALUE}).")
    int prefixGroups;

    @Option(
            names = "--token-ids",
            description = "Send prompts as token ids, so that their lengths are exact; completions only.")
    boolean tokenIds;

    @Option(
            names = "--vocab",
            paramLabel = "N",
            description =
                    "With --token-ids: draw ids below N (default: ids that the server's /tokenize gives for plain words).")
    @Nullable
    Integer vocab;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0",
            description = "Sampling temperature (default: ${DEFAULT-VALUE}).")
    double temperature;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Requests sent before the measurement, with prompts and prefixes of their own (default: ${DEFAULT-VALUE}).")
    int warmup;

    @Option(
            names = "--goodput",
            paramLabel = "TARGETS",
            description = "Count requests within targets in milliseconds, as in ttft:500,tpot:50,e2e:9000.")
    @Nullable
    String goodput;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "Give up an answer after so long (default: ${DEFAULT-VALUE}).")
    double timeoutSeconds;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the results, each request's too, as JSON.")
    @Nullable
    Path json;

    private static final class EndpointConverter extends EnumConverter<Endpoint> {
        private EndpointConverter() {
            super(Endpoint.class);
        }
    }
}
