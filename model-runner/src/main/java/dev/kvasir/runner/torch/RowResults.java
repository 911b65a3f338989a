package dev.kvasir.runner.torch;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import dev.kvasir.runner.Pooling;
import dev.kvasir.runner.RowOutput;
import dev.kvasir.runner.SamplingParams;
import dev.kvasir.runner.StepOutput;
import dev.kvasir.runner.StepRow;
import dev.kvasir.runner.TokenLogprobs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Turns a step's residual stream into what its rows asked for: tokens, log-probabilities and hidden states. */
final class RowResults {
    // Logits of a long prompt don't fit memory at once: 512 positions of a vocabulary of 151,936 are 311 MB.
    private static final int PROMPT_POSITIONS = 64;

    private final TorchModule module;
    private final TorchSampler sampler;
    private final int vocab;
    private final GrowingBuffer positions;
    private final GrowingBuffer tokenIds;

    RowResults(PtNDManager manager, TorchModule module, int vocab) {
        this.module = module;
        this.vocab = vocab;
        sampler = new TorchSampler(manager, module, vocab);
        positions = new GrowingBuffer(manager, DataType.INT64, 256);
        tokenIds = new GrowingBuffer(manager, DataType.INT64, 256);
    }

    /**
     * Returns the output of each row of the input.
     *
     * @param x (tokens, hidden), what the last layer gave
     */
    StepOutput of(PtNDManager step, PackedStep packed, PtNDArray x) {
        int count = packed.rows().size();
        List<RowOutput> outputs = new ArrayList<>(Collections.nCopies(count, RowOutput.NOTHING));
        List<StepRow> sampled = new ArrayList<>(count);
        int[] sampledAt = new int[count];
        for (int r = 0; r < count; r++) {
            if (packed.rows().get(r).sample() != null) {
                sampledAt[sampled.size()] = r;
                sampled.add(packed.rows().get(r));
            }
        }
        if (!sampled.isEmpty()) {
            sample(step, packed, x, sampled, sampledAt, outputs);
        }
        for (int r = 0; r < count; r++) {
            StepRow row = packed.rows().get(r);
            if (row.promptLogprobs() >= 0) {
                int at = packed.order()[r];
                RowOutput before = outputs.get(at);
                outputs.set(
                        at,
                        new RowOutput(before.token(), before.logprobs(), prompt(step, packed.firstToken()[r], row, x)));
            }
        }
        for (int r = 0; r < count; r++) {
            StepRow row = packed.rows().get(r);
            if (row.pooling() != null) {
                int at = packed.order()[r];
                RowOutput before = outputs.get(at);
                outputs.set(
                        at,
                        new RowOutput(
                                before.token(),
                                before.logprobs(),
                                before.promptLogprobs(),
                                hidden(step, packed.firstToken()[r], row, row.pooling(), x)));
            }
        }
        return new StepOutput(outputs);
    }

    private double[] hidden(PtNDManager step, int firstToken, StepRow row, Pooling pooling, PtNDArray x) {
        int first = pooling == Pooling.LAST ? firstToken + row.newTokens() - 1 : firstToken;
        int count = pooling == Pooling.LAST ? 1 : row.newTokens();
        try (PtNDArray sum = module.tensor(step, "hidden_sum", x, first, count)) {
            return sum.toDoubleArray();
        }
    }

    private void sample(
            PtNDManager step,
            PackedStep packed,
            PtNDArray x,
            List<StepRow> sampled,
            int[] sampledAt,
            List<RowOutput> outputs) {
        positions.reserve(sampled.size());
        for (int i = 0; i < sampled.size(); i++) {
            int last = packed.firstToken()[sampledAt[i]] + sampled.get(i).newTokens() - 1;
            positions.buffer().putLong(i * Long.BYTES, last);
        }
        PtNDArray logits = module.tensor(step, "logits", x, positions.tensor(), 0, sampled.size());
        int[] tokens = sampler.choose(step, logits, sampled);
        @Nullable TokenLogprobs[] logprobs = new TokenLogprobs[tokens.length];
        logprobs(step, logits, sampled, tokens, logprobs);
        for (int i = 0; i < tokens.length; i++) {
            outputs.set(packed.order()[sampledAt[i]], new RowOutput(tokens[i], logprobs[i], List.of()));
        }
    }

