package dev.kvasir.benchmarks.step;

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
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** A runner whose steps cost so much on a scripted clock, and whose memory costs so much to hand out. */
final class CostedRunner implements ModelRunner {
    static final KvLayout LAYOUT = new KvLayout(1, 1, 2, 16, KvDtype.FLOAT32);

    private final AtomicLong clock;
    private final long nanosPerStep;
    private final long nanosPerToken;
    private final long nanosPerSlot;
    private final BufferSlotStorage storage;
    final List<Integer> stepTokens = new ArrayList<>();
    boolean isClosed;

    CostedRunner(AtomicLong clock, int slots, long nanosPerStep, long nanosPerToken, long nanosPerSlot) {
        this.clock = clock;
        this.nanosPerStep = nanosPerStep;
        this.nanosPerToken = nanosPerToken;
        this.nanosPerSlot = nanosPerSlot;
        this.storage = BufferSlotStorage.heap(LAYOUT, slots);
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
                50_000,
                4096,
                1e-5f,
                RopeConfig.plain(10_000),
                false,
                false,
                false,
                false,
                true,
                null,
                List.of(),
                DType.FLOAT32);
    }

    @Override
    public KvLayout kvLayout() {
        return LAYOUT;
    }

    @Override
    public SlotStorage kvStorage() {
        return new SlotStorage() {
            @Override
            public int slots() {
                return storage.slots();
            }

            @Override
            public ByteBuffer slot(int slot) {
                return storage.slot(slot);
            }

            @Override
            public void clear(int slot) {
                clock.addAndGet(nanosPerSlot);
                storage.clear(slot);
            }
        };
    }

    @Override
    public byte[] fingerprint() {
        return new byte[32];
    }

    @Override
    public StepOutput run(StepInput input) {
        List<RowOutput> outputs = new ArrayList<>();
        int tokens = 0;
        for (StepRow row : input.rows()) {
            tokens += row.newTokens();
            outputs.add(row.sample() == null ? RowOutput.NOTHING : new RowOutput(3, null, List.of()));
        }
        stepTokens.add(tokens);
        clock.addAndGet(nanosPerStep + tokens * nanosPerToken);
        return new StepOutput(outputs);
    }

    @Override
    public void close() {
        isClosed = true;
    }
}
