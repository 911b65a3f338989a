package dev.kvasir.runner.torch;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.jni.JniUtils;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.PartialAttention;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Attention over a runner's memory for another thread than the one that steps: a module of its own, without weights, over the same pool. */
final class ForeignAttention implements PartialAttention, AutoCloseable {
    private final PtNDManager manager = (PtNDManager) NDManager.newBaseManager("PyTorch");
    private final TorchModule module;
    private final TorchAttention attention;
    private @Nullable Thread prepared;

    ForeignAttention(ModelConfig config, DType dtype, KvLayout layout, TorchKvStorage storage) {
        module = new TorchModule(manager, LlamaScript.archive(config, dtype, false, layout.segmentTokens()));
        module.call("bind_pool", storage.memory());
        attention = new TorchAttention(manager, module, layout);
    }

    @Override
    public Launch prepare(List<Span> spans) {
        if (prepared != Thread.currentThread()) {
            JniUtils.setGraphExecutorOptimize(false); // the switch is per thread
            prepared = Thread.currentThread();
        }
        return attention.prepare(spans);
    }

    @Override
    public void close() {
        module.call("unbind_pool");
        module.close();
        manager.close();
    }
}
