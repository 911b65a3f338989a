package dev.kvasir.benchmarks.serving;

import dev.kvasir.benchmarks.client.JsonClient;
import dev.kvasir.benchmarks.client.ServerOptions;
import dev.kvasir.benchmarks.report.JsonFile;
import dev.kvasir.benchmarks.report.Machine;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code kvasir bench isolation}: whether one API key can tell by time what another has asked. */
@Command(
        name = "isolation",
        description = {
            "Measures time to first token of prompts that another API key has just asked, of prompts that nobody has asked and of"
                    + " prompts that the same key has asked, mixed at random, each after one request of the same length. The first two"
                    + " must come from one distribution, the third from another one, or the measurement could see nothing.",
            "Ends with 1 if that isn't so."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class IsolationCommand implements Callable<Integer> {
    private static final int EXIT_UNUSABLE = 2;
    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Mixin
    private final ServerOptions server = new ServerOptions();

    @Option(names = "--key-a", paramLabel = "KEY", required = true, description = "API key of who has asked before.")
    private String keyA = "";

    @Option(names = "--key-b", paramLabel = "KEY", required = true, description = "API key of who measures.")
    private String keyB = "";

    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "200",
            description = "Measured requests of each kind (default: ${DEFAULT-VALUE}).")
    private int requests;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            defaultValue = "20",
            description = "Requests of each kind before that, which don't count (default: ${DEFAULT-VALUE}).")
    private int warmup;

    @Option(
            names = "--words",
            paramLabel = "N",
            defaultValue = "100",
            description = "Pseudo-words of a prompt (default: ${DEFAULT-VALUE}).")
    private int words;

    @Option(
            names = "--alpha",
            paramLabel = "P",
            defaultValue = "0.01",
            description = "Below this p-value two samples count as different (default: ${DEFAULT-VALUE}).")
    private double alpha;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of prompts and order (default: a new one).")
    private @Nullable Long seed;

    @Option(names = "--json", paramLabel = "FILE", description = "Also write times and tests as JSON.")
    private @Nullable Path json;

    @Override
    public Integer call() throws InterruptedException {
        if (requests < 2 || warmup < 0 || words < 1 || !(alpha > 0 && alpha < 1)) {
            throw new ParameterException(
                    spec.commandLine(), "--requests must be 2 or more, --words positive and --alpha between 0 and 1");
        }
        if (keyA.equals(keyB)) {
            throw new ParameterException(spec.commandLine(), "--key-a and --key-b must be two keys");
        }
        PrintWriter out = spec.commandLine().getOut();
        try {
            HttpClient http = ServerOptions.http();
            String address = server.address();
            String model = server.model(new JsonClient(http, address, keyB, TIMEOUT));
            long ownSeed = seed != null ? seed : System.nanoTime();
            double load = Machine.load();
            out.printf("%s, model %s, %d words, seed %d, load %.2f%n", address, model, words, ownSeed, load);
            out.flush();
            Isolation isolation = new Isolation(
                    client(http, address, keyA), client(http, address, keyB), model, words, ownSeed, System::nanoTime);
            IsolationReport report = isolation.run(warmup, requests);
            out.print(report.text(alpha));
            out.flush();
            if (json != null) {
                JsonFile.write(json, report.toJson(alpha).put("seed", ownSeed).put("loadBefore", load));
            }
            return report.isIsolated(alpha) ? 0 : 1;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        } catch (ConnectException e) {
            spec.commandLine().getErr().println("kvasir: nobody answers at the server's address; is it running?");
            return EXIT_UNUSABLE;
        } catch (IOException e) {
            spec.commandLine().getErr().println("kvasir: " + e.getMessage());
            return EXIT_UNUSABLE;
        }
    }

    private static StreamClient client(HttpClient http, String address, String key) {
        return new StreamClient(http, address, Endpoint.COMPLETIONS, key, TIMEOUT, System::nanoTime);
    }
}
