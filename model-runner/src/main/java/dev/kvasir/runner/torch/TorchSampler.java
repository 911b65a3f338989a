package dev.kvasir.runner.torch;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.StepRow;
import dev.kvasir.runner.sampling.Candidates;
import dev.kvasir.runner.sampling.Draws;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/** Chooses a token for each row of logits; the vocabulary-wide work is TorchScript's, the choice among candidates Java's. */
final class TorchSampler {
    /*
     * Three ways, cheapest first. Greedy: argmax. No truncation: inverse CDF over the vocabulary. Truncation (top-k, top-p, min-p):
     * the CANDIDATES most likely tokens, and only rows which these don't cover are sorted whole (8 rows of 151,936: 3.4 ms against
     * 49 ms on a prototype). A row's choice depends on its own logits, seed and position alone.
     */
    private static final int CANDIDATES = 256;

    private final TorchModule module;
    private final int vocab;
    private final LogitChanges changes;
    private final GuideMask guides;
    private final GrowingBuffer rowIds;
    private final GrowingBuffer temperatures;
    private final GrowingBuffer uniforms;

    TorchSampler(PtNDManager manager, TorchModule module, int vocab) {
        this.module = module;
        this.vocab = vocab;
        changes = new LogitChanges(manager, vocab);
        guides = new GuideMask(manager, vocab);
        rowIds = new GrowingBuffer(manager, DataType.INT64, 64);
        temperatures = new GrowingBuffer(manager, DataType.FLOAT32, 64);
        uniforms = new GrowingBuffer(manager, DataType.FLOAT32, 64);
    }

    /**
     * Chooses.
     *
     * @param logits (rows, vocab), float32; left as it is
     * @param rows one per row of the logits, each with sampling parameters
     * @return a token per row
     */
    int[] choose(PtNDManager step, PtNDArray logits, List<StepRow> rows) {
        int[] tokens = new int[rows.size()];
        PtNDArray adjusted = guides.apply(module, step, changes.apply(module, step, logits, rows), rows);
        int[] greedy = select(rows, SamplingParams::isGreedy);
        if (greedy.length > 0) {
            PtNDArray part = adjusted;
            if (greedy.length < rows.size()) {
                put(rowIds, greedy);
                part = module.tensor(step, "pick_rows", adjusted, rowIds.tensor(), greedy.length);
            }
            long[] best = module.tensor(step, "best", part).toLongArray();
            for (int i = 0; i < greedy.length; i++) {
                tokens[greedy[i]] = (int) best[i];
            }
        }
        int[] free = select(rows, params -> !params.isGreedy() && !truncates(params));
        if (free.length > 0) {
            putSampled(rows, free);
            long[] drawn = module.tensor(
                            step,
                            "draw",
                            adjusted,
                            rowIds.tensor(),
                            temperatures.tensor(),
                            uniforms.tensor(),
                            free.length)
                    .toLongArray();
            for (int i = 0; i < free.length; i++) {
                tokens[free[i]] = (int) drawn[i];
            }
        }
        int[] cut = select(rows, params -> !params.isGreedy() && truncates(params));
        int[] rest = chooseAmong(step, adjusted, rows, cut, Math.min(CANDIDATES, vocab), tokens);
        chooseAmong(step, adjusted, rows, rest, vocab, tokens);
        return tokens;
    }

    // Returns the rows that k candidates don't cover.
    private int[] chooseAmong(PtNDManager step, PtNDArray logits, List<StepRow> rows, int[] cut, int k, int[] tokens) {
        if (cut.length == 0) {
            return cut;
        }
        putSampled(rows, cut);
        NDList list = module.tensors(step, "candidates", logits, rowIds.tensor(), temperatures.tensor(), cut.length, k);
        float[] probabilities = list.get(0).toFloatArray();
        long[] ids = list.get(1).toLongArray();
        int[] rest = new int[cut.length];
        int uncovered = 0;
        for (int i = 0; i < cut.length; i++) {
            int[] candidateTokens = new int[k];
            for (int c = 0; c < k; c++) {
                candidateTokens[c] = (int) ids[i * k + c];
            }
            StepRow row = rows.get(cut[i]);
            SamplingParams params = params(row);
            Candidates candidates =
                    new Candidates(candidateTokens, Arrays.copyOfRange(probabilities, i * k, (i + 1) * k), k == vocab);
            if (candidates.cover(params)) {
                tokens[cut[i]] = candidates.choose(params, Draws.uniform(params.seed(), row.to()));
            } else {
                rest[uncovered++] = cut[i];
            }
        }
        return Arrays.copyOf(rest, uncovered);
    }

    private void putSampled(List<StepRow> rows, int[] which) {
        put(rowIds, which);
        temperatures.reserve(which.length);
        uniforms.reserve(which.length);
        for (int i = 0; i < which.length; i++) {
            StepRow row = rows.get(which[i]);
            SamplingParams params = params(row);
            temperatures.buffer().putFloat(i * Float.BYTES, params.temperature());
            uniforms.buffer().putFloat(i * Float.BYTES, Draws.uniform(params.seed(), row.to()));
        }
    }

    private static void put(GrowingBuffer target, int[] values) {
        target.reserve(values.length);
        ByteBuffer buffer = target.buffer();
        for (int i = 0; i < values.length; i++) {
            buffer.putLong(i * Long.BYTES, values[i]);
        }
    }

    private static boolean truncates(SamplingParams params) {
        return params.topK() > 0 || params.topP() < 1 || params.minP() > 0;
    }

    private static int[] select(List<StepRow> rows, Predicate<SamplingParams> wanted) {
        int[] selected = new int[rows.size()];
        int count = 0;
        for (int i = 0; i < rows.size(); i++) {
            if (wanted.test(params(rows.get(i)))) {
                selected[count++] = i;
            }
        }
        return Arrays.copyOf(selected, count);
    }

    private static SamplingParams params(StepRow row) {
        return Objects.requireNonNull(row.sample());
    }
}
