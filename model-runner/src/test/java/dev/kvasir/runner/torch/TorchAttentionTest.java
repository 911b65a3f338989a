package dev.kvasir.runner.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.runner.BufferTensor;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.PartialAttention.Span;
import dev.kvasir.runner.RopeConfig;
import dev.kvasir.runner.reference.ReferenceAttention;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The Torch executor against the plain-Java one. */
class TorchAttentionTest {
    private static final int[] HEAD_DIMS = {2, 6, 8, 20, 64, 128};

    @RandomizedTest(40)
    void agreesWithThePlainJavaExecutorInFloat32(SplittableRandom random) {
        compare(random, DType.FLOAT32, 2e-5);
    }

    @RandomizedTest(15)
    void agreesWithThePlainJavaExecutorInBfloat16(SplittableRandom random) {
        // Outputs are means of values from -2 to 2, rounded to 8 bits.
        compare(random, DType.BFLOAT16, 2e-2);
    }

    @Test
    void aGroupOfDecodesEqualsEachOneAlone() {
        SplittableRandom random = new SplittableRandom(3);
        Scene scene = new Scene(random, DType.FLOAT32, 64, 2, 3, 16, 60);
        try (scene) {
            List<Span> spans = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int keys = 90 + i;
                spans.add(new Span(i, 1, keys - 1, scene.table(keys), 0, keys));
            }
            BufferTensor together = scene.attend(spans).output();
            for (int i = 0; i < 8; i++) {
                BufferTensor alone = scene.attend(List.of(spans.get(i))).output();
                for (int h = 0; h < scene.heads; h++) {
                    for (int d = 0; d < scene.layout.headDim(); d++) {
                        assertThat(together.get(i, h, d)).isCloseTo(alone.get(i, h, d), within(1e-6));
                    }
                }
            }
        }
    }

    private static void compare(SplittableRandom random, DType dtype, double tolerance) {
        int headDim = HEAD_DIMS[random.nextInt(HEAD_DIMS.length)];
        int kvHeads = random.nextInt(1, 4);
        Scene scene = new Scene(random, dtype, headDim, kvHeads, random.nextInt(1, 5), 16 << random.nextInt(3), 40);
        try (scene) {
            List<Span> spans = new ArrayList<>();
            int query = 0;
            for (int rows = random.nextInt(1, 8); rows > 0; rows--) {
                query += random.nextInt(5) == 0 ? 1 : 0;
                int queries = random.nextInt(3) > 0 ? 1 : random.nextInt(1, 30);
                int first = random.nextInt(200);
                // Mostly what a step asks for, sometimes any span at all.
                boolean any = random.nextInt(3) == 0;
                int keyFrom = any ? random.nextInt(first + queries + 5) : 0;
                int keyTo = any ? keyFrom + random.nextInt(40) : first + queries;
                spans.add(new Span(query, queries, first, scene.table(keyTo), keyFrom, keyTo));
                query += queries;
            }
            scene.queries = query;
            Result torch = scene.attend(spans);
            Result truth = scene.reference(spans);
            for (int q = 0; q < query; q++) {
                for (int h = 0; h < scene.heads; h++) {
                    double expected = truth.logsumexp().get(q, h);
                    if (Double.isInfinite(expected)) {
                        assertThat(torch.logsumexp().get(q, h)).isEqualTo(expected);
                    } else {
                        assertThat(torch.logsumexp().get(q, h)).isCloseTo(expected, within(tolerance));
                    }
                    for (int d = 0; d < headDim; d++) {
                        assertThat(torch.output().get(q, h, d))
                                .as("query %d head %d of %s", q, h, spans)
                                .isCloseTo(truth.output().get(q, h, d), within(tolerance));
                    }
                }
            }
        }
    }

    private record Result(BufferTensor output, BufferTensor logsumexp) {}

    /** A pool of random numbers, and a module bound to it. */
    private static final class Scene implements AutoCloseable {
        private static final int MAX_QUERIES = 300;
        private static final double NEVER_WRITTEN = 77;

        final SplittableRandom random;
        final DType dtype;
        final KvLayout layout;
        final int heads;
        final int slots;
        final int layer;
        final PtNDManager manager = (PtNDManager) NDManager.newBaseManager("PyTorch");
        final TorchModule module;
        final TorchKvStorage storage;
        final TorchAttention torch;
        final BufferTensor query;
        int queries = MAX_QUERIES;

        Scene(SplittableRandom random, DType dtype, int headDim, int kvHeads, int group, int segmentTokens, int slots) {
            this.random = random;
            this.dtype = dtype;
            this.slots = slots;
            heads = kvHeads * group;
            int layers = random.nextInt(1, 4);
            layer = random.nextInt(layers);
            layout = new KvLayout(layers, kvHeads, headDim, segmentTokens, KvDtype.valueOf(dtype.name()));
            ModelConfig config = new ModelConfig(
                    Family.LLAMA,
                    heads * headDim,
                    8,
                    layers,
                    heads,
                    kvHeads,
                    headDim,
                    8,
                    1024,
                    1e-5f,
                    RopeConfig.plain(10000),
                    false,
                    false,
                    false,
                    false,
                    true,
                    null,
                    List.of(),
                    dtype);
            module = new TorchModule(manager, LlamaScript.archive(config, dtype, false, segmentTokens));
            storage = new TorchKvStorage(manager, layout, slots);
            module.call("bind_pool", storage.memory());
            for (int slot = 0; slot < slots; slot++) {
                fill(BufferTensor.over(dtype, storage.slot(slot), layout.segmentElements()));
            }
            torch = new TorchAttention(manager, module, layout);
            query = BufferTensor.zeros(dtype, MAX_QUERIES, heads, headDim);
            fill(BufferTensor.over(dtype, query.buffer(), (long) MAX_QUERIES * heads * headDim));
        }

        int[] table(int keys) {
            return random.ints(layout.segmentsFor(keys) + 1, 0, slots).toArray();
        }

        Result attend(List<Span> spans) {
            Result result = empty();
            torch.prepare(spans).attend(layer, query, result.output, result.logsumexp);
            return result;
        }

        Result reference(List<Span> spans) {
            Result result = empty();
            new ReferenceAttention(layout, storage)
                    .prepare(spans)
                    .attend(layer, query, result.output, result.logsumexp);
            return result;
        }

        private Result empty() {
            Result result = new Result(
                    BufferTensor.zeros(dtype, MAX_QUERIES, heads, layout.headDim()),
                    BufferTensor.zeros(DType.FLOAT32, MAX_QUERIES, heads));
            for (int q = 0; q < MAX_QUERIES; q++) {
                for (int h = 0; h < heads; h++) {
                    result.logsumexp.set(NEVER_WRITTEN, q, h);
                    for (int d = 0; d < layout.headDim(); d++) {
                        result.output.set(NEVER_WRITTEN, q, h, d);
                    }
                }
            }
            return result;
        }

        private void fill(BufferTensor flat) {
            for (long i = 0; i < flat.shape()[0]; i++) {
                flat.set(random.nextDouble(-2, 2), i);
            }
        }

        @Override
        public void close() {
            module.call("unbind_pool");
            module.close();
            manager.close();
        }
    }
}
