package dev.kvasir.benchmarks.tiers;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.Tier;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.PrefetchConfig;
import dev.kvasir.scheduler.PrefetchConfig.Patience;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.Scheduler;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.scheduler.TokenSink;
import dev.kvasir.scheduler.batching.ContinuousScheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Times the way to the first token of a prompt whose prefix lies somewhere, from submission on, through the scheduler. */
final class FirstToken implements AutoCloseable {
    /** Tokens behind the prefix. */
    static final int TAIL_TOKENS = 16;

    private static final int STEP_TOKENS = 512; // as the server's defaults
    private static final int CHUNK_TOKENS = 256;
    private static final int WARM_UPS = 2;
    private static final int[] NO_END = {};

    private final ModelRunner runner;
    private final BenchPool bench;
    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final int promptTokens;
    private @Nullable Throwable failure;
    private long requests;

    /**
     * Serves from a pool, which stays its owner's.
     *
     * @param prefixTokens tokens that may lie in a tier; a few more stand behind them
     * @param random draws the prompts
     */
    FirstToken(ModelRunner runner, BenchPool bench, int prefixTokens, RandomGenerator random) {
        this.runner = runner;
        this.bench = bench;
        this.random = random;
        promptTokens = prefixTokens + TAIL_TOKENS;
        SchedulerConfig config = new SchedulerConfig(
                STEP_TOKENS, 1, 1, CHUNK_TOKENS, runner.config().contextTokens(), new PrefetchConfig(Patience.WAIT, 0));
        scheduler = new ContinuousScheduler(config, runner, bench.pool(), System::nanoTime, e -> failure = e);
    }

    /** Returns nanoseconds to the first token of prompts that nobody has seen. */
    List<Long> computed(int runs) throws InterruptedException {
        List<Long> nanos = new ArrayList<>();
        for (int run = -WARM_UPS; run < runs; run++) {
            Asked asked = ask(prompt());
            if (asked.cached.total() != 0) {
                throw new IllegalStateException("a prompt that nobody has seen was in the cache: " + asked.cached);
            }
            if (run >= 0) {
                nanos.add(asked.nanos);
            }
        }
        return nanos;
    }

    /**
     * Returns nanoseconds to the first token of a prompt whose prefix lies in a tier. A time when the pool found it quicker to compute some of it doesn't
     * count: there are fewer times then, or none.
     */
    List<Long> from(Tier tier, int runs) throws InterruptedException {
        int[] prompt = prompt();
        ask(prompt);
        int size = bench.pool().layout().segmentTokens();
        int whole = (promptTokens - 1) / size * size;
        List<Long> nanos = new ArrayList<>();
        for (int run = -WARM_UPS; run < 2 * runs && nanos.size() < runs; run++) {
            if (tier != Tier.DEVICE) {
                bench.swapOut();
            }
            Asked asked = ask(prompt);
            if (run >= 0 && asked.cached.of(tier) == whole) {
                nanos.add(asked.nanos);
            }
        }
        return nanos;
    }

    private int[] prompt() {
        return random.ints(promptTokens, 0, runner.config().vocab()).toArray();
    }

    private Asked ask(int[] prompt) throws InterruptedException {
        long begun = System.nanoTime();
        Asked asked = new Asked(begun);
        GenerationRequest request = new GenerationRequest(
                "bench-" + requests++, BenchPool.ROOT, prompt, SamplingParams.GREEDY, 1, 0, NO_END, -1, begun);
        Scheduler.Submission submission = scheduler.submit(request, asked);
        if (submission != Scheduler.Submission.ACCEPTED) {
            throw new IllegalStateException("the scheduler refused a request: " + submission);
        }
        while (!asked.ended) {
            if (!scheduler.step()) {
                bench.awaitCopy();
            }
            if (failure != null) {
                throw new IllegalStateException("a step failed", failure);
            }
        }
        return asked;
    }

    @Override
    public void close() {
        scheduler.close();
    }

    /** A request as far as it has come. */
    private static final class Asked implements TokenSink {
        private final long begunNanos;
        private CachedTokens cached = CachedTokens.NONE;
        private long nanos;
        private boolean ended;

        private Asked(long begunNanos) {
            this.begunNanos = begunNanos;
        }

        @Override
        public void onPrefilled(CachedTokens cachedTokens, List<TokenLogprobs> promptLogprobs) {
            cached = cachedTokens;
        }

        @Override
        public void onToken(int token, @Nullable TokenLogprobs logprobs) {
            nanos = System.nanoTime() - begunNanos;
        }

        @Override
        public void onFinish(FinishReason reason, RequestStats stats) {
            ended = true;
        }
    }
}
