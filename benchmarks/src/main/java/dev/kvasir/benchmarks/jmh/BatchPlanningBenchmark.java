package dev.kvasir.benchmarks.jmh;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.Scheduler;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.scheduler.TokenSink;
import dev.kvasir.scheduler.batching.ContinuousScheduler;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A whole step of the scheduler around a model that takes no time: drain, plan, reserve, deliver. A sequence that ends is
 * followed by a new one, so that a step is a decode of nearly all sequences and now and then a prefill.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class BatchPlanningBenchmark {
    private static final int PROMPT_TOKENS = 512;
    private static final int MAX_TOKENS = 512;
    private static final int PREFILL_CHUNK = 512;
    private static final int[] NO_END = {};

    @Param("64")
    public int sequences;

    private final SplittableRandom random = new SplittableRandom(1);
    private long requests;
    private @Nullable Throwable failure;

    @SuppressWarnings("NullAway.Init") // set up by JMH
    private Scheduler scheduler;

    /** Starts the sequences. */
    @Setup(Level.Trial)
    public void start() {
        int context = PROMPT_TOKENS + MAX_TOKENS;
        int slots = 2 * sequences * InstantRunner.LAYOUT.segmentsFor(context);
        InstantRunner runner = new InstantRunner(context, slots);
        LocalMemPool pool = new LocalMemPool(InstantRunner.LAYOUT, 0, runner.kvStorage(), new LruPolicy());
        SchedulerConfig config =
                new SchedulerConfig(sequences + PREFILL_CHUNK, sequences, sequences, PREFILL_CHUNK, context);
        scheduler = new ContinuousScheduler(config, runner, pool, System::nanoTime, thrown -> failure = thrown);
        for (int i = 0; i < sequences; i++) {
            // Lengths from 1 on: else all sequences would end, and begin, in the same step.
            submit(1 + MAX_TOKENS * i / sequences);
        }
    }

    /** One step. */
    @Benchmark
    public boolean step() {
        return scheduler.step();
    }

    /** A benchmark that failed, or left the books in disorder, has measured nothing. */
    @TearDown(Level.Trial)
    public void check() {
        scheduler.checkInvariants();
        if (failure != null || scheduler.stats().running() == 0) {
            throw new IllegalStateException("nothing ran: " + scheduler.stats(), failure);
        }
        scheduler.close();
    }

    private void submit(int maxTokens) {
        int[] prompt = random.ints(PROMPT_TOKENS, 0, InstantRunner.VOCAB).toArray();
        GenerationRequest request = new GenerationRequest(
                "jmh-" + requests++,
                new SegmentId(1, 2, 3, 4),
                prompt,
                SamplingParams.GREEDY,
                maxTokens,
                0,
                NO_END,
                -1,
                0);
        Scheduler.Submission submission = scheduler.submit(request, new Successor());
        if (submission != Scheduler.Submission.ACCEPTED) {
            throw new IllegalStateException("the scheduler refused a request: " + submission);
        }
    }

    /** Takes tokens and, at the end, starts the next sequence. */
    private final class Successor implements TokenSink {
        @Override
        public void onPrefilled(CachedTokens cachedTokens, List<TokenLogprobs> promptLogprobs) {}

        @Override
        public void onToken(int token, @Nullable TokenLogprobs logprobs) {}

        @Override
        public void onFinish(FinishReason reason, RequestStats stats) {
            if (reason == FinishReason.LENGTH) {
                submit(MAX_TOKENS);
            }
        }
    }
}
