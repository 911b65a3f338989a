package dev.kvasir.scheduler.batching;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.MemPool;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.scheduler.FinishReason;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.Scheduler.Submission;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.scheduler.SchedulerStats;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A scheduler over a fake model and a real pool, driven by hand. Checks the invariants after every step. */
final class Harness {
    static final SegmentId TENANT_A = new SegmentId(1, 0, 0, 0);
    static final SegmentId TENANT_B = new SegmentId(2, 0, 0, 0);
    static final int[] END_TOKENS = {FakeModelRunner.END};
    static final int[] IGNORE_END = {};

    private static final int MOST_STEPS = 100_000; // a scheduler that makes no progress fails instead of hanging

    final FakeModelRunner runner;
    final MemPool pool;
    final ContinuousScheduler scheduler;
    final List<Throwable> errors = new ArrayList<>();
    long nanos = 1_000;

    private int requests;

    Harness(int segmentTokens, int slots, SchedulerConfig config) {
        this(
                segmentTokens,
                slots,
                config,
                runner -> new LocalMemPool(runner.kvLayout(), 0, runner.kvStorage(), new LruPolicy()));
    }

    Harness(int segmentTokens, int slots, SchedulerConfig config, Function<FakeModelRunner, MemPool> over) {
        runner = new FakeModelRunner(segmentTokens, slots);
        pool = over.apply(runner);
        scheduler = new ContinuousScheduler(config, runner, pool, () -> nanos++, errors::add);
    }

    /** Segments of 16 tokens, chunks of 32, 64 tokens a step, 8 sequences, a context of 512. */
    static Harness withSlots(int slots) {
        return new Harness(16, slots, new SchedulerConfig(64, 8, 100, 32, 512));
    }

    /** A prompt that depends on {@code family} and agrees with others of its family up to the shorter length. */
    static int[] prompt(int family, int length) {
        int[] tokens = new int[length];
        for (int i = 0; i < length; i++) {
            tokens[i] = 1 + Math.floorMod((family * 31 + i * 7) ^ (i / 5), FakeModelRunner.VOCAB - 1);
        }
        return tokens;
    }

    GenerationRequest request(int[] prompt, int maxTokens) {
        return request(TENANT_A, prompt, SamplingParams.GREEDY, maxTokens, 0, IGNORE_END, -1);
    }

    GenerationRequest request(
            SegmentId root,
            int[] prompt,
            SamplingParams sampling,
            int maxTokens,
            int minTokens,
            int[] endTokens,
            int promptLogprobs) {
        String id = "r" + requests++;
        return new GenerationRequest(
                id, root, prompt, sampling, maxTokens, minTokens, endTokens, promptLogprobs, nanos++);
    }

    RecordingSink submit(int[] prompt, int maxTokens) {
        return submit(request(prompt, maxTokens));
    }

    RecordingSink submit(GenerationRequest request) {
        RecordingSink sink = new RecordingSink(request);
        assertThat(scheduler.submit(request, sink)).isEqualTo(Submission.ACCEPTED);
        return sink;
    }

    boolean step() {
        boolean worked = scheduler.step();
        scheduler.checkInvariants();
        return worked;
    }

    void steps(int count) {
        for (int i = 0; i < count; i++) {
            step();
        }
    }

    void stepUntilPrefilled(RecordingSink sink) {
        for (int i = 0; !sink.isPrefilled(); i++) {
            assertThat(i).as("steps without progress").isLessThan(MOST_STEPS);
            step();
        }
    }

    void stepUntilIdle() {
        for (int i = 0; scheduler.hasWork(); i++) {
            assertThat(i).as("steps without progress").isLessThan(MOST_STEPS);
            assertThat(step()).as("a step with work does some").isTrue();
        }
        assertThat(step()).isFalse();
        PoolUsage usage = usage();
        assertThat(usage.writing()).as("writing slots when idle").isZero();
        assertThat(usage.pinned()).as("pinned slots when idle").isZero();
        SchedulerStats stats = scheduler.stats();
        assertThat(stats.running()).isZero();
        assertThat(stats.waiting()).isZero();
    }

    PoolUsage usage() {
        return pool.usage(Tier.DEVICE);
    }

    /** Returns what {@code request} generates if nobody stops it. */
    List<Integer> expected(GenerationRequest request) {
        int room = scheduler.maxTokens() - request.prompt().length;
        return FakeModelRunner.generate(
                request.prompt(),
                request.sampling(),
                Math.min(request.maxTokens(), room),
                request.minTokens(),
                request.endTokens());
    }

    /** Checks tokens, reason and numbers of a request that ended by itself. */
    void assertServed(RecordingSink sink) {
        GenerationRequest request = sink.request;
        List<Integer> expected = expected(request);
        int room = Math.min(request.maxTokens(), scheduler.maxTokens() - request.prompt().length);
        assertThat(sink.tokens).as("tokens of " + request.id()).isEqualTo(expected);
        assertThat(sink.reason).isEqualTo(expected.size() == room ? FinishReason.LENGTH : FinishReason.STOP);
        assertThat(sink.stats).isNotNull();
        assertThat(sink.stats.generatedTokens()).isEqualTo(expected.size());
        assertThat(sink.stats.promptTokens()).isEqualTo(request.prompt().length);
        assertThat(sink.stats.cachedTokens().total()).isEqualTo(sink.cachedTokens);
        if (request.promptLogprobs() >= 0) {
            assertThat(sink.cachedTokens).isZero();
            assertThat(sink.promptLogprobs.stream().map(p -> p.logprob()).toList())
                    .isEqualTo(FakeModelRunner.promptLogprobs(request.prompt()));
        }
    }
}
