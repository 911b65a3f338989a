package dev.kvasir.benchmarks.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests that a real cluster had, as Mooncake published them: JSON lines with {@code timestamp} in milliseconds, {@code output_length} in tokens and
 * {@code hash_ids}, one for each block of 512 tokens, equal where prompts are equal up to there. A block is taken for a segment, so that lengths
 * shrink eightfold, answers too; each request is a session of its own, as the trace doesn't say which belong together.
 */
final class TraceSessions {
    private static final int BLOCK_TOKENS = 512;
    private static final double MILLIS = 1e-3;

    private TraceSessions() {}

    /**
     * Reads the first requests of a file.
     *
     * @param most requests
     * @throws IOException if a line isn't of this form; it says which
     */
    static Workload read(Path file, int most) throws IOException {
        ObjectMapper json = new ObjectMapper();
        Chains chains = new Chains();
        List<Session> sessions = new ArrayList<>();
        int scale = BLOCK_TOKENS / Chains.SEGMENT_TOKENS;
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null && sessions.size() < most; line = lines.readLine()) {
                if (line.isBlank()) {
                    continue;
                }
                JsonNode request = json.readTree(line);
                JsonNode ids = request.path("hash_ids");
                if (!ids.isArray()
                        || ids.isEmpty()
                        || !request.path("timestamp").isNumber()) {
                    throw new IOException(
                            file + ": request " + (sessions.size() + 1) + " has no timestamp or no list of hash_ids");
                }
                long[] contents = new long[ids.size()];
                for (int i = 0; i < contents.length; i++) {
                    contents[i] = ids.get(i).asLong();
                }
                int output = Math.max(0, request.path("output_length").asInt() / scale);
                Turn turn = new Turn(0, contents.length, contents, chains.ids(contents), output);
                sessions.add(new Session(request.path("timestamp").asDouble() * MILLIS, List.of(turn)));
            }
        }
        return new Workload(
                "trace",
                sessions.size() + " requests of " + file.getFileName() + ", a block of " + BLOCK_TOKENS
                        + " tokens taken for a segment of " + Chains.SEGMENT_TOKENS,
                sessions);
    }
}
