package dev.kvasir.scheduler.batching;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PrefillGroups;
import dev.kvasir.pool.PromptShare;
import dev.kvasir.pool.Tier;
import dev.kvasir.runner.LostSegmentsException;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.RowOutput;
import dev.kvasir.runner.StepInput;
import dev.kvasir.runner.StepOutput;
import dev.kvasir.runner.StepRow;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.RequestEvents;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.Scheduler;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.scheduler.SchedulerStats;
import dev.kvasir.scheduler.TokenSink;
import dev.kvasir.scheduler.elastic.NodeChoice;
import dev.kvasir.scheduler.elastic.StepWork;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * Continuous batching: requests join and leave the batch between any two steps. Nothing here blocks or reads a clock of its
 * own; a test calls {@link #step} and looks.
 */
public final class ContinuousScheduler implements Scheduler {
    /*
     * A step:
     *
     *   1. drain   copies between tiers that are done are taken in; submissions become waiting sequences, cancellations take effect, tasks of others are done to the pool
     *   2. plan    share the token budget out among the running sequences: decodes, then prefills by arrival;
     *              reserve their slots by arrival, preempting the youngest while the pool is short;
     *              admit waiting sequences with the rest of the budget
     *   3. run     one call of the model runner
     *   4. deliver seal full segments, hand out tokens, end what has ended
     *
     * "Arrival" and "oldest" are meant within a priority: a request of a lower number counts as having come before all of
     * higher ones. Nothing else knows of priorities, so whatever holds for who came first holds for who is more urgent. A
     * stream of urgent requests keeps others waiting for as long as it lasts.
     *
     * Slots are reserved oldest first and taken from the youngest, so a sequence that already has its slots for this step
     * never loses them to one that is served after it, and the oldest always advances. The victim isn't admitted again in the
     * same step: admission asks for at least what the victim held, and part of that is gone.
     *
     * A sequence that reads segments of another node which is lost is preempted, too, and recomputes what is gone with them.
     *
     * A preempted sequence keeps its tokens. Its sealed segments stay in the tree until they are evicted, so that resuming
     * mostly costs the tail. Its next token is the same as if nothing had happened, because sampling depends on seed and
     * position alone.
     */

    /** Room for the arrivals of one priority: a million a second for nine years. */
    private static final int PRIORITY_SHIFT = 48;

    private final SchedulerConfig config;
    private final ModelRunner runner;
    private final MemPool pool;
    private final LongSupplier nanoTime;
    private final Consumer<Throwable> onError;
    private final RequestEvents events;
    private final int segmentTokens;
    private final int maxTokens;

    private final CommandInbox inbox;
    private final BatchPlanner planner;
    private final Admission admission;
    private final Prefetch prefetch;
    private final NodeChoice choice;
    private final Together together;
    private final ArrivalQueue waiting = new ArrivalQueue();
    private final ArrivalQueue running = new ArrivalQueue();
    private long arrivals;

    // The batch of this step: sequence i computes row i; behind these come shares of prompts that several nodes
    // compute. Reused.
    private final List<Sequence> batch = new ArrayList<>();
    private final List<StepRow> rows = new ArrayList<>();
    private long runNanos; // when the runner was called

    private final Counters counters = new Counters();
    private volatile SchedulerStats published;

    /**
     * @param runner not closed here
     * @param pool over the runner's memory
     * @param nanoTime a monotonic clock, nanoseconds
     * @param onError told of a step that failed and of a sink that threw; neither stops the scheduler
     */
    public ContinuousScheduler(
            SchedulerConfig config,
            ModelRunner runner,
            MemPool pool,
            LongSupplier nanoTime,
            Consumer<Throwable> onError) {
        this(config, runner, pool, PrefillGroups.NONE, NodeChoice.ALONE, nanoTime, onError);
    }

    /**
     * Creates one of several nodes.
     *
     * @param groups has prompts computed with other nodes
     * @param choice says which
     */
    public ContinuousScheduler(
            SchedulerConfig config,
            ModelRunner runner,
            MemPool pool,
            PrefillGroups groups,
            NodeChoice choice,
            LongSupplier nanoTime,
            Consumer<Throwable> onError) {
        this(config, runner, pool, groups, choice, nanoTime, onError, RequestEvents.NONE);
    }

    /**
     * Creates one that tells what becomes of its requests.
     *
     * @param events told of that
     */
    public ContinuousScheduler(
            SchedulerConfig config,
            ModelRunner runner,
            MemPool pool,
            PrefillGroups groups,
            NodeChoice choice,
            LongSupplier nanoTime,
            Consumer<Throwable> onError,
            RequestEvents events) {
        this.config = config;
        this.events = events;
        this.runner = runner;
        this.pool = pool;
        this.nanoTime = nanoTime;
        this.onError = onError;
        segmentTokens = pool.layout().segmentTokens();
        long poolTokens = (long) pool.capacity(Tier.DEVICE) * segmentTokens;
        maxTokens = (int) Math.min(config.contextTokens(), poolTokens);
        inbox = new CommandInbox(config.maxQueued());
        planner = new BatchPlanner(config);
        admission = new Admission(pool);
        prefetch = new Prefetch(pool, config.prefetch());
        this.choice = choice;
        together = new Together(groups, choice, pool);
        published = counters.snapshot(0, 0, pool.tiers());
    }

    @Override
    public Submission submit(GenerationRequest request, TokenSink sink) {
        int prompt = request.prompt().length;
        if (prompt + request.leastGenerated() > maxTokens) {
            throw new IllegalArgumentException("request " + request.id() + ": a prompt of " + prompt + " tokens and "
                    + request.leastGenerated() + " to generate don't fit the longest sequence of " + maxTokens
                    + " tokens");
        }
        return inbox.submit(new Sequence(request, sink, maxTokens, segmentTokens));
    }

    @Override
    public void cancel(String id) {
        inbox.cancel(id);
    }

    @Override
    public <T> CompletionStage<T> withPool(Function<MemPool, T> task) {
        return inbox.ask(new PoolTask<>(task));
    }

    @Override
    public int maxTokens() {
        return maxTokens;
    }

    @Override
    public boolean hasWork() {
        return inbox.hasWork();
    }

    @Override
    public SchedulerStats stats() {
        SchedulerStats stats = published;
        int now = inbox.waiting();
        return stats.waiting() == now ? stats : stats.withWaiting(now);
    }

    @Override
    public boolean step() {
        long startNanos = nanoTime.getAsLong();
        boolean worked = pool.poll();
        worked |= drainCommands();
        worked |= preemptLost();
        worked |= plan(startNanos);
        Optional<StepOutput> output = run();
        output.ifPresent(this::deliver);
        counters.stepNanos += worked ? nanoTime.getAsLong() - startNanos : 0;
        publish();
        return worked;
    }

    @Override
    public void close() {
        inbox.close().forEach(task -> task.reject("the scheduler was closed"));
        drainCommands();
        while (!running.isEmpty()) {
            finish(running.youngest(), FinishReason.CANCELLED);
        }
        while (!waiting.isEmpty()) {
            finish(waiting.youngest(), FinishReason.CANCELLED);
        }
        publish();
    }

    @Override
    public void checkInvariants() {
        inbox.check(waiting.size(), running.size());
        Invariants.check(waiting, running, pool);
    }

    private boolean drainCommands() {
        CommandInbox.Commands commands = inbox.drain();
        for (Sequence sequence : commands.submitted()) {
            sequence.arrival = placeInLine(sequence, arrivals++);
            sequence.state = Sequence.State.WAITING;
            waiting.add(sequence);
            events.onQueued(sequence.request, nanoTime.getAsLong());
        }
        for (Sequence sequence : commands.cancelled()) {
            if (sequence.state != Sequence.State.FINISHED) {
                finish(sequence, FinishReason.CANCELLED);
            }
        }
        runTasks(commands.tasks());
        return !commands.isEmpty();
    }

    /** Returns what orders sequences: priority first, then the order in which they came. */
    private static long placeInLine(Sequence sequence, long order) {
        return ((long) sequence.request.priority() << PRIORITY_SHIFT) + order;
    }

    private void runTasks(List<PoolTask<?>> tasks) {
        if (tasks.isEmpty()) {
            return;
        }
        tasks.forEach(task -> task.run(pool));
        publish(); // who has an answer finds it in the counts too
        tasks.forEach(PoolTask::tell);
    }

    /** Fills {@link #batch} and {@link #rows}. Returns whether anything was planned or preempted. */
    private boolean plan(long nowNanos) {
        int left = planner.plan(running, together.begin());
        boolean preempted = reserve();
        admit(left, nowNanos);
        batch.clear();
        rows.clear();
        for (int i = 0; i < running.size(); i++) {
            Sequence sequence = running.get(i);
            if (sequence.scheduled > 0) {
                batch.add(sequence);
                rows.add(sequence.row());
            }
        }
        for (PromptShare share : together.shares()) {
            int[] prompt = share.tokens();
            rows.add(new StepRow(prompt, share.from(), share.to(), share.slots(), null, -1, prompt.length));
        }
        return preempted || !rows.isEmpty();
    }

    /** Takes the slots that the plan needs. Returns whether a sequence lost its own for that. */
    private boolean reserve() {
        boolean preempted = false;
        int next = 0;
        while (next < running.size()) {
            Sequence sequence = running.get(next);
            for (Optional<Sequence> own = admission.mustGiveWay(sequence, running);
                    own.isPresent();
                    own = admission.mustGiveWay(sequence, running)) {
                preempt(own.get());
                preempted = true;
            }
            while (sequence.scheduled > 0 && !sequence.table.reserve(pool, sequence.computed + sequence.scheduled)) {
                if (!prefetch.giveWay(waiting, Long.MIN_VALUE) && !together.giveWay(waiting, Long.MIN_VALUE)) {
                    preempt(running.youngest()); // maybe this one; then it isn't scheduled any more
                    preempted = true;
                }
            }
            next += sequence.state == Sequence.State.RUNNING ? 1 : 0; // else another one is in its place
        }
        return preempted;
    }

    /** Sequences that read segments of a node which is gone begin again from what is left. Returns whether there was one. */
    private boolean preemptLost() {
        boolean any = false;
        for (int i = running.size() - 1; i >= 0; i--) {
            if (!running.get(i).table.isIntact()) {
                preempt(running.get(i));
                any = true;
            }
        }
        return any;
    }

    private void admit(int budget, long nowNanos) {
        prefetch.begin(waiting, nowNanos);
        Set<Long> overQuota = new HashSet<>(); // tenants
        int left = budget;
        int next = 0;
        while (left > 0 && next < waiting.size() && running.size() < config.maxSequences()) {
            Sequence sequence = waiting.get(next);
            if (admission.isWorthWaiting(sequence, running)
                    || prefetch.isWorthWaiting(sequence, nowNanos)
                    || together.isWorthWaiting(sequence, waiting, nowNanos)) {
                next++; // others may pass it
                continue;
            }
            if (overQuota.contains(sequence.tenant())) {
                next++; // behind one of its own
                continue;
            }
            Admission.Answer answer = admission.open(sequence, running);
            if (answer == Admission.Answer.OVER_QUOTA) {
                overQuota.add(sequence.tenant());
                next++;
                continue;
            }
            if (answer == Admission.Answer.NO_ROOM) {
                if (prefetch.giveWay(waiting, sequence.arrival)
                        || together.giveWay(waiting, sequence.arrival)
                        || prefetch.giveUp(sequence, admission.missing())) {
                    continue;
                }
                return; // others may not: a long prompt would never find the pool empty enough
            }
            int chunk = planner.schedule(sequence, left);
            if (!sequence.table.reserve(pool, sequence.computed + chunk)) {
                throw new IllegalStateException("the pool has no slots for " + sequence.describe()
                        + " although it says " + pool.usage(Tier.DEVICE));
            }
            left -= chunk;
            waiting.remove(sequence);
            running.add(sequence);
            sequence.state = Sequence.State.RUNNING;
            together.end(sequence);
            inbox.onAdmitted();
            long fetchNanos = Prefetch.began(sequence, nowNanos);
            count(sequence, nowNanos, fetchNanos, prefetch.onAdmitted(sequence, sequence.table.sealedTokens()));
        }
    }

    private void count(Sequence sequence, long nowNanos, long fetchNanos, CachedTokens cached) {
        if (sequence.admittedBefore) {
            return;
        }
        sequence.onAdmitted(nowNanos, cached);
        counters.promptTokens += sequence.promptTokens;
        int lookedUp = sequence.needsWholePrompt() ? 0 : sequence.request.prompt().length;
        if (lookedUp > 0) {
            counters.lookedUp(lookedUp, sequence.cachedTokens);
        }
        events.onAdmitted(sequence.request, cached, lookedUp, fetchNanos, nowNanos);
    }

    private void preempt(Sequence sequence) {
        running.remove(sequence);
        sequence.onPreempted(pool);
        waiting.add(sequence);
        inbox.onPreempted();
        counters.preemptions++;
        events.onPreempted(sequence.request.id(), nanoTime.getAsLong());
    }

    /** Runs the batch, if there is one. A failure ends the sequences of this batch, and no others. */
    private Optional<StepOutput> run() {
        if (rows.isEmpty()) {
            return Optional.empty();
        }
        long startNanos = nanoTime.getAsLong();
        runNanos = startNanos;
        try {
            StepOutput output = runner.run(new StepInput(rows));
            checkAnswers(output);
            long nanos = nanoTime.getAsLong() - startNanos;
            counters.runnerNanos += nanos;
            learn(nanos);
            return Optional.of(output);
        } catch (LostSegmentsException e) {
            // The next step finds whose segments are lost; all others compute theirs again.
            for (Sequence sequence : batch) {
                sequence.scheduled = 0;
            }
            together.failed();
            counters.lostSteps++;
            return Optional.empty();
        } catch (RuntimeException e) {
            // What the step wrote lies in writing slots, which are freed; nothing of it was sealed.
            for (Sequence sequence : batch) {
                finish(sequence, FinishReason.ERROR);
            }
            together.failed();
            if (runner.isLost()) {
                throw e; // nothing that follows could be right: the node leaves the service
            }
            onError.accept(e);
            return Optional.empty();
        }
    }

    /** A step with other nodes in it says little about this one. */
    private void learn(long nanos) {
        if (!together.shares().isEmpty()) {
            return;
        }
        prefetch.onStep(batch.stream().mapToInt(sequence -> sequence.scheduled).sum(), nanos);
        if (choice == NodeChoice.ALONE || batch.stream().anyMatch(sequence -> sequence.table.remoteTokens() > 0)) {
            return;
        }
        StepWork work = StepWork.NONE;
        for (Sequence sequence : batch) {
            work = work.plus(
                    sequence.remaining() == 1
                            ? StepWork.decode(sequence.computed)
                            : StepWork.prefill(sequence.computed, sequence.scheduled));
        }
        choice.onStep(work, nanos / 1e9);
    }

    private void checkAnswers(StepOutput output) {
        if (output.rows().size() != rows.size()) {
            throw new IllegalStateException(
                    "the runner answered " + output.rows().size() + " of " + rows.size() + " rows");
        }
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i).sample() != null && output.rows().get(i).token() < 0) {
                throw new IllegalStateException(
                        "the runner sampled no token for " + batch.get(i).describe());
            }
            if (rows.get(i).pooling() != null && output.rows().get(i).hidden() == null) {
                throw new IllegalStateException(
                        "the runner gave no hidden states for " + batch.get(i).describe());
            }
        }
    }

    private void deliver(StepOutput output) {
        long nowNanos = nanoTime.getAsLong();
        counters.steps++;
        counters.computedTokens += together.tokens();
        together.computed();
        for (int i = 0; i < batch.size(); i++) {
            Sequence sequence = batch.get(i);
            RowOutput row = output.rows().get(i);
            counters.computedTokens += sequence.scheduled;
            int from = sequence.computed;
            sequence.onComputed(pool, row);
            events.onComputed(sequence.request.id(), from, sequence.computed, runNanos, nowNanos);
            if (sequence.remaining() > 0) {
                continue;
            }
            if (sequence.request.pooling() != null) {
                deliverEmbedding(sequence);
            } else {
                deliverToken(sequence, row, nowNanos);
            }
        }
    }

    private void deliverEmbedding(Sequence sequence) {
        sequence.prefilled = true;
        boolean told = isTold(() -> {
            sequence.sink.onPrefilled(sequence.cachedTokens, List.of());
            sequence.sink.onEmbedding(sequence.embedding());
        });
        finish(sequence, told ? FinishReason.STOP : FinishReason.ERROR);
    }

    private void deliverToken(Sequence sequence, RowOutput row, long nowNanos) {
        if (!sequence.prefilled) {
            sequence.prefilled = true;
            List<TokenLogprobs> logprobs = sequence.takePromptLogprobs();
            if (!isTold(() -> sequence.sink.onPrefilled(sequence.cachedTokens, logprobs))) {
                finish(sequence, FinishReason.CANCELLED);
                return;
            }
        }
        // A resumed request may have had its last token before.
        if (sequence.isGuideOver() || sequence.isEndToken(row.token())) {
            finish(sequence, FinishReason.STOP);
            return;
        }
        try {
            sequence.append(row.token(), nowNanos);
        } catch (IllegalStateException e) { // a runner that sampled what its guide doesn't allow
            onError.accept(e);
            finish(sequence, FinishReason.ERROR);
            return;
        }
        counters.generatedTokens++;
        if (!isTold(() -> sequence.sink.onToken(row.token(), row.logprobs()))) {
            finish(sequence, FinishReason.CANCELLED);
        } else if (sequence.isGuideOver()) {
            finish(sequence, FinishReason.STOP); // only an end token could come
        } else if (sequence.length == sequence.limit) {
            finish(sequence, FinishReason.LENGTH);
        }
    }

    private void finish(Sequence sequence, FinishReason reason) {
        boolean wasWaiting = sequence.state == Sequence.State.WAITING;
        (wasWaiting ? waiting : running).remove(sequence);
        prefetch.end(sequence);
        together.end(sequence);
        sequence.onFinished(pool);
        inbox.onFinished(sequence, wasWaiting);
        RequestStats stats = sequence.stats(nanoTime.getAsLong());
        events.onFinished(sequence.request.id(), reason, stats);
        isTold(() -> sequence.sink.onFinish(reason, stats));
    }

    /** Calls a sink. One that throws must not harm the others in the batch. */
    private boolean isTold(Runnable callback) {
        try {
            callback.run();
            return true;
        } catch (RuntimeException e) {
            onError.accept(e);
            return false;
        }
    }

    private void publish() {
        published = counters.snapshot(running.size(), inbox.waiting(), pool.tiers());
    }
}
