package dev.kvasir.engine;

import dev.kvasir.engine.config.SettingsException;
import dev.kvasir.runner.ModelLoadException;
import java.util.ServiceLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line of {@code bin/kvasir}. */
@Command(
        name = "kvasir",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        description = "An LLM serving engine for the JVM.")
public final class Main implements Runnable {
    /** What could not be started, said in one sentence. */
    static final int EXIT_UNUSABLE = 2;

    private static final Logger log = LoggerFactory.getLogger(Main.class);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        int code = commandLine().execute(args);
        ServeCommand.beginExit();
        System.exit(code);
    }

    static CommandLine commandLine() {
        CommandLine commandLine = new CommandLine(new Main()).addSubcommand(new ServeCommand());
        ServiceLoader.load(Subcommand.class).forEach(commandLine::addSubcommand);
        commandLine.setParameterExceptionHandler(Main::onWrongUsage);
        commandLine.setExecutionExceptionHandler((e, command, result) -> onFailure(e, command));
        return commandLine;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Say what to do, for example: serve");
    }

    private static int onWrongUsage(ParameterException e, String[] args) {
        e.getCommandLine().getErr().println("kvasir: " + e.getMessage() + " (see --help)");
        return EXIT_UNUSABLE;
    }

    private static int onFailure(Exception e, CommandLine command) {
        log.debug("a command failed", e);
        boolean says = e instanceof SettingsException || e instanceof ModelLoadException;
        command.getErr().println("kvasir: " + (says ? e.getMessage() : "can't go on: " + e));
        return EXIT_UNUSABLE;
    }

    /** Reads the version from the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"kvasir " + (version == null ? "(from classes)" : version)};
        }
    }
}
