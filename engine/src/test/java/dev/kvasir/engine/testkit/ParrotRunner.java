package dev.kvasir.engine.testkit;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.Pooling;
import dev.kvasir.runner.RopeConfig;
import dev.kvasir.runner.RowOutput;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.StepInput;
import dev.kvasir.runner.StepOutput;
import dev.kvasir.runner.StepRow;
import dev.kvasir.runner.TokenLogprobs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Says what it was told: token {@code i} of the answer is ordinary token {@code i} of the prompt, then the end token. A bias of 100
 * has its token said instead, a temperature of 2 letters that depend on the seed, and a prompt with {@code 0xFF} in it breaks the
 * step. It keeps to a guide where there is one. Steps can be held by {@link #pause}.
 */
public final class ParrotRunner implements ModelRunner {
    private final ModelConfig config;
    private final KvLayout layout = new KvLayout(1, 1, 2, 16, KvDtype.FLOAT32);
    private final SlotStorage storage;
    private final Semaphore steps = new Semaphore(Integer.MAX_VALUE);
    private volatile boolean closed;
    private volatile boolean breaks = true;
    private volatile long paceNanos;
    private volatile Consumer<StepRow> onRow = row -> {};
    private volatile @Nullable SamplingParams lastSample;

    public ParrotRunner(int contextTokens, int slots) {
        config = new ModelConfig(
                ModelConfig.Family.LLAMA,
                2,
                2,
                1,
                1,
                1,
                2,
                ByteTokenizer.VOCAB,
                contextTokens,
                1e-5f,
                RopeConfig.plain(10_000),
                false,
                false,
                false,
                false,
                true,
                ByteTokenizer.BEGIN,
                List.of(ByteTokenizer.END, ByteTokenizer.TURN_END),
                DType.FLOAT32);
        storage = BufferSlotStorage.heap(layout, slots);
    }

    /** Lets no step through until {@link #allow} or {@link #resume}. */
    public void pause() {
        steps.drainPermits();
    }

    /** Returns whether a step is being held. */
    public boolean isHolding() {
        return steps.hasQueuedThreads();
    }

    /** Has every step take so long, as a model's would. */
    public void pace(long nanos) {
        paceNanos = nanos;
    }

    /** Has {@code watcher} told of every row, on the step thread. */
    public void onRow(Consumer<StepRow> watcher) {
        onRow = watcher;
    }

    /** Has no prompt break a step any more. */
    public void neverBreak() {
        breaks = false;
    }

    /** Lets so many steps through. */
    public void allow(int count) {
        steps.release(count);
    }

    /** Lets every step through. */
    public void resume() {
        steps.release(Integer.MAX_VALUE - steps.availablePermits());
    }

    /** Returns how the last token was to be chosen; null before the first. */
    public @Nullable SamplingParams lastSample() {
        return lastSample;
    }

    public boolean isClosed() {
        return closed;
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public KvLayout kvLayout() {
        return layout;
    }

    @Override
    public SlotStorage kvStorage() {
        return storage;
    }

    @Override
    public byte[] fingerprint() {
        byte[] fingerprint = new byte[32];
        Arrays.fill(fingerprint, (byte) 7);
        return fingerprint;
    }

    @Override
    public StepOutput run(StepInput input) {
        steps.acquireUninterruptibly();
        long endNanos = System.nanoTime() + paceNanos;
        List<RowOutput> rows = new ArrayList<>();
        for (StepRow row : input.rows()) {
            onRow.accept(row);
            if (row.sample() != null) {
                lastSample = row.sample();
            }
            rows.add(run(row));
        }
        for (long left = endNanos - System.nanoTime(); paceNanos > 0 && left > 0; left = endNanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        return new StepOutput(rows);
    }

    private RowOutput run(StepRow row) {
        for (int i = 0; i < row.promptTokens(); i++) {
            if (breaks && row.tokens()[i] == 0xff) {
                throw new IllegalStateException("the step broke, as it was told to");
            }
        }
        List<TokenLogprobs> prompt = new ArrayList<>();
        if (row.promptLogprobs() >= 0) {
            for (int at = row.from() + 1; at <= row.to() && at < row.promptTokens(); at++) {
                prompt.add(logprobs(row.tokens()[at], row.promptLogprobs()));
            }
        }
        SamplingParams sample = row.sample();
        if (sample == null) {
            return new RowOutput(RowOutput.NO_TOKEN, null, prompt, hidden(row));
        }
        int token = guided(row, next(row, sample));
        return new RowOutput(token, sample.logprobs() < 0 ? null : logprobs(token, sample.logprobs()), prompt);
    }

    /** The hidden state of token t at position p is (t, p + 1). */
    private static double @Nullable [] hidden(StepRow row) {
        if (row.pooling() == null) {
            return null;
        }
        double[] sum = new double[2];
        for (int at = row.pooling() == Pooling.LAST ? row.to() - 1 : row.from(); at < row.to(); at++) {
            sum[0] += row.tokens()[at];
            sum[1] += at + 1;
        }
        return sum;
    }

    /** A guide comes first: where it doesn't allow what would be said, the first token that it allows is. */
    private static int guided(StepRow row, int token) {
        if (row.guide() == null) {
            return token;
        }
        BitSet allowed = BitSet.valueOf(row.guide().allowed());
        if (allowed.get(token)) {
            return token;
        }
        return allowed.get(ByteTokenizer.END) ? ByteTokenizer.END : allowed.nextSetBit(0);
    }

    private static int next(StepRow row, SamplingParams sample) {
        int said = row.to() - row.promptTokens();
        if (sample.temperature() == 2) {
            return 'a' + (int) Math.floorMod(sample.seed() + said, 26L);
        }
        for (Map.Entry<Integer, Float> bias : sample.logitBias().entrySet()) {
            if (bias.getValue() == 100) {
                return bias.getKey();
            }
        }
        int[] ordinary = Arrays.stream(row.tokens(), 0, row.promptTokens())
                .filter(token -> token < ByteTokenizer.BEGIN)
                .toArray();
        boolean mayEnd = Arrays.stream(sample.banned()).noneMatch(token -> token == ByteTokenizer.END);
        return said >= ordinary.length && mayEnd
                ? ByteTokenizer.END
                : ordinary.length == 0 ? '?' : ordinary[said % ordinary.length];
    }

    /** Token t has log-probability -t/1000; the top are t and the tokens after it. */
    private static TokenLogprobs logprobs(int token, int top) {
        int[] tokens = new int[top];
        float[] values = new float[top];
        for (int i = 0; i < top; i++) {
            tokens[i] = (token + i) % ByteTokenizer.VOCAB;
            values[i] = -token / 1000f - i;
        }
        return new TokenLogprobs(token, -token / 1000f, tokens, values);
    }

    @Override
    public void close() {
        closed = true;
        resume();
    }
}
