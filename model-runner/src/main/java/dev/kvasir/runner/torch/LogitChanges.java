package dev.kvasir.runner.torch;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.StepRow;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** What bias, penalties and bans do to the logits, as a short list of changes: a sequence touches few tokens of a vocabulary. */
final class LogitChanges {
    private final int vocab;
    private final GrowingBuffer at;
    private final GrowingBuffer change;
    // Per token of the row at hand, cleared by walking the list again.
    private final int[] seenAt;
    private final int[] outputs;

    // Entries of this step
    private int count;
    private long[] index = new long[64];
    private float[] bias = new float[64];
    private float[] repetition = new float[64];
    private float[] penalty = new float[64];

    LogitChanges(PtNDManager manager, int vocab) {
        this.vocab = vocab;
        at = new GrowingBuffer(manager, DataType.INT64, 1024);
        change = new GrowingBuffer(manager, DataType.FLOAT32, 3 * 1024);
        seenAt = new int[vocab];
        outputs = new int[vocab];
    }

    /** Returns the changed logits, or the same tensor if no row changes any. */
    PtNDArray apply(TorchModule module, PtNDManager step, PtNDArray logits, List<StepRow> rows) {
        count = 0;
        for (int r = 0; r < rows.size(); r++) {
            SamplingParams params = Objects.requireNonNull(rows.get(r).sample());
            if (params.changesLogits()) {
                collect(r, rows.get(r), params);
            }
        }
        if (count == 0) {
            return logits;
        }
        at.reserve(count);
        change.reserve(3 * count);
        for (int i = 0; i < count; i++) {
            at.buffer().putLong(i * Long.BYTES, index[i]);
            change.buffer().putFloat(i * Float.BYTES, bias[i]);
            change.buffer().putFloat((count + i) * Float.BYTES, repetition[i]);
            change.buffer().putFloat((2 * count + i) * Float.BYTES, penalty[i]);
        }
        return module.tensor(step, "adjust", logits, at.tensor(), change.tensor(), count);
    }

    private void collect(int row, StepRow step, SamplingParams params) {
        int first = count;
        boolean penalised =
                params.repetitionPenalty() != 1 || params.presencePenalty() != 0 || params.frequencyPenalty() != 0;
        if (penalised) {
            for (int i = 0; i < step.to(); i++) {
                int token = step.tokens()[i];
                int entry = entry(row, token);
                repetition[entry] = params.repetitionPenalty();
                if (i >= step.promptTokens()) {
                    outputs[token]++;
                    penalty[entry] = params.presencePenalty() + outputs[token] * params.frequencyPenalty();
                }
            }
        }
        params.logitBias().forEach((token, value) -> setBias(entry(row, token), value));
        for (int token : params.banned()) {
            setBias(entry(row, token), Float.NEGATIVE_INFINITY);
        }
        for (int i = first; i < count; i++) {
            int token = (int) (index[i] - (long) row * vocab);
            seenAt[token] = 0;
            outputs[token] = 0;
        }
    }

    // The entry comes first: Java would take the array before entry() makes a larger one.
    private void setBias(int entry, float value) {
        bias[entry] = value;
    }

    // Returns the entry of a token of the row at hand, a new one if it has none.
    private int entry(int row, int token) {
        Objects.checkIndex(token, vocab);
        if (seenAt[token] == 0) {
            if (count == index.length) {
                index = Arrays.copyOf(index, 2 * count);
                bias = Arrays.copyOf(bias, 2 * count);
                repetition = Arrays.copyOf(repetition, 2 * count);
                penalty = Arrays.copyOf(penalty, 2 * count);
            }
            index[count] = (long) row * vocab + token;
            bias[count] = 0;
            repetition[count] = 1;
            penalty[count] = 0;
            seenAt[token] = ++count;
        }
        return seenAt[token] - 1;
    }
}
