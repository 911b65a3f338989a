package dev.kvasir.benchmarks.turns;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.benchmarks.client.JsonClient;
import dev.kvasir.benchmarks.client.ServerOptions;
import dev.kvasir.benchmarks.report.JsonFile;
import dev.kvasir.benchmarks.report.Machine;
import dev.kvasir.benchmarks.report.TextTable;
import dev.kvasir.benchmarks.serving.PseudoWords;
import dev.kvasir.benchmarks.serving.ServerProbe;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvasir bench turns}: the multi-turn workload from the command line. */
@Command(
        name = "turns",
        description = {
            "Has conversations take turns at a running server and counts the prompt tokens that it computed beside those"
                    + " that no cache could have saved it: each turn's new ones, and what of its history fills no whole"
                    + " segment. TTFT by the tier that the history came from.",
            "With --check every prompt is asked again with a cache that finds nothing (a cache_salt of its own), and the"
                    + " replies must be the same. Exit code 1 if one isn't."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class TurnsCommand implements Callable<Integer> {
    private static final int EXIT_UNUSABLE = 2;
    private static final Duration PROBE_TIMEOUT = Duration.ofMinutes(1);
    private static final int PROBE_WORDS = 2000;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Option(
            names = "--conversations",
            paramLabel = "N",
            defaultValue = "8",
            description = "How many (default: ${DEFAULT-VALUE}).")
    private int conversations;

    @Option(
            names = "--turns",
            paramLabel = "N",
            defaultValue = "6",
            description = "Turns of each (default: ${DEFAULT-VALUE}).")
    private int turns;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            defaultValue = "2",
            description = "Turns under way at once (default: ${DEFAULT-VALUE}).")
    private int concurrency;

    @Option(
            names = "--first-tokens",
            paramLabel = "N",
            defaultValue = "600",
            description = "Tokens of each conversation's first prompt (default: ${DEFAULT-VALUE}).")
    private int firstTokens;

    @Option(
            names = "--new-tokens",
            paramLabel = "N",
            defaultValue = "150",
            description = "Tokens that each later turn adds (default: ${DEFAULT-VALUE}).")
    private int newTokens;

    @Option(
            names = "--reply-tokens",
            paramLabel = "N",
            defaultValue = "64",
            description = "Tokens of each reply (default: ${DEFAULT-VALUE}).")
    private int replyTokens;

    @Option(
            names = "--segment-tokens",
            paramLabel = "N",
            defaultValue = "64",
            description = "The server's pool.segmentTokens (default: ${DEFAULT-VALUE}).")
    private int segmentTokens;

    @Option(
            names = "--vocab",
            paramLabel = "N",
            description = "Draw token ids below N (default: ask /tokenize for some).")
    private @Nullable Integer vocab;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Seed of what is said. The same seed says the same to a server that may still know it"
                    + " (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--check", description = "Ask every prompt again with a cache that finds nothing, and compare.")
    private boolean check;

    @Option(
            names = "--check-url",
            paramLabel = "URL",
            description = "The same, but ask another server of the same model.")
    private @Nullable String checkUrl;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write the sums as JSON.")
    private @Nullable Path json;

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        try {
            return run(spec.commandLine().getOut());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        } catch (ConnectException e) {
            err.println("kvasir: nobody answers at the server's address; is it running?");
            return EXIT_UNUSABLE;
        } catch (IOException e) {
            err.println("kvasir: " + e.getMessage());
            return EXIT_UNUSABLE;
        }
    }

    private int run(PrintWriter out) throws IOException, InterruptedException {
        TurnsPlan plan = new TurnsPlan(conversations, turns, concurrency, firstTokens, newTokens, replyTokens, seed);
        HttpClient http = ServerOptions.http();
        JsonClient asking = new JsonClient(http, server.address(), server.apiKey(), PROBE_TIMEOUT);
        String model = server.model(asking);
        int[] vocabulary = vocabulary(new ServerProbe(asking), model);
        out.println(server.address() + ", model " + model);
        out.println(plan);
        out.flush();
        Talk talk = new Talk(plan, client(http, server.address(), model), vocabulary);
        double loadBefore = Machine.load();
        List<Turn> said = talk.talk();
        TurnsSummary summary = TurnsSummary.of(said, segmentTokens);
        out.println("load average " + TextTable.number(loadBefore, 2) + " before");
        out.println();
        out.print(TurnsReport.text(summary));
        out.flush();
        ObjectNode node = TurnsReport.json(summary);
        long differing = 0;
        if (check || checkUrl != null) {
            String other = checkUrl == null
                    ? server.address()
                    : ServerOptions.at(checkUrl).address();
            // Salts that nobody has used, or a second run would find what the first one left.
            String salt = "turns-" + Long.toHexString(new SecureRandom().nextLong());
            List<Turn> again = talk.again(said, client(http, other, model), salt);
            TurnsSummary without = TurnsSummary.of(again, segmentTokens);
            differing = TurnsSummary.differing(said, again);
            out.println();
            out.println("replies that differ from those of " + other + " without a cache, which computed all but "
                    + (without.promptTokens() - without.computed()) + " prompt tokens: " + differing + " of "
                    + said.size());
            node.put("differingReplies", differing);
            node.set("withoutCache", TurnsReport.json(without));
        }
        if (json != null) {
            JsonFile.write(json, toJson(node, model, plan, loadBefore));
        }
        return differing == 0 ? 0 : 1;
    }

    private TurnClient client(HttpClient http, String address, String model) {
        return new TurnClient(http, address, server.apiKey(), model, replyTokens, System::nanoTime);
    }

    private int[] vocabulary(ServerProbe probe, String model) throws IOException, InterruptedException {
        if (vocab != null) {
            return IntStream.range(0, vocab).toArray();
        }
        int[] ids = probe.tokenize(model, PseudoWords.text(PROBE_WORDS, new SplittableRandom(seed)))
                .orElse(new int[0]);
        int[] distinct = Arrays.stream(ids).sorted().distinct().toArray();
        if (distinct.length < 2) {
            throw new IOException("the server has no /tokenize to take token ids from; give a bound by --vocab");
        }
        return distinct;
    }

    private ObjectNode toJson(ObjectNode result, String model, TurnsPlan plan, double loadBefore) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("kind", "turns");
        node.set("client", Machine.here().toJson());
        JsonFile.put(node, "loadBefore", loadBefore);
        node.put("model", model);
        node.put("workload", plan.toString());
        node.put("segmentTokens", segmentTokens);
        node.set("result", result);
        return node;
    }
}
