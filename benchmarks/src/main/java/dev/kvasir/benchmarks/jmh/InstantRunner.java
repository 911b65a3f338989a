package dev.kvasir.benchmarks.jmh;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.RopeConfig;
import dev.kvasir.runner.RowOutput;
import dev.kvasir.runner.StepInput;
import dev.kvasir.runner.StepOutput;
import dev.kvasir.runner.StepRow;
import java.util.ArrayList;
import java.util.List;

/** A model runner that computes nothing: every row's next token is the same. What is left of a step is the scheduler's. */
final class InstantRunner implements ModelRunner {
    /** A slot of 256 bytes. */
    static final KvLayout LAYOUT = new KvLayout(1, 1, 1, 64, KvDtype.FLOAT16);

    static final int VOCAB = 32_000;
    private static final RowOutput TOKEN = new RowOutput(7, null, List.of());

    private final ModelConfig config;
    private final SlotStorage storage;

    InstantRunner(int contextTokens, int slots) {
        config = new ModelConfig(
                ModelConfig.Family.LLAMA,
                2,
                2,
                1,
                1,
                1,
                2,
                VOCAB,
                contextTokens,
                1e-5f,
                RopeConfig.plain(10_000),
                false,
                false,
                false,
                false,
                true,
                null,
                List.of(),
                DType.FLOAT16);
        storage = BufferSlotStorage.heap(LAYOUT, slots);
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    @Override
    public KvLayout kvLayout() {
        return LAYOUT;
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
    public StepOutput run(StepInput input) {
        List<RowOutput> outputs = new ArrayList<>(input.rows().size());
        for (StepRow row : input.rows()) {
            outputs.add(row.sample() == null ? RowOutput.NOTHING : TOKEN);
        }
        return new StepOutput(outputs);
    }

    @Override
    public void close() {}
}
