package dev.kvasir.engine.chaos;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Commands of the system, which have to succeed. */
final class Command {
    private Command() {}

    /**
     * Runs one, written with blanks between its words, and returns what it said.
     *
     * @throws IOException if it isn't there, or fails; with what it said
     */
    static String run(String words) throws IOException {
        return run(List.of(words.split(" ")), "");
    }

    /** Runs one that reads {@code input}. */
    static String run(List<String> words, String input) throws IOException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        try (var to = process.outputWriter(StandardCharsets.UTF_8)) {
            to.write(input);
        }
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(String.join(" ", words) + ": " + said.strip());
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        return said;
    }
}
