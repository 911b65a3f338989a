package dev.kvasir.benchmarks.eviction;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Requests that a real server had: JSON lines whose {@code hash_ids} name a prompt's blocks, equal where the prompts are equal up to
 * there, as Mooncake published them. A block is taken for a segment, also a last one that is not full. What was answered
 * isn't in such a file unless a later prompt repeats it.
 */
final class TraceTraffic implements Traffic {
    private final String name;
    private final List<Request> requests;

    private TraceTraffic(String name, List<Request> requests) {
        this.name = name;
        this.requests = requests;
    }

    /** Reads a file; a line that isn't of this form is an {@link IOException} with its number. */
    static TraceTraffic read(Path file) throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<Request> requests = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    JsonNode ids = json.readTree(line).path("hash_ids");
                    if (!ids.isArray()) {
                        throw new IOException(file + ": request " + (requests.size() + 1) + " has no list of hash_ids");
                    }
                    long[] blocks = new long[ids.size()];
                    for (int i = 0; i < blocks.length; i++) {
                        blocks[i] = ids.get(i).asLong();
                    }
                    requests.add(new Request("all", blocks.length, blocks));
                }
            }
        }
        return new TraceTraffic(String.valueOf(file.getFileName()), requests);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Request> requests(int slots) {
        return requests;
    }
}
