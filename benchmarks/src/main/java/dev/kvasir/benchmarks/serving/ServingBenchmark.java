package dev.kvasir.benchmarks.serving;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.client.JsonClient;
import dev.kvasir.benchmarks.client.ServerOptions;
import dev.kvasir.benchmarks.report.JsonFile;
import dev.kvasir.benchmarks.report.Machine;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.http.HttpClient;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** One serving benchmark from the command line's options to the report: probe the server, warm up, measure, report. */
public final class ServingBenchmark {
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(60);
    /** Long enough to know the tokenizer's rate within a percent or two. */
    private static final int CALIBRATION_WORDS = 400;
    /** Keeps warm-up prompts apart from measured ones: no measured prompt is cached by the warm-up. */
    private static final long WARMUP_STREAM = 0x7761_726D_7570_0001L;

    private final LoadOptions options;
    private final LoadPlan plan;
    private final LoadClock clock;
    private final PrintWriter out;
    private final HttpClient http;

    private volatile boolean interrupted;
    private volatile @Nullable LoadGenerator current;

    /**
     * A benchmark.
     *
     * @param out where the report goes
     * @throws IllegalArgumentException if the options make no sense; the message names the option
     */
    public ServingBenchmark(LoadOptions options, PrintWriter out) {
        this(options, LoadPlan.of(options, new SecureRandom().nextLong()), LoadClock.system(), out);
    }

    ServingBenchmark(LoadOptions options, LoadPlan plan, LoadClock clock, PrintWriter out) {
        this.options = options;
        this.plan = plan;
        this.clock = clock;
        this.out = out;
        this.http = ServerOptions.http();
    }

    /**
     * Runs.
     *
     * @return the exit code: 0 if there were answers and none failed
     * @throws IOException if the server can't be reached, or doesn't answer what has to be known
     */
    public int run() throws IOException, InterruptedException {
        JsonClient asking = new JsonClient(http, plan.server(), options.server.apiKey(), PROBE_TIMEOUT);
        ServerProbe probe = new ServerProbe(asking);
        String model = options.server.model(asking);
        PromptSource.Material material = material(probe, model);
        RequestBodies bodies = new RequestBodies(
                plan.endpoint(), model, plan.outputTokens(), plan.ignoreEos(), plan.temperature(), plan.seed());
        StreamClient client = new StreamClient(
                http, plan.server(), plan.endpoint(), options.server.apiKey(), plan.timeout(), clock::nanoTime);
        out.println(plan.server() + plan.endpoint().path() + ", model " + model);
        out.println(plan.describe());
        out.flush();

        Tally tally = new Tally(plan.goodput());
        try (OnInterrupt ignored = new OnInterrupt(this::interrupt)) {
            warmUp(client, material, bodies);
            double loadBefore = Machine.load();
            PromptSource prompts = new PromptSource(material, plan.shape(), plan.promptSeed());
            IntFunction<byte[]> body = index -> bodies.body(index, prompts.prompt(index));
            LoadGenerator generator = begin(client, tally);
            long startNanos = clock.nanoTime();
            long durationNanos = generator.run(plan.pace(clock), plan.limit(), body);
            Summary summary = tally.summary(durationNanos);
            report(summary, generator);
            if (options.json != null) {
                ObjectNode json = toJson(model, summary, loadBefore);
                json.set("requests", SummaryJson.requests(tally.requests(), startNanos));
                JsonFile.write(options.json, json);
            }
            return summary.completed() > 0 && summary.failed() == 0 ? 0 : 1;
        } finally {
            out.flush();
        }
    }

    /** Ends the run; what there is gets reported. */
    private void interrupt() {
        interrupted = true;
        LoadGenerator running = current;
        if (running != null) {
            running.stop();
        }
    }

    private LoadGenerator begin(StreamClient client, Tally tally) {
        LoadGenerator generator = new LoadGenerator(client, clock, tally);
        current = generator;
        if (interrupted) {
            generator.stop(); // the interrupt came before there was this generator to stop
        }
        return generator;
    }

    private void warmUp(StreamClient client, PromptSource.Material material, RequestBodies bodies) {
        if (plan.warmup() == 0) {
            return;
        }
        Tally tally = new Tally(null);
        PromptSource prompts = new PromptSource(material, plan.shape(), plan.promptSeed() ^ WARMUP_STREAM);
        Pace pace = new ClosedLoop(Math.min(plan.warmup(), plan.concurrency()), clock);
        begin(client, tally)
                .run(pace, LoadLimit.ofRequests(plan.warmup()), index -> bodies.body(index, prompts.prompt(index)));
        out.println("warm-up: " + tally.summary(1).completed() + " of " + plan.warmup() + " requests completed");
        out.flush();
    }

    private PromptSource.Material material(ServerProbe probe, String model) throws IOException, InterruptedException {
        if (options.tokenIds && options.vocab != null) {
            return TokenMaterial.below(options.vocab);
        }
        String words = PseudoWords.text(CALIBRATION_WORDS, new SplittableRandom(plan.promptSeed()));
        int[] ids = probe.tokenize(model, words).orElse(new int[0]);
        if (options.tokenIds) {
            int[] distinct = Arrays.stream(ids).sorted().distinct().toArray();
            if (distinct.length < 2) {
                throw new IOException(
                        plan.server() + " has no /tokenize to take token ids from; give a bound by --vocab");
            }
            return new TokenMaterial(distinct);
        }
        OptionalInt tokens =
                ids.length > 0 ? OptionalInt.of(ids.length) : probe.promptTokens(plan.endpoint(), model, words);
        if (tokens.isEmpty()) {
            throw new IOException(
                    plan.server() + " doesn't say how many tokens a prompt has, neither by /tokenize nor in"
                            + " the usage of a one-token answer");
        }
        return new WordMaterial((double) tokens.getAsInt() / CALIBRATION_WORDS);
    }

    private void report(Summary summary, LoadGenerator generator) {
        out.println();
        out.print(SummaryText.of(summary, plan.goodput()));
        if (plan.goodput() != null) {
            out.println("goodput counts requests with " + plan.goodput());
        }
        if (interrupted) {
            out.println("Interrupted: " + summary.cancelled() + " requests in flight were given up and don't count.");
        } else if (generator.isHopeless()) {
            out.println("Ended early: " + LoadGenerator.HOPELESS + " requests in a row failed.");
        }
        out.flush();
    }

    private ObjectNode toJson(String model, Summary summary, double loadBefore) {
        ObjectNode json = plan.toJson().objectNode();
        json.put("kind", "serving");
        json.put("interrupted", interrupted);
        json.set("client", Machine.here().toJson());
        JsonFile.put(json, "loadBefore", loadBefore);
        json.put("model", model);
        json.set("config", plan.toJson());
        json.set("result", SummaryJson.of(summary));
        return json;
    }
}
