package dev.kvasir.engine.routing;

import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.ModelRunner;
import dev.kvasir.runner.RunnerOptions;
import dev.kvasir.runner.RunnerOptions.DTypeChoice;
import dev.kvasir.runner.RunnerOptions.Plan;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.synthetic.SyntheticModel;
import dev.kvasir.runner.torch.TorchModelRunner;
import dev.kvasir.scheduler.GenerationRequest;
import dev.kvasir.scheduler.SchedulerConfig;
import dev.kvasir.scheduler.batching.ContinuousScheduler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The same small real model, loaded several times. */
final class TinyModels implements AutoCloseable {
    static final int SEGMENT = 16;
    private static final int SLOTS = 96;

    final List<ModelRunner> runners = new ArrayList<>();
    final Path directory;

    TinyModels(Path home, int count) throws IOException {
        directory = Files.createDirectory(home.resolve("tiny"));
        SyntheticModel.tiny(Family.LLAMA).seed(21).write(directory);
        for (int i = 0; i < count; i++) {
            ModelDirectory model = ModelDirectory.open(directory);
            var config = model.config();
            long segmentBytes = 2L * config.layers() * config.kvHeads() * SEGMENT * config.headDim() * 4;
            runners.add(TorchModelRunner.load(
                    config,
                    model.checkpoint(),
                    new byte[32],
                    new RunnerOptions(DTypeChoice.FLOAT32, 1, segmentBytes * SLOTS, SEGMENT, Plan.FUSED)));
        }
    }

    int vocab() {
        return runners.get(0).config().vocab();
    }

    /** Returns what one node alone says. */
    Answer alone(GenerationRequest request) {
        ModelRunner runner = runners.get(0);
        ContinuousScheduler scheduler = new ContinuousScheduler(
                new SchedulerConfig(256, 8, 8, 32, runner.config().contextTokens()),
                runner,
                new LocalMemPool(runner.kvLayout(), 0, runner.kvStorage(), new LruPolicy()),
                () -> 0,
                e -> {
                    throw new AssertionError(e);
                });
        Answer answer = new Answer();
        scheduler.submit(request, answer);
        while (scheduler.hasWork()) {
            scheduler.step();
        }
        return answer;
    }

    @Override
    public void close() {
        runners.forEach(ModelRunner::close);
    }
}
