package dev.kvasir.engine.batch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.batch.Batch.Problem;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.JsonBody;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/** The lines of a batch's input, found once and read one by one. Empty ones don't count. */
final class BatchInput implements AutoCloseable {
    private static final int MOST_ID_CHARS = 512;

    private final FileChannel channel;
    private final long[] starts;
    private final int[] bytes;
    private final int[] numbers; // in the file, from 1
    private final int lines;

    /** One request. */
    record Line(String customId, ObjectNode body) {}

    /** The input as a whole is no good. */
    static final class BadInputException extends Exception {
        private static final long serialVersionUID = 1L;
        final transient Problem problem;

        BadInputException(Problem problem) {
            super(problem.message());
            this.problem = problem;
        }
    }

    private BatchInput(FileChannel channel, long[] starts, int[] bytes, int[] numbers, int lines) {
        this.channel = channel;
        this.starts = starts;
        this.bytes = bytes;
        this.numbers = numbers;
        this.lines = lines;
    }

    /** Finds the lines. */
    static BatchInput open(Path path, BatchLimits limits) throws IOException, BadInputException {
        long[] starts = new long[1024];
        int[] bytes = new int[1024];
        int[] numbers = new int[1024];
        int count = 0;
        int number = 1;
        long at = 0;
        long start = 0;
        try (InputStream in = new BufferedInputStream(Files.newInputStream(path), 1 << 16)) {
            boolean isBlank = true;
            for (int b = in.read(); ; b = in.read()) {
                if (b == '\n' || b < 0) {
                    if (!isBlank) {
                        if (count == limits.maxLines()) {
                            throw bad(
                                    "too_many_tasks",
                                    "A batch has at most " + limits.maxLines() + " requests here (batches.maxLines).",
                                    0);
                        }
                        if (count == starts.length) {
                            starts = Arrays.copyOf(starts, 2 * count);
                            bytes = Arrays.copyOf(bytes, 2 * count);
                            numbers = Arrays.copyOf(numbers, 2 * count);
                        }
                        starts[count] = start;
                        bytes[count] = (int) (at - start);
                        numbers[count++] = number;
                    }
                    number++;
                    start = at + 1;
                    isBlank = true;
                    if (b < 0) {
                        break;
                    }
                } else if (b != '\r' && b != ' ' && b != '\t') {
                    isBlank = false;
                }
                at++;
                if (at - start > limits.maxLineBytes()) {
                    throw bad(
                            "line_too_long",
                            "A request has at most " + limits.maxLineBytes() + " bytes here (http.maxBodyBytes).",
                            number);
                }
            }
        }
        if (count == 0) {
            throw bad("empty_file", "The input file has no requests.", 0);
        }
        return new BatchInput(FileChannel.open(path, StandardOpenOption.READ), starts, bytes, numbers, count);
    }

    private static BadInputException bad(String code, String message, int line) {
        return new BadInputException(new Problem(code, message, null, line));
    }

    int lines() {
        return lines;
    }

    /** Returns a line's number in the file, from 1. */
    int number(int line) {
        return numbers[line];
    }

    /**
     * Reads and checks a line.
     *
     * @throws BadInputException that says what is wrong with it
     */
    Line read(int line, String endpoint) throws IOException, BadInputException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes[line]);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, starts[line] + buffer.position()) < 0) {
                throw new IOException("the input file has become shorter");
            }
        }
        int number = numbers[line];
        ObjectNode request;
        try {
            request = JsonBody.parse(buffer.array());
        } catch (ApiError e) {
            throw bad("invalid_json_line", "This line is no JSON object: " + e.getMessage(), number);
        }
        JsonNode id = request.path("custom_id");
        if (!id.isTextual() || id.textValue().isEmpty() || id.textValue().length() > MOST_ID_CHARS) {
            throw field("custom_id", "must be a text of 1 to " + MOST_ID_CHARS + " characters", number);
        }
        if (!request.path("method").asText().equals("POST")) {
            throw field("method", "must be 'POST'", number);
        }
        if (!request.path("url").asText().equals(endpoint)) {
            throw field("url", "must be the batch's endpoint, '" + endpoint + "'", number);
        }
        if (!(request.get("body") instanceof ObjectNode body)) {
            throw field("body", "must be an object", number);
        }
        if (body.path("stream").asBoolean()) {
            throw field("body.stream", "can't be true in a batch", number);
        }
        return new Line(id.textValue(), body);
    }

    private static BadInputException field(String name, String must, int line) {
        return new BadInputException(new Problem("invalid_request", "'" + name + "' " + must + ".", name, line));
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
