package dev.kvasir.benchmarks.step;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.runner.Guide;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.Scheduler;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.scheduler.SchedulerStats;
import dev.kvasir.scheduler.TokenSink;
import dev.kvasir.scheduler.batching.ContinuousScheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A model with pool and scheduler around it, on which workloads are measured. Closes its runner. */
final class LoadedModel implements AutoCloseable {
    private static final int[] NO_END = {};

    private final ModelRunner runner;
    private final SchedulerConfig config;
    private final Scheduler scheduler;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final SegmentId cacheRoot;
    private final @Nullable Guide guide;
    private @Nullable Throwable stepFailure;
    private long requests;

    /**
     * A model to be measured.
     *
     * @param runner closed with this
     * @param random draws the prompts
     * @param guide what all sequences follow, without an end; null for none
     */
    LoadedModel(
            ModelRunner runner,
            SchedulerConfig config,
            LongSupplier nanoTime,
            RandomGenerator random,
            @Nullable Guide guide) {
        this.runner = runner;
        this.config = config;
        this.nanoTime = nanoTime;
        this.random = random;
        this.guide = guide;
        KvDtype dtype = runner.kvLayout().dtype();
        cacheRoot = SegmentIdentity.root(
                runner.fingerprint(), dtype, runner.config().rope().canonical(), new byte[0]);
        LocalMemPool pool = new LocalMemPool(runner.kvLayout(), 0, runner.kvStorage(), new LruPolicy());
        scheduler = new ContinuousScheduler(config, runner, pool, nanoTime, failure -> stepFailure = failure);
    }

    /** Measures one repetition. The prompts are new each time, so that nothing of them is cached. */
    Measurement measure(Workload workload) {
        Measurement measurement = workload.kind() == Workload.Kind.PREFILL ? prefill(workload) : decode(workload);
        while (scheduler.hasWork()) {
            step();
        }
        return measurement;
    }

    private Measurement prefill(Workload workload) {
        SchedulerStats before = scheduler.stats();
        long startNanos = nanoTime.getAsLong();
        Progress progress = submit(workload.promptTokens(), 1);
        while (progress.generated == 0) {
            step();
        }
        return measured(workload, before, startNanos);
    }

    private Measurement decode(Workload workload) {
        // [0, chunks)               steps that prefill; who is done earlier decodes meanwhile
        // [chunks, chunks + timed)  every row decodes one token: these are timed
        int chunks = workload.sequences() * divideUp(workload.promptTokens(), config.prefillChunk());
        List<Progress> progress = new ArrayList<>();
        for (int i = 0; i < workload.sequences(); i++) {
            progress.add(submit(workload.promptTokens(), chunks + workload.decodeTokens() + 1));
        }
        while (progress.stream().anyMatch(sequence -> sequence.generated == 0)) {
            step();
        }
        SchedulerStats before = scheduler.stats();
        long startNanos = nanoTime.getAsLong();
        for (int i = 0; i < workload.decodeTokens(); i++) {
            step();
        }
        Measurement measurement = measured(workload, before, startNanos);
        long generated = scheduler.stats().generatedTokens() - before.generatedTokens();
        if (generated != workload.tokens()) {
            throw new IllegalStateException(workload + " should have decoded " + workload.tokens() + " tokens in "
                    + workload.decodeTokens() + " steps, but it was " + generated + ": is the pool too small?");
        }
        progress.forEach(sequence -> scheduler.cancel(sequence.id));
        return measurement;
    }

    private Measurement measured(Workload workload, SchedulerStats before, long startNanos) {
        long nanos = nanoTime.getAsLong() - startNanos;
        SchedulerStats after = scheduler.stats();
        if (after.hitTokens() != before.hitTokens() || after.preemptions() != before.preemptions()) {
            throw new IllegalStateException(workload + " found " + (after.hitTokens() - before.hitTokens())
                    + " tokens in the cache and was preempted " + (after.preemptions() - before.preemptions())
                    + " times, and both should be 0");
        }
        return new Measurement(
                workload.tokens(),
                nanos,
                after.steps() - before.steps(),
                after.stepNanos() - before.stepNanos(),
                after.runnerNanos() - before.runnerNanos());
    }

    private Progress submit(int promptTokens, int maxTokens) {
        int[] prompt = random.ints(promptTokens, 0, runner.config().vocab()).toArray();
        Progress progress = new Progress("bench-" + requests++);
        GenerationRequest request = new GenerationRequest(
                        progress.id,
                        cacheRoot,
                        prompt,
                        SamplingParams.GREEDY,
                        maxTokens,
                        0,
                        NO_END,
                        -1,
                        nanoTime.getAsLong())
                .withGuide(guide);
        Scheduler.Submission submission = scheduler.submit(request, progress);
        if (submission != Scheduler.Submission.ACCEPTED) {
            throw new IllegalStateException("the scheduler refused a request: " + submission);
        }
        return progress;
    }

    private void step() {
        boolean worked = scheduler.step();
        if (stepFailure != null) {
            throw new IllegalStateException("a step failed", stepFailure);
        }
        if (!worked && scheduler.hasWork()) {
            throw new IllegalStateException("the scheduler has work but did none: " + scheduler.stats());
        }
    }

    private static int divideUp(int amount, int by) {
        return (amount + by - 1) / by;
    }

    @Override
    public void close() {
        scheduler.close();
        runner.close();
    }

    /** How far a sequence is. */
    private static final class Progress implements TokenSink {
        private final String id;
        private int generated;

        private Progress(String id) {
            this.id = id;
        }

        @Override
        public void onPrefilled(CachedTokens cachedTokens, List<TokenLogprobs> promptLogprobs) {}

        @Override
        public void onToken(int token, @Nullable TokenLogprobs logprobs) {
            generated++;
        }

        @Override
        public void onFinish(FinishReason reason, RequestStats stats) {
            if (reason == FinishReason.ERROR) {
                throw new IllegalStateException("request " + id + " failed");
            }
        }
    }
}
