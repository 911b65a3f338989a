package dev.kvasir.engine.batch;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.batch.Answerer.Answer;
import dev.kvasir.engine.batch.BatchInput.BadInputException;
import dev.kvasir.engine.batch.BatchInput.Line;
import dev.kvasir.engine.openai.ApiError;
import dev.kvasir.engine.openai.JsonBody;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Batches of all tenants. One thread owns them: it checks inputs, hands requests to the {@link Answerer}, commits answers and writes results; what is asked from outside is a task
 * for it.
 */
public final class Batches {
    /*
     * A batch's status is in its JSON file, its answers are in its journal. After a kill the status says what to do again: validate from the start; answer the lines that the
     * journal lacks; write the results once more under the ids that were chosen before the first try. Each of these can be done any number of times, and the answer to a line is
     * whatever was journalled first.
     *
     * Low priority. The scheduler serves these requests after all others. And a request is handed over only while nothing waits in the scheduler's queue, one by one, and at most
     * limits.inFlight are there: so that neither the queue nor the sequences that may run are a batch's.
     */
    private static final Logger log = LoggerFactory.getLogger(Batches.class);
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String JSON = ".json";
    private static final String JOURNAL = ".journal";
    /** Lines that are checked before others have their turn. */
    private static final int CHECKED_AT_ONCE = 256;
    /** Batches of one tenant that are remembered when they are over. */
    private static final int MOST_OVER = 1000;
    /** Looks after this long whether interactive requests still wait, or a batch's time is over. */
    private static final long LOOK_MILLIS = 20;
    /** Tries again after this long what the disk didn't take. */
    private static final long DISK_SECONDS = 2;

    private final Path directory;
    private final FileStore files;
    private final BatchLimits limits;
    private final LongSupplier seconds;
    private final RandomGenerator random;
    private final ScheduledExecutorService thread;

    // The thread's
    private final Map<String, Batch> batches = new LinkedHashMap<>();
    private final Map<String, BatchRun> runs =
            new LinkedHashMap<>(); // of batches that aren't over, in the order in which they have their turns
    private @Nullable Answerer answerer;
    private int inFlight;
    private long diskRetryAt;
    private boolean isPlanned; // a look is
    private boolean stopped;

    /**
     * Opens a directory; nothing runs before {@link #start}.
     *
     * @param thread runs everything here, one task at a time; shut down by {@link #stop}
     */
    Batches(
            Path directory,
            FileStore files,
            BatchLimits limits,
            LongSupplier seconds,
            RandomGenerator random,
            ScheduledExecutorService thread)
            throws IOException {
        this.directory = Disk.directory(directory);
        this.files = files;
        this.limits = limits;
        this.seconds = seconds;
        this.random = random;
        this.thread = thread;
        load();
    }

