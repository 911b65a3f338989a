package dev.kvasir.scheduler.realmodel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.CachedTokens;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.runner.RunnerOptions;
import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.TokenLogprobs;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.torch.TorchModelRunner;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.RequestStats;
import dev.kvasir.scheduler.Scheduler.Submission;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.scheduler.TokenSink;
import dev.kvasir.scheduler.batching.ContinuousScheduler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Scheduler, pool and a real model, driven by hand; invariants are checked after every step. */
final class RealEngine implements AutoCloseable {
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);

    final TorchModelRunner runner;
    final LocalMemPool pool;
    final ContinuousScheduler scheduler;
    private int requests;

    RealEngine(Path model, Arrangement arrangement) {
        ModelDirectory directory = ModelDirectory.open(model);
        var config = directory.config();
        int bytes = arrangement.dtype() == DTypeChoice.BFLOAT16 ? 2 : 4;
        long segmentBytes = 2L * config.layers() * config.kvHeads() * arrangement.segment() * config.headDim() * bytes;
        runner = TorchModelRunner.load(
                config,
                directory.checkpoint(),
                new byte[32],
                new RunnerOptions(
                        arrangement.dtype(),
                        2,
                        segmentBytes * arrangement.slots(),
                        arrangement.segment(),
                        arrangement.plan()));
        pool = new LocalMemPool(runner.kvLayout(), 0, runner.kvStorage(), new LruPolicy());
        SchedulerConfig limits =
                new SchedulerConfig(2048, arrangement.together(), 1000, arrangement.chunk(), config.contextTokens());
        scheduler = new ContinuousScheduler(limits, runner, pool, () -> 0, failure -> {
            throw new AssertionError(failure);
        });
    }

    Answer submit(int[] prompt, SamplingParams sampling, int maxTokens) {
        String id = "r" + requests++;
        Answer answer = new Answer(id);
        GenerationRequest request =
                new GenerationRequest(id, ROOT, prompt.clone(), sampling, maxTokens, 0, new int[0], -1, 0);
        assertThat(scheduler.submit(request, answer)).isEqualTo(Submission.ACCEPTED);
        return answer;
    }

    void step() {
        scheduler.step();
        scheduler.checkInvariants();
    }

    void finish() {
        while (scheduler.hasWork()) {
            step();
        }
        assertThat(pool.usage(Tier.DEVICE).pinned()).as("pins left").isZero();
        assertThat(pool.usage(Tier.DEVICE).writing()).as("private slots left").isZero();
    }

    @Override
    public void close() {
        scheduler.close();
        runner.close();
    }

    /** What a request got. */
    static final class Answer implements TokenSink {
        final String id;
        final List<Integer> tokens = new ArrayList<>();
        final List<Float> margins = new ArrayList<>();
        int cachedTokens = -1;

        @Nullable
        FinishReason reason;

        Answer(String id) {
            this.id = id;
        }

        @Override
        public void onPrefilled(CachedTokens cached, List<TokenLogprobs> promptLogprobs) {
            cachedTokens = cached.total();
        }

        @Override
        public void onToken(int token, @Nullable TokenLogprobs logprobs) {
            tokens.add(token);
            if (logprobs != null && logprobs.topLogprobs().length > 1) {
                margins.add(logprobs.topLogprobs()[0] - logprobs.topLogprobs()[1]);
            }
        }

        @Override
        public void onFinish(FinishReason why, RequestStats stats) {
            reason = why;
        }
    }
}
