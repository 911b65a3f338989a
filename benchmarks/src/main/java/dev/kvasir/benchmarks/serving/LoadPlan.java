package dev.kvasir.benchmarks.serving;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.Locale;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A serving load, checked: what {@link LoadOptions} mean.
 *
 * @param server where the server is, without {@code /v1} or a slash at the end
 * @param endpoint which route
 * @param limit when to stop sending
 * @param rate requests a second of an open loop; null for a closed one
 * @param concurrency requests in flight of a closed loop; without meaning in an open one
 * @param seed seed of arrivals and sampling
 * @param promptSeed seed of the prompts
 * @param shape lengths of the prompts
 * @param outputTokens tokens of each answer
 * @param ignoreEos whether answers go on past the end token
 * @param temperature sampling temperature
 * @param warmup requests sent before the measurement
 * @param goodput targets, if any
 * @param timeout longest that an answer may take
 */
record LoadPlan(
        String server,
        Endpoint endpoint,
        LoadLimit limit,
        @Nullable Double rate,
        int concurrency,
        long seed,
        long promptSeed,
        PromptShape shape,
        int outputTokens,
        boolean ignoreEos,
        double temperature,
        int warmup,
        @Nullable Goodput goodput,
        Duration timeout) {
    private static final int DEFAULT_REQUESTS = 100;
    private static final double NANOS_PER_SECOND = 1e9;

    /**
     * Checks the options.
     *
     * @param nonce mixed into the prompts' seed unless the options ask for repeatable prompts
     * @throws IllegalArgumentException saying which option is wrong
     */
    static LoadPlan of(LoadOptions options, long nonce) {
        require(options.rate == null || options.concurrency == null, "--rate and --concurrency exclude each other");
        require(options.rate == null || options.rate > 0, "--rate must be positive");
        require(options.concurrency == null || options.concurrency > 0, "--concurrency must be at least 1");
        require(options.requests == null || options.requests > 0, "--requests must be at least 1");
        require(options.durationSeconds == null || options.durationSeconds > 0, "--duration must be positive");
        require(options.timeoutSeconds > 0, "--timeout must be positive");
        require(options.outputTokens > 0, "--output-tokens must be at least 1");
        require(options.temperature >= 0, "--temperature must not be negative");
        require(options.warmup >= 0, "--warmup must not be negative");
        require(
                !options.tokenIds || options.endpoint == Endpoint.COMPLETIONS,
                "--token-ids needs --endpoint completions: a chat message is text");
        require(options.vocab == null || options.tokenIds, "--vocab means nothing without --token-ids");
        require(options.vocab == null || options.vocab >= 16, "--vocab must be at least 16");
        return new LoadPlan(
                options.server.address(),
                options.endpoint,
                limit(options.requests, options.durationSeconds),
                options.rate,
                options.concurrency == null ? 1 : options.concurrency,
                options.seed,
                options.repeatable ? options.seed : new SplittableRandom(options.seed ^ nonce).nextLong(),
                new PromptShape(options.inputTokens, options.sharedPrefixTokens, options.prefixGroups),
                options.outputTokens,
                !options.noIgnoreEos,
                options.temperature,
                options.warmup,
                options.goodput == null ? null : Goodput.parse(options.goodput),
                Duration.ofNanos((long) (options.timeoutSeconds * NANOS_PER_SECOND)));
    }

    /** Returns the pace of the measured run, starting now. */
    Pace pace(LoadClock clock) {
        return rate == null
                ? new ClosedLoop(concurrency, clock)
                : new OpenLoop(rate, new SplittableRandom(seed), clock);
    }

    /** Returns the load in one line. */
    String describe() {
        return (rate == null ? "closed loop of " + concurrency : "open loop of " + rate + " requests/s, Poisson")
                + "; prompts of " + shape.inputTokens() + " tokens"
                + (shape.sharedPrefixTokens() == 0
                        ? ""
                        : " behind a shared prefix of " + shape.sharedPrefixTokens() + " in " + shape.prefixGroups()
                                + " groups")
                + ", answers of " + outputTokens + (ignoreEos ? "" : " at most") + "; seed " + seed
                + (promptSeed == seed ? ", repeatable" : "");
    }

    /** Returns the load as JSON. Holds no secret. */
    ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("server", server).put("endpoint", endpoint.name().toLowerCase(Locale.ROOT));
        if (rate == null) {
            json.put("concurrency", concurrency);
        } else {
            json.put("rate", rate);
        }
        json.put("seed", seed).put("promptSeed", promptSeed);
        json.put("inputTokens", shape.inputTokens())
                .put("sharedPrefixTokens", shape.sharedPrefixTokens())
                .put("prefixGroups", shape.prefixGroups());
        json.put("outputTokens", outputTokens).put("ignoreEos", ignoreEos).put("temperature", temperature);
        json.put("warmup", warmup).put("goodput", goodput == null ? null : goodput.toString());
        return json;
    }

    private static LoadLimit limit(@Nullable Integer requests, @Nullable Double seconds) {
        if (seconds == null) {
            return LoadLimit.ofRequests(requests == null ? DEFAULT_REQUESTS : requests);
        }
        long nanos = (long) (seconds * NANOS_PER_SECOND);
        return new LoadLimit(requests == null ? Integer.MAX_VALUE : requests, nanos);
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
