package dev.kvasir.engine.batch;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.batch.Batch.Problem;
import dev.kvasir.engine.batch.BatchInput.BadInputException;
import dev.kvasir.engine.batch.BatchInput.Line;
import dev.kvasir.engine.openai.JsonBody;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/** A batch that isn't over: its input, its journal and what of it is under way. Belongs to the thread of {@link Batches}. */
final class BatchRun implements AutoCloseable {
    private static final int MOST_PROBLEMS = 100;
    /** The server's failures at one request after which that is its answer. */
    private static final int MOST_FAILURES = 3;

    private static final byte[] NOTHING = {};

    final Batch batch;
    final BatchInput input;
    final Journal journal;
    final Map<Integer, Answerer.Running> running = new HashMap<>(); // by line
    private final Map<Integer, Integer> failures = new HashMap<>(); // of the server's, by line
    private final Set<String> customIds = new HashSet<>(); // while it's validated
    private final RandomGenerator random;
    private int checked; // lines
    private int next; // no line before it is to be asked

    BatchRun(Batch batch, BatchInput input, Path journal, RandomGenerator random) throws IOException {
        this.batch = batch;
        this.input = input;
        this.random = random;
        this.journal = new Journal(journal, input.lines());
        batch.total = input.lines();
        count();
    }

    /** Checks some more lines. Returns whether there are more. */
    boolean validate(int most) throws IOException {
        int to = Math.min(input.lines(), checked + most);
        for (; checked < to && batch.problems.size() < MOST_PROBLEMS; checked++) {
            try {
                Line line = input.read(checked, batch.endpoint);
                if (!customIds.add(line.customId())) {
                    batch.problems.add(new Problem(
                            "duplicate_custom_id",
                            "This 'custom_id' is another line's already.",
                            "custom_id",
                            input.number(checked)));
                }
            } catch (BadInputException e) {
                batch.problems.add(e.problem);
            }
        }
        boolean isOver = checked == input.lines() || batch.problems.size() == MOST_PROBLEMS;
        if (isOver) {
            customIds.clear();
        }
        return !isOver;
    }

    /** Returns a line that is neither answered nor under way; -1 if there is none. */
    int nextLine() {
        while (next < input.lines() && journal.isAnswered(next)) {
            next++;
        }
        for (int line = next; line < input.lines(); line++) {
            if (!journal.isAnswered(line) && !running.containsKey(line)) {
                return line;
            }
        }
        return -1;
    }

    /** Returns whether a line that the server failed to answer is to be asked again, and counts that. */
    boolean isWorthTrying(int line) {
        return failures.merge(line, 1, Integer::sum) < MOST_FAILURES;
    }

    boolean isAnswered() {
        return journal.answered() == input.lines();
    }

    /** Commits an answer. */
    void commit(int line, String customId, int status, byte[] body) throws IOException {
        journal.append(line, status == 200, outputLine(customId, status, body));
        count();
    }

    private void count() {
        batch.failed = journal.failed();
        batch.completed = journal.answered() - journal.failed();
    }

    /** A line of the output: the body is a JSON text already and goes in as it is. */
    private byte[] outputLine(String customId, int status, byte[] body) {
        ObjectNode head = JsonNodeFactory.instance.objectNode();
        head.put("id", Ids.create("batch_req_", random)).put("custom_id", customId);
        String text = new String(JsonBody.bytes(head), StandardCharsets.UTF_8);
        byte[] before = (text.substring(0, text.length() - 1) + ",\"response\":{\"status_code\":" + status
                        + ",\"request_id\":\"" + Ids.create("req_", random) + "\",\"body\":")
                .getBytes(StandardCharsets.UTF_8);
        byte[] after = "},\"error\":null}".getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(before.length + body.length + after.length)
                .put(before)
                .put(body)
                .put(after)
                .array();
    }

    /** Writes the answers that succeeded, in the order of their lines. */
    void writeOutput(FileChannel to) throws IOException {
        write(to, journal::isSuccess, false);
    }

    /** Writes those that failed, and for a batch whose time was over those that never came. */
    void writeErrors(FileChannel to) throws IOException {
        write(to, line -> !journal.isSuccess(line), batch.isExpiring);
    }

    private void write(FileChannel to, IntPredicate which, boolean withMissing) throws IOException {
        for (int line = 0; line < input.lines(); line++) {
            byte[] json = NOTHING;
            if (journal.isAnswered(line) && which.test(line)) {
                json = journal.answer(line);
            } else if (!journal.isAnswered(line) && withMissing) {
                json = expired(line);
            }
            if (json.length > 0) {
                ByteBuffer bytes =
                        ByteBuffer.allocate(json.length + 1).put(json).put((byte) '\n');
                Disk.writeFully(to, bytes.flip());
            }
        }
    }

    private byte[] expired(int line) throws IOException {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", Ids.create("batch_req_", random)).put("custom_id", customId(line));
        json.putNull("response");
        json.putObject("error")
                .put("code", "batch_expired")
                .put("message", "This request wasn't answered within the batch's completion window.");
        return JsonBody.bytes(json);
    }

    private String customId(int line) throws IOException {
        try {
            return input.read(line, batch.endpoint).customId();
        } catch (BadInputException e) {
            throw new IOException("a line that was checked is no good any more", e);
        }
    }

    void cancelRunning() {
        Map<Integer, Answerer.Running> all = Map.copyOf(running);
        running.clear();
        all.values().forEach(Answerer.Running::cancel);
    }

    @Override
    public void close() throws IOException {
        try (input) {
            journal.close();
        }
    }
}