    private void load() throws IOException {
        List<Batch> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "batch_*" + JSON)) {
            for (Path path : entries) {
                Batch batch = Batch.of(MAPPER.readTree(path.toFile()));
                if (Ids.is(Batch.PREFIX, batch.id)
                        && path.getFileName().toString().equals(batch.id + JSON)) {
                    found.add(batch);
                }
            }
        }
        found.sort(Batch.NEWEST_FIRST.reversed());
        for (Batch batch : found) {
            batches.put(batch.id, batch);
            if (!batch.status.isOver()) {
                files.retain(batch.tenant, batch.inputFileId);
            } else {
                Files.deleteIfExists(journal(batch)); // it was over, and this was to follow
            }
        }
    }

    /** Begins, or goes on. */
    public void start(Answerer with) {
        thread.execute(() -> {
            answerer = with;
            batches.values().stream().filter(batch -> !batch.status.isOver()).forEach(this::open);
            look();
        });
    }

    /** Stops where it is, and goes on after the next start; waits until that is done. */
    public void stop() {
        try {
            thread.submit(() -> {
                        stopped = true;
                        for (BatchRun run : runs.values()) {
                            run.cancelRunning();
                            close(run);
                        }
                        runs.clear();
                    })
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            log.warn("batches didn't stop in order", e);
        }
        thread.shutdown();
    }

    private <T> CompletionStage<T> ask(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, thread);
    }

    /** Takes a batch; fails with an {@link ApiError}. */
    public CompletionStage<ObjectNode> create(String tenant, BatchRequest request) {
        return ask(() -> {
            long open = runs.values().stream()
                    .filter(run -> run.batch.tenant.equals(tenant))
                    .count();
            if (open >= limits.tenantOpen()) {
                throw ApiError.tooMany("There are " + open + " batches that aren't over, as many as may be"
                        + " (batches.tenantOpen).");
            }
            StoredFile input = files.retain(tenant, request.inputFileId())
                    .orElseThrow(() -> ApiError.noSuch("file", request.inputFileId()));
            if (!input.purpose().equals("batch")) {
                files.release(input.id());
                throw ApiError.badField("input_file_id", "'input_file_id' must be a file with the purpose 'batch'.");
            }
            long now = seconds.getAsLong();
            Batch batch = new Batch(
                    Ids.create(Batch.PREFIX, random),
                    tenant,
                    request.endpoint(),
                    input.id(),
                    request.window(),
                    now,
                    now + request.windowSeconds(),
                    request.metadata());
            try {
                store(batch);
            } catch (IOException e) {
                files.release(input.id());
                log.warn("a batch couldn't be kept", e);
                throw Disk.error(e);
            }
            batches.put(batch.id, batch);
            forgetOldest(tenant);
            ObjectNode json = batch.json();
            open(batch);
            look();
            return json;
        });
    }

    private void forgetOldest(String tenant) {
        List<Batch> over = batches.values().stream()
                .filter(batch -> batch.tenant.equals(tenant) && batch.status.isOver())
                .toList();
        for (int i = 0; i < over.size() - MOST_OVER; i++) {
            batches.remove(over.get(i).id);
            delete(directory.resolve(over.get(i).id + JSON));
        }
    }

    /** Returns a batch; another tenant's is as none. */
    public CompletionStage<Optional<ObjectNode>> find(String tenant, String id) {
        return ask(() -> own(tenant, id).map(Batch::json));
    }

    private Optional<Batch> own(String tenant, String id) {
        return Optional.ofNullable(batches.get(id)).filter(batch -> batch.tenant.equals(tenant));
    }

    /** Returns a tenant's batches, newest first. */
    public CompletionStage<List<ObjectNode>> list(String tenant) {
        return ask(() -> batches.values().stream()
                .filter(batch -> batch.tenant.equals(tenant))
                .sorted(Batch.NEWEST_FIRST)
                .map(Batch::json)
                .toList());
    }

    /** Cancels a batch; what was answered of it is kept. Fails with an {@link ApiError}. */
    public CompletionStage<ObjectNode> cancel(String tenant, String id) {
        return ask(() -> {
            Batch batch = own(tenant, id).orElseThrow(() -> ApiError.noSuch("batch", id));
            if (batch.status.isOver()) {
                throw ApiError.conflict("The batch is over: " + batch.status.text() + ".");
            }
            BatchRun run = runs.get(id);
            if (batch.status != BatchStatus.CANCELLING && batch.status != BatchStatus.FINALIZING) {
                batch.become(BatchStatus.CANCELLING, seconds.getAsLong());
                storeLater(batch);
                if (run != null) {
                    run.cancelRunning();
                }
            }
            look();
            return batch.json();
        });
    }

    // ---- what goes on

    private void open(Batch batch) {
        try {
            Optional<StoredFile> input = files.find(batch.tenant, batch.inputFileId);
            if (input.isEmpty()) {
                throw new BadInputException(
                        new Batch.Problem("file_not_found", "The input file is gone.", "input_file_id", 0));
            }
            BatchInput lines = BatchInput.open(files.content(input.get()), limits);
            runs.put(batch.id, new BatchRun(batch, lines, journal(batch), random));
        } catch (BadInputException e) {
            batch.problems.add(e.problem);
            over(batch, BatchStatus.FAILED);
        } catch (IOException e) {
            log.error("batch {} can't be read", batch.id, e);
            batch.problems.add(new Batch.Problem("storage", "The server couldn't read the batch.", null, 0));
            over(batch, BatchStatus.FAILED);
        }
    }

    /** Plans a look, unless one is planned. */
    private void look() {
        plan(0);
    }

    private void plan(long millis) {
        if (!isPlanned && !stopped) {
            isPlanned = true;
            thread.schedule(this::turn, millis, TimeUnit.MILLISECONDS);
        }
    }

    private void turn() {
        isPlanned = false;
        if (stopped || answerer == null) {
            return;
        }
        try {
            for (BatchRun run : List.copyOf(runs.values())) {
                advance(run);
            }
            handOver(answerer);
        } catch (RuntimeException e) {
            log.error("batches stumbled", e);
        }
        if (!runs.isEmpty()) {
            boolean isChecking = runs.values().stream().anyMatch(run -> run.batch.status == BatchStatus.VALIDATING);
            plan(isChecking ? 0 : LOOK_MILLIS);
        }
    }

    private void advance(BatchRun run) {
        Batch batch = run.batch;
        long now = seconds.getAsLong();
        if (now < diskRetryAt) {
            return;
        }
        try {
            if (batch.status == BatchStatus.VALIDATING && !run.validate(CHECKED_AT_ONCE)) {
                if (batch.problems.isEmpty()) {
                    batch.become(BatchStatus.IN_PROGRESS, now);
                    store(batch);
                } else {
                    end(run, BatchStatus.FAILED);
                }
            }
            if (batch.status == BatchStatus.IN_PROGRESS) {
                if (run.isAnswered()) {
                    finish(run, false);
                } else if (now >= batch.expiresAt) {
                    run.cancelRunning();
                    finish(run, true);
                }
            } else if (batch.status == BatchStatus.FINALIZING || batch.status == BatchStatus.CANCELLING) {
                writeResults(run);
            }
        } catch (IOException e) {
            onDisk(batch, e);
        }
    }

    private void finish(BatchRun run, boolean isExpiring) throws IOException {
        run.batch.isExpiring = isExpiring;
        run.batch.become(BatchStatus.FINALIZING, seconds.getAsLong());
        writeResults(run);
    }

    /** Writes the results and ends the batch; may be done again. */
    private void writeResults(BatchRun run) throws IOException {
        Batch batch = run.batch;
        int missing = batch.isExpiring ? batch.total - batch.completed - batch.failed : 0;
        if (batch.outputFileId.isEmpty() && batch.completed > 0) {
            batch.outputFileId = files.newId();
        }
        if (batch.errorFileId.isEmpty() && batch.failed + missing > 0) {
            batch.errorFileId = files.newId();
        }
        store(batch); // the ids, before there is anything under them
        if (!batch.outputFileId.isEmpty()) {
            files.put(batch.outputFileId, batch.tenant, batch.id + "_output.jsonl", "batch_output", run::writeOutput);
        }
        if (!batch.errorFileId.isEmpty()) {
            files.put(batch.errorFileId, batch.tenant, batch.id + "_error.jsonl", "batch_output", run::writeErrors);
        }
        batch.failed += missing;
        end(
                run,
                batch.status == BatchStatus.CANCELLING
                        ? BatchStatus.CANCELLED
                        : batch.isExpiring ? BatchStatus.EXPIRED : BatchStatus.COMPLETED);
    }

    private void end(BatchRun run, BatchStatus status) {
        runs.remove(run.batch.id);
        close(run);
        over(run.batch, status);
    }

    private void over(Batch batch, BatchStatus status) {
        batch.become(status, seconds.getAsLong());
        storeLater(batch);
        files.release(batch.inputFileId);
        log.atInfo()
                .addKeyValue("batch", batch.id)
                .addKeyValue("requests", batch.total)
                .addKeyValue("failed", batch.failed)
                .log("batch {}", status.text());
    }

    /** Hands requests over, the batches in turn, while there is room for them. */
    private void handOver(Answerer to) {
        boolean any = true;
        while (any && seconds.getAsLong() >= diskRetryAt) {
            any = false;
            for (BatchRun run : List.copyOf(runs.values())) {
                if (inFlight >= limits.inFlight() || to.isBusy()) {
                    return;
                }
                int line = run.batch.status == BatchStatus.IN_PROGRESS ? run.nextLine() : -1;
                if (line >= 0) {
                    any = ask(to, run, line);
                }
            }
        }
    }

    /** Returns whether more may be asked. */
    private boolean ask(Answerer to, BatchRun run, int line) {
        Line request;
        try {
            request = run.input.read(line, run.batch.endpoint);
        } catch (IOException | BadInputException e) {
            onDisk(run.batch, e instanceof IOException io ? io : new IOException(e));
            return false;
        }
        inFlight++;
        boolean[] isOver = {false};
        Answerer.Running running = to.answer(run.batch.tenant, run.batch.endpoint, request.body(), thread, answer -> {
            isOver[0] = true;
            inFlight--;
            run.running.remove(line);
            onAnswer(run, line, request.customId(), answer);
        });
        if (!isOver[0]) {
            run.running.put(line, () -> {
                if (!isOver[0]) {
                    isOver[0] = true;
                    inFlight--;
                    running.cancel();
                }
            });
        }
        return true;
    }

    private void onAnswer(BatchRun run, int line, String customId, Answer answer) {
        byte[] body = answer.status() == 500 && run.isWorthTrying(line) ? null : answer.body();
        if (stopped || body == null || !runs.containsKey(run.batch.id)) {
            plan(LOOK_MILLIS);
            return;
        }
        try {
            run.commit(line, customId, answer.status(), body);
            look();
        } catch (IOException e) {
            onDisk(run.batch, e); // not committed: it is asked again
        }
    }

    // ---- the disk

    private void onDisk(Batch batch, IOException e) {
        if (seconds.getAsLong() >= diskRetryAt) {
            log.warn("batch {} waits, since its files can't be written: {}", batch.id, String.valueOf(e.getMessage()));
        }
        diskRetryAt = seconds.getAsLong() + DISK_SECONDS;
        plan(LOOK_MILLIS);
    }

    private void store(Batch batch) throws IOException {
        Disk.replace(directory.resolve(batch.id + JSON), JsonBody.bytes(batch.stored()));
    }

    /** Stores what has happened in any case; what isn't stored now is done again after a restart. */
    private void storeLater(Batch batch) {
        try {
            store(batch);
            if (batch.status.isOver()) {
                Files.deleteIfExists(journal(batch));
            }
        } catch (IOException e) {
            log.warn("batch {} is {} and that couldn't be kept: {}", batch.id, batch.status.text(), e.getMessage());
        }
    }

    private Path journal(Batch batch) {
        return directory.resolve(batch.id + JOURNAL);
    }

    private static void close(BatchRun run) {
        try {
            run.close();
        } catch (IOException e) {
            log.warn("files of batch {} didn't close", run.batch.id, e);
        }
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            log.warn("{} can't be deleted", path, e);
        }
    }
}
