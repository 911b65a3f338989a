package dev.kvasir.runner.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.SlotStorage;
import dev.kvasir.runner.BufferTensor;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.PartialAttention.Span;
import dev.kvasir.runner.reference.PartialMerge.Partial;
import dev.kvasir.testing.RandomizedTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ReferenceAttentionTest {
    private static final float NEVER_WRITTEN = 77;

    /** A random pool with one sequence in it, and random queries at the end of that sequence. */
    private static final class Scene {
        final SplittableRandom random;
        final int headDim;
        final int kvHeads;
        final int heads;
        final int segmentTokens;
        final int context;
        final int queries;
        final int layers;
        final int layer;
        final int[] slots;
        final BufferTensor query;
        final BufferTensor pool;
        final ReferenceAttention executor;

        Scene(SplittableRandom random, DType dtype) {
            this.random = random;
            headDim = random.nextInt(1, 20);
            kvHeads = random.nextInt(1, 4);
            heads = kvHeads * random.nextInt(1, 5);
            segmentTokens = 16 << random.nextInt(0, 3);
            context = random.nextInt(1, 200);
            queries = random.nextInt(1, Math.min(context, 9) + 1);
            layers = random.nextInt(1, 4);
            layer = random.nextInt(layers);
            int segments = (context + segmentTokens - 1) / segmentTokens;
            int poolSlots = segments + random.nextInt(4);
            slots = permutation(poolSlots, segments);
            // Memory of (heads, tokens, headDim), seen as (tokens, heads, headDim).
            BufferTensor memory = BufferTensor.zeros(dtype, heads, queries, headDim);
            query = new BufferTensor(
                    dtype,
                    new long[] {queries, heads, headDim},
                    new long[] {headDim, (long) queries * headDim, 1},
                    memory.buffer());
            fill(memory);
            pool = BufferTensor.zeros(dtype, poolSlots, layers, 2, kvHeads, segmentTokens, headDim);
            fill(pool);
            KvLayout layout = new KvLayout(layers, kvHeads, headDim, segmentTokens, KvDtype.valueOf(dtype.name()));
            executor = new ReferenceAttention(layout, new PoolView(pool, poolSlots));
        }

        int firstPosition() {
            return context - queries;
        }

        private int[] permutation(int of, int take) {
            List<Integer> rest = new ArrayList<>(IntStream.range(0, of).boxed().toList());
            return IntStream.range(0, take)
                    .map(i -> rest.remove(random.nextInt(rest.size())))
                    .toArray();
        }

        private void fill(BufferTensor tensor) {
            BufferTensor flat = BufferTensor.over(
                    tensor.dtype(),
                    tensor.buffer(),
                    tensor.buffer().capacity() / tensor.dtype().bytes());
            for (long i = 0; i < flat.shape()[0]; i++) {
                flat.set(random.nextDouble(-2, 2), i);
            }
        }

        Result attend(List<Span> spans) {
            Result result = new Result(
                    BufferTensor.zeros(query.dtype(), queries, heads, headDim),
                    BufferTensor.zeros(DType.FLOAT32, queries, heads));
            for (int q = 0; q < queries; q++) {
                for (int head = 0; head < heads; head++) {
                    result.logsumexp.set(NEVER_WRITTEN, q, head);
                    for (int d = 0; d < headDim; d++) {
                        result.output.set(NEVER_WRITTEN, q, head, d);
                    }
                }
            }
            executor.prepare(spans).attend(layer, query, result.output, result.logsumexp);
            return result;
        }

        Result attend(int keyFrom, int keyTo) {
            return attend(List.of(new Span(0, queries, firstPosition(), slots, keyFrom, keyTo)));
        }
    }

    /** The slots of a tensor (slots, ..). */
    private record PoolView(BufferTensor pool, int slots) implements SlotStorage {
        @Override
        public ByteBuffer slot(int slot) {
            return pool.select(0, slot).buffer();
        }

        @Override
        public void clear(int slot) {
            throw new AssertionError("attention doesn't write to the pool");
        }
    }

    private record Result(BufferTensor output, BufferTensor logsumexp) {
        Partial partial(int query, int head) {
            double[] row = new double[(int) output.shape()[2]];
            for (int d = 0; d < row.length; d++) {
                row[d] = output.get(query, head, d);
            }
            return new Partial(row, logsumexp.get(query, head));
        }
    }

    private static void assertClose(Partial actual, Partial expected, double tolerance) {
        if (expected.logsumexp() == Double.NEGATIVE_INFINITY) {
            assertThat(actual.logsumexp()).isEqualTo(Double.NEGATIVE_INFINITY);
        } else {
            assertThat(actual.logsumexp()).isCloseTo(expected.logsumexp(), within(1e-5));
        }
        for (int d = 0; d < expected.output().length; d++) {
            assertThat(actual.output()[d]).isCloseTo(expected.output()[d], within(tolerance));
        }
    }

    @RandomizedTest(40)
    void mergeOfRandomSplitsIsAttentionOverTheWhole(SplittableRandom random) {
        Scene scene = new Scene(random, DType.FLOAT32);
        int[] cuts =
                random.ints(random.nextInt(1, 6), 0, scene.context + 1).sorted().toArray();
        List<Result> parts = new ArrayList<>();
        int from = 0;
        for (int cut : cuts) {
            parts.add(scene.attend(from, cut));
            from = cut;
        }
        parts.add(scene.attend(from, scene.context));
        Result whole = scene.attend(0, scene.context);
        for (int q = 0; q < scene.queries; q++) {
            for (int head = 0; head < scene.heads; head++) {
                int query = q;
                int queryHead = head;
                Partial merged = PartialMerge.merge(parts.stream()
                        .map(part -> part.partial(query, queryHead))
                        .toList());
                assertClose(merged, whole.partial(q, head), 2e-6);
            }
        }
    }

    // The textbook's softmax, without any of the tricks, over keys picked by position.
    @RandomizedTest(40)
    void isSoftmaxOfScaledProductsOverTheVisibleKeys(SplittableRandom random) {
        Scene scene = new Scene(random, DType.FLOAT32);
        int keyFrom = random.nextInt(scene.context);
        int keyTo = random.nextInt(keyFrom, scene.context + 1);
        Result result = scene.attend(keyFrom, keyTo);
        for (int q = 0; q < scene.queries; q++) {
            for (int head = 0; head < scene.heads; head++) {
                double sum = 0;
                double[] mean = new double[scene.headDim];
                for (int position = 0; position < scene.context; position++) {
                    boolean isVisible =
                            position >= keyFrom && position < keyTo && position <= scene.firstPosition() + q;
                    if (!isVisible) {
                        continue;
                    }
                    int slot = scene.slots[position / scene.segmentTokens];
                    int token = position % scene.segmentTokens;
                    int kvHead = head * scene.kvHeads / scene.heads;
                    double score = 0;
                    for (int d = 0; d < scene.headDim; d++) {
                        score += scene.query.get(q, head, d) * scene.pool.get(slot, scene.layer, 0, kvHead, token, d);
                    }
                    double weight = Math.exp(score * Math.pow(scene.headDim, -0.5));
                    sum += weight;
                    for (int d = 0; d < scene.headDim; d++) {
                        mean[d] += weight * scene.pool.get(slot, scene.layer, 1, kvHead, token, d);
                    }
                }
                if (sum > 0) {
                    double total = sum;
                    mean = Arrays.stream(mean).map(x -> x / total).toArray();
                }
                assertClose(result.partial(q, head), new Partial(mean, Math.log(sum)), 1e-6);
            }
        }
    }

    @RandomizedTest(10)
    void queriesThatSeeNothingGetZeroAndMinusInfinity(SplittableRandom random) {
        Scene scene = new Scene(random, DType.BFLOAT16);
        // No keys at all, then keys that lie behind every query but the last.
        for (int[] keys : new int[][] {{3, 3}, {scene.context - 1, scene.context}}) {
            Result result = scene.attend(keys[0], keys[1]);
            for (int q = 0; q < (keys[0] == 3 ? scene.queries : scene.queries - 1); q++) {
                for (int head = 0; head < scene.heads; head++) {
                    Partial partial = result.partial(q, head);
                    assertThat(partial.logsumexp()).isEqualTo(Double.NEGATIVE_INFINITY);
                    assertThat(partial.output()).containsOnly(0);
                }
            }
        }
    }

    @RandomizedTest(10)
    void queriesInNoSpanKeepTheirOutput(SplittableRandom random) {
        Scene scene = new Scene(random, DType.FLOAT32);
        int first = random.nextInt(scene.queries);
        Result result =
                scene.attend(List.of(new Span(first, 1, scene.firstPosition() + first, scene.slots, 0, scene.context)));
        Result whole = scene.attend(0, scene.context);
        for (int q = 0; q < scene.queries; q++) {
            for (int head = 0; head < scene.heads; head++) {
                if (q == first) {
                    assertClose(result.partial(q, head), whole.partial(q, head), 0);
                } else {
                    assertThat(result.partial(q, head).logsumexp()).isEqualTo(NEVER_WRITTEN);
                    assertThat(result.partial(q, head).output()).containsOnly(NEVER_WRITTEN);
                }
            }
        }
    }

    @RandomizedTest(20)
    void readsOnlySlotsThatHoldVisibleKeys(SplittableRandom random) {
        Scene scene = new Scene(random, DType.FLOAT16);
        int keyFrom = random.nextInt(scene.context);
        int keyTo = random.nextInt(keyFrom + 1, scene.context + 1);
        Result clean = scene.attend(keyFrom, keyTo);

        int[] slots = scene.slots.clone();
        Arrays.fill(slots, 0, keyFrom / scene.segmentTokens, -1);
        Arrays.fill(slots, (keyTo - 1) / scene.segmentTokens + 1, slots.length, -1);
        for (int slot = 0; slot < scene.pool.shape()[0]; slot++) {
            for (int token = 0; token < scene.segmentTokens; token++) {
                int wanted = slot;
                int segment = IntStream.range(0, slots.length)
                        .filter(i -> slots[i] == wanted)
                        .findFirst()
                        .orElse(-1);
                int position = segment * scene.segmentTokens + token;
                boolean isVisible = segment >= 0 && position >= keyFrom && position < keyTo;
                if (!isVisible) {
                    poison(scene, slot, token);
                }
            }
        }
        Result poisoned =
                scene.attend(List.of(new Span(0, scene.queries, scene.firstPosition(), slots, keyFrom, keyTo)));
        assertThat(poisoned.output.buffer()).isEqualTo(clean.output.buffer());
        assertThat(poisoned.logsumexp.buffer()).isEqualTo(clean.logsumexp.buffer());
    }

    private static void poison(Scene scene, int slot, int token) {
        for (int kv = 0; kv < 2; kv++) {
            for (int head = 0; head < scene.kvHeads; head++) {
                for (int d = 0; d < scene.headDim; d++) {
                    scene.pool.set(Double.NaN, slot, scene.layer, kv, head, token, d);
                }
            }
        }
    }

    @RandomizedTest(10)
    void spansOfOneLaunchDoNotTouchEachOther(SplittableRandom random) {
        Scene scene = new Scene(random, DType.FLOAT32);
        List<Span> spans = new ArrayList<>();
        for (int q = 0; q < scene.queries; q++) {
            int keyFrom = random.nextInt(scene.context);
            spans.add(new Span(q, 1, random.nextInt(scene.context), scene.slots, keyFrom, scene.context));
        }
        Result together = scene.attend(spans);
        for (int q = 0; q < scene.queries; q++) {
            Result alone = scene.attend(List.of(spans.get(q)));
            for (int head = 0; head < scene.heads; head++) {
                assertClose(together.partial(q, head), alone.partial(q, head), 0);
            }
        }
    }

    @RandomizedTest(10)
    void halfPrecisionRoundsTheOutputAlone(SplittableRandom random) {
        for (DType dtype : List.of(DType.FLOAT16, DType.BFLOAT16)) {
            Scene scene = new Scene(random, dtype);
            Result half = scene.attend(0, scene.context);
            BufferTensor query = BufferTensor.zeros(DType.FLOAT32, scene.query.shape());
            BufferTensor output = BufferTensor.zeros(DType.FLOAT32, scene.query.shape());
            BufferTensor logsumexp = BufferTensor.zeros(DType.FLOAT32, scene.queries, scene.heads);
            for (int q = 0; q < scene.queries; q++) {
                for (int head = 0; head < scene.heads; head++) {
                    for (int d = 0; d < scene.headDim; d++) {
                        query.set(scene.query.get(q, head, d), q, head, d);
                    }
                }
            }
            Span span = new Span(0, scene.queries, scene.firstPosition(), scene.slots, 0, scene.context);
            scene.executor.prepare(List.of(span)).attend(scene.layer, query, output, logsumexp);
            assertThat(half.logsumexp.buffer()).isEqualTo(logsumexp.buffer());
            BufferTensor rounded = BufferTensor.zeros(dtype, 1);
            for (int q = 0; q < scene.queries; q++) {
                for (int head = 0; head < scene.heads; head++) {
                    for (int d = 0; d < scene.headDim; d++) {
                        rounded.set(output.get(q, head, d), 0);
                        assertThat(half.output.get(q, head, d)).isEqualTo(rounded.get(0));
                    }
                }
            }
        }
    }

    @Test
    void refusesMemoryThatIsDescribedWrongly() {
        Scene scene = new Scene(new SplittableRandom(1), DType.FLOAT32);
        Span span = new Span(0, 1, 0, scene.slots, 0, 1);
        BufferTensor output = BufferTensor.zeros(DType.FLOAT32, scene.query.shape());
        BufferTensor logs = BufferTensor.zeros(DType.FLOAT32, scene.queries, scene.heads);
        assertThatThrownBy(() -> scene.executor.prepare(List.of(span)).attend(scene.layers, scene.query, output, logs))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> scene.executor.prepare(List.of(span, span)).attend(0, scene.query, output, logs))
                .hasMessageContaining("aren't ascending");
        assertThatThrownBy(() -> scene.attend(List.of(new Span(0, 1, 500, scene.slots, 0, 500))))
                .hasMessageContaining("key 499 lies behind");
    }
}