    // Fills in the log-probabilities of the rows that asked for them.
    private void logprobs(
            PtNDManager step,
            PtNDArray logits,
            List<StepRow> sampled,
            int[] tokens,
            @Nullable TokenLogprobs[] logprobs) {
        int[] wanting = new int[tokens.length];
        int[] chosen = new int[tokens.length];
        int count = 0;
        int top = 0;
        for (int i = 0; i < tokens.length; i++) {
            SamplingParams params = Objects.requireNonNull(sampled.get(i).sample());
            if (params.logprobs() >= 0) {
                top = Math.max(top, params.logprobs());
                chosen[count] = tokens[i];
                wanting[count++] = i;
            }
        }
        if (count == 0) {
            return;
        }
        PtNDArray part = logits;
        if (count < tokens.length) {
            for (int i = 0; i < count; i++) {
                positions.buffer().putLong(i * Long.BYTES, wanting[i]);
            }
            part = module.tensor(step, "pick_rows", logits, positions.tensor(), count);
        }
        List<TokenLogprobs> result = logprobs(step, part, chosen, count, top);
        for (int i = 0; i < count; i++) {
            int own = Objects.requireNonNull(sampled.get(wanting[i]).sample()).logprobs();
            logprobs[wanting[i]] = cut(result.get(i), own);
        }
    }

    // Position i of the row gives the distribution of the prompt's token i + 1.
    private List<TokenLogprobs> prompt(PtNDManager step, int firstToken, StepRow row, PtNDArray x) {
        int end = Math.min(row.to(), row.promptTokens() - 1);
        List<TokenLogprobs> all = new ArrayList<>(Math.max(0, end - row.from()));
        for (int from = row.from(); from < end; from += PROMPT_POSITIONS) {
            int count = Math.min(PROMPT_POSITIONS, end - from);
            positions.reserve(count);
            for (int i = 0; i < count; i++) {
                positions.buffer().putLong(i * Long.BYTES, firstToken + from - row.from() + i);
            }
            try (PtNDManager part = (PtNDManager) step.newSubManager()) {
                PtNDArray logits = module.tensor(part, "logits", x, positions.tensor(), 0, count);
                int[] next = Arrays.copyOfRange(row.tokens(), from + 1, from + 1 + count);
                for (TokenLogprobs logprobs : logprobs(part, logits, next, count, row.promptLogprobs())) {
                    all.add(cut(logprobs, row.promptLogprobs()));
                }
            }
        }
        return all;
    }

    private List<TokenLogprobs> logprobs(PtNDManager step, PtNDArray logits, int[] tokens, int count, int wanted) {
        int k = Math.max(1, Math.min(wanted, vocab));
        tokenIds.reserve(count);
        for (int i = 0; i < count; i++) {
            tokenIds.buffer().putLong(i * Long.BYTES, tokens[i]);
        }
        NDList list = module.tensors(step, "log_probabilities", logits, tokenIds.tensor(), count, k);
        float[] own = list.get(0).toFloatArray();
        float[] values = list.get(1).toFloatArray();
        long[] ids = list.get(2).toLongArray();
        List<TokenLogprobs> result = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int[] topTokens = new int[k];
            for (int c = 0; c < k; c++) {
                topTokens[c] = (int) ids[i * k + c];
            }
            result.add(new TokenLogprobs(tokens[i], own[i], topTokens, Arrays.copyOfRange(values, i * k, (i + 1) * k)));
        }
        return result;
    }

    private static TokenLogprobs cut(TokenLogprobs logprobs, int count) {
        int kept = Math.min(count, logprobs.topTokens().length);
        return new TokenLogprobs(
                logprobs.token(),
                logprobs.logprob(),
                Arrays.copyOf(logprobs.topTokens(), kept),
                Arrays.copyOf(logprobs.topLogprobs(), kept));
    }
}
