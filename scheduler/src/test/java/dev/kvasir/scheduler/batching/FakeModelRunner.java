package dev.kvasir.scheduler.batching;

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
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model whose next token is a hash of everything that it reads back from the pool's memory.
 *
 * <p>Where a real model keeps a token's key and value, it keeps token and position, and a hash of all that stood before. A
 * wrong slot, a stale one, a lost pin or a segment shared too early changes what it reads, hence its tokens. {@link #generate}
 * says what they should be, without any pool.
 */
final class FakeModelRunner implements ModelRunner {
    static final int VOCAB = 40;
    static final int END = 0;

    private static final long START = 0x9E3779B97F4A7C15L;

    private final KvLayout layout;
    private final SlotStorage storage;

    /** Rows of every step, for tests that count. */
    final List<List<RowShape>> steps = new ArrayList<>();

    /** Whether no step can be computed any more. */
    boolean isLost;

    @Override
    public boolean isLost() {
        return isLost;
    }

    /** Thrown by the next step, after it has written half of what it should. */
    @Nullable
    RuntimeException failure;

    /** What a row computed. */
    record RowShape(int from, int to, boolean samples) {
        int tokens() {
            return to - from;
        }
    }

    FakeModelRunner(int segmentTokens, int slots) {
        layout = new KvLayout(1, 1, 2, segmentTokens, KvDtype.FLOAT32);
        storage = BufferSlotStorage.heap(layout, slots);
    }

    @Override
    public StepOutput run(StepInput input) {
        List<RowShape> shapes = new ArrayList<>();
        List<Long> pasts = new ArrayList<>();
        for (StepRow row : input.rows()) {
            shapes.add(new RowShape(row.from(), row.to(), row.sample() != null));
            pasts.add(readPast(row)); // before anything is written: rows of one step can't read from each other
        }
        steps.add(shapes);
        Set<Long> written = new HashSet<>();
        List<RowOutput> outputs = new ArrayList<>();
        for (int i = 0; i < input.rows().size(); i++) {
            outputs.add(compute(input.rows().get(i), pasts.get(i), written));
            RuntimeException broken = failure;
            if (broken != null && i >= input.rows().size() / 2) {
                failure = null;
                throw broken;
            }
        }
        return new StepOutput(outputs);
    }

    /** Returns what a request generates: the oracle. An end token is not part of it. */
    static List<Integer> generate(int[] prompt, SamplingParams sampling, int most, int minTokens, int[] endTokens) {
        long state = START;
        for (int position = 0; position < prompt.length; position++) {
            state = next(state, prompt[position], position);
        }
        List<Integer> generated = new ArrayList<>();
        while (generated.size() < most) {
            int[] banned = generated.size() < minTokens ? endTokens : new int[0];
            int position = prompt.length + generated.size();
            int token = sample(state, sampling.seed(), position, prompt.length, banned);
            if (contains(endTokens, token)) {
                break;
            }
            generated.add(token);
            state = next(state, token, position);
        }
        return generated;
    }

    /** Returns the log-probabilities of a prompt's tokens from the second on: the oracle. */
    static List<Float> promptLogprobs(int[] prompt) {
        List<Float> logprobs = new ArrayList<>();
        long state = START;
        for (int position = 0; position + 1 < prompt.length; position++) {
            state = next(state, prompt[position], position);
            logprobs.add(logprob(state, prompt[position + 1]));
        }
        return logprobs;
    }

    /** Returns the first number of a prompt's embedding: the oracle. */
    static float embedding(int[] prompt, Pooling pooling) {
        long state = START;
        double sum = 0;
        for (int position = 0; position < prompt.length; position++) {
            state = next(state, prompt[position], position);
            sum += hidden(state);
        }
        return (float) (pooling == Pooling.LAST ? hidden(state) : sum / prompt.length);
    }

    private static double hidden(long state) {
        return state >>> 40; // whole numbers, whose sums are exact
    }

    private long readPast(StepRow row) {
        long state = START;
        for (int position = 0; position < row.from(); position++) {
            ByteBuffer slot = slotOf(row, position);
            int token = slot.getInt(key(position));
            int stored = slot.getInt(key(position) + 4) - 1; // 0 in memory is a cleared slot, not position 0
            long before = slot.getLong(value(position));
            // What was stored must fit what is read: in a correct pool `before` is `state`, and this adds nothing.
            state = next(state, token, stored) + (before ^ state);
        }
        return state;
    }

    private RowOutput compute(StepRow row, long past, Set<Long> written) {
        long state = past;
        double sum = 0;
        List<TokenLogprobs> promptLogprobs = new ArrayList<>();
        for (int position = row.from(); position < row.to(); position++) {
            int token = row.tokens()[position];
            long place = (long) row.slots()[position / layout.segmentTokens()] * layout.segmentTokens()
                    + position % layout.segmentTokens();
            if (!written.add(place)) {
                throw new IllegalStateException("two rows write token " + position + " of one slot");
            }
            ByteBuffer slot = slotOf(row, position);
            if (slot.getInt(key(position) + 4) != 0) {
                throw new IllegalStateException("position " + position + " was written before");
            }
            slot.putInt(key(position), token);
            slot.putInt(key(position) + 4, position + 1);
            slot.putLong(value(position), state);
            state = next(state, token, position);
            sum += hidden(state);
            if (row.promptLogprobs() >= 0 && position + 1 < row.promptTokens()) {
                int prompted = row.tokens()[position + 1];
                promptLogprobs.add(new TokenLogprobs(prompted, logprob(state, prompted), new int[0], new float[0]));
            }
        }
        SamplingParams sampling = row.sample();
        if (sampling == null) {
            double[] hidden = row.pooling() == null
                    ? null
                    : new double[] {row.pooling() == Pooling.LAST ? hidden(state) : sum, row.to() - row.from()};
            return new RowOutput(RowOutput.NO_TOKEN, null, promptLogprobs, hidden);
        }
        int token = sample(state, sampling.seed(), row.to(), row.promptTokens(), sampling.banned());
        TokenLogprobs logprobs = sampling.logprobs() < 0
                ? null
                : new TokenLogprobs(token, logprob(state, token), new int[0], new float[0]);
        return new RowOutput(token, logprobs, promptLogprobs);
    }

    private ByteBuffer slotOf(StepRow row, int position) {
        return storage.slot(row.slots()[position / layout.segmentTokens()]);
    }

    private int key(int position) {
        return layout.offset(0, false, 0, position % layout.segmentTokens()) * KvDtype.FLOAT32.bytes();
    }

    private int value(int position) {
        return layout.offset(0, true, 0, position % layout.segmentTokens()) * KvDtype.FLOAT32.bytes();
    }

    private static long next(long state, int token, int position) {
        return mix(mix(state ^ token) + position);
    }

    private static int sample(long state, long seed, int position, int promptTokens, int[] banned) {
        int token = (int) Long.remainderUnsigned(mix(mix(mix(state ^ seed) + position) + promptTokens), VOCAB);
        while (contains(banned, token)) {
            token = (token + 1) % VOCAB;
        }
        return token;
    }

    private static float logprob(long state, int token) {
        return -(float) (mix(state + token) >>> 40) / (1 << 24);
    }

    private static boolean contains(int[] tokens, int token) {
        for (int other : tokens) {
            if (other == token) {
                return true;
            }
        }
        return false;
    }

    // The finaliser of SplittableRandom.
    private static long mix(long value) {
        long z = value + START;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    @Override
    public ModelConfig config() {
        return new ModelConfig(
                ModelConfig.Family.LLAMA,
                2,
                2,
                1,
                1,
                1,
                2,
                VOCAB,
                1024,
                1e-5f,
                RopeConfig.plain(10_000),
                false,
                false,
                false,
                false,
                false,
                null,
                List.of(END),
                DType.FLOAT32);
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
        return new byte[32];
    }

    @Override
    public void close() {}
}
