package dev.kvasir.engine;

import dev.kvasir.engine.config.Settings;
import dev.kvasir.engine.config.SettingsReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves a model until the process is told to end. */
@Command(
        name = "serve",
        mixinStandardHelpOptions = true,
        description = "Serves a model over an OpenAI-compatible HTTP API.",
        footer = {"", "Every setting, with default and meaning, is in conf/kvasir.yaml."})
final class ServeCommand implements Callable<Integer> {
    private static volatile boolean exiting;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description =
                    "Directory of a Hugging Face checkpoint (model.path; default: kvasir-mini, the model in the box).")
    private @Nullable String model;

    @Option(names = "--host", paramLabel = "H", description = "Address to bind (http.host).")
    private @Nullable String host;

    @Option(names = "--port", paramLabel = "P", description = "Port to bind, 0 for any (http.port).")
    private @Nullable String port;

    @Option(names = "--cluster", description = "Be one of several nodes that share their caches (cluster.enabled).")
    private boolean cluster;

    @Option(
            names = "--join",
            paramLabel = "H:P,..",
            description = "Where other nodes may be met (cluster.join; default: on this machine).")
    private @Nullable String join;

    @Option(names = "--role", paramLabel = "R", description = "mixed, pool or frontend (cluster.role).")
    private @Nullable String role;

    @Option(names = "--bind", paramLabel = "ADDR", description = "Address for other nodes to reach (cluster.bind).")
    private @Nullable String bind;

    @Option(names = "--conf", paramLabel = "FILE", description = "Settings file, instead of conf/kvasir.yaml.")
    private @Nullable Path conf;

    @Option(names = "--set", paramLabel = "key=value", description = "One setting; wins over the file.")
    private List<String> assignments = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        SettingsReader reader = reader();
        Settings settings = reader.read();
        try (Server server = new Server(settings, reader.effective())) {
            Thread hook = new Thread(() -> onSignal(server), "shutdown");
            Runtime.getRuntime().addShutdownHook(hook);
            server.start(Wiring::load);
            var out = spec.commandLine().getOut();
            if (settings.model().path() == null) {
                ModelInTheBox.BANNER.forEach(out::println);
            }
            out.println("listening on " + server.address());
            out.flush();
            server.awaitDrainRequest();
        }
        return 0;
    }

    Settings settings() {
        return reader().read();
    }

    private SettingsReader reader() {
        SettingsReader reader = new SettingsReader();
        Path file = conf != null ? conf : Wiring.home().resolve("conf").resolve("kvasir.yaml");
        if (conf != null || Files.exists(file)) {
            reader.file(file);
        }
        return reader.set(assignments)
                .flag("model.path", model)
                .flag("http.host", host)
                .flag("http.port", port)
                .flag("cluster.enabled", cluster ? "true" : null)
                .flag("cluster.join", join)
                .flag("cluster.role", role)
                .flag("cluster.bind", bind);
    }

    /** Says that the process ends by itself, so that the hook leaves its exit code alone. */
    static void beginExit() {
        exiting = true;
    }

    private static void onSignal(Server server) {
        if (!exiting) {
            server.close();
            // A JVM that ends by a signal says 143, whatever its hooks did; a drained server has done its work.
            Runtime.getRuntime().halt(0);
        }
    }
}
