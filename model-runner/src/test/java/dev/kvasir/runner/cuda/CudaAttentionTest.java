package dev.kvasir.runner.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.runner.PartialAttention.Span;
import dev.kvasir.runner.cuda.AttentionScene.Shape;
import dev.kvasir.runner.cuda.AttentionScene.Stored;
import dev.kvasir.testing.RandomizedTest;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The kernels, on the emulated device, against the plain-Java executor in float64. */
class CudaAttentionTest {
    @RandomizedTest(60)
    void agreesWithThePlainJavaExecutor(SplittableRandom random) {
        compare(random);
    }

    @Tag("nightly")
    @RandomizedTest(1000)
    void agreesWithThePlainJavaExecutorOverManyShapes(SplittableRandom random) {
        compare(random);
    }

    private static void compare(SplittableRandom random) {
        long seed = random.nextLong();
        // From copies and kernels that nothing but a wait gets to run, to ones that are over at once.
        EmulatedDriver.Control control = EmulatedDriver.start(seed, 33 * (int) (seed & 3));
        RandomSpans.compare(random);
        assertThat(control.emulator_left()).isZero();
    }

    @Test
    void aRowsResultDoesNotDependOnItsNeighbours() {
        EmulatedDriver.start(1);
        SplittableRandom random = new SplittableRandom(1);
        KvLayout kv = new KvLayout(1, 2, 64, 16, KvDtype.FLOAT32);
        try (AttentionScene scene =
                new AttentionScene(random, new Shape(kv, 2, 20, 64, Stored.ROTATED), UnaryOperator.identity())) {
            scene.queries(3);
            Span a = new Span(0, 1, 299, scene.table(300), 0, 300);
            Span b = new Span(1, 2, 40, scene.table(42), 0, 42);
            AttentionScene.Result together = scene.onDevice(List.of(a, b), 0);
            AttentionScene.Result alone = scene.onDevice(List.of(a), 0);
            for (int h = 0; h < scene.heads; h++) {
                for (int d = 0; d < kv.headDim(); d++) {
                    assertThat(together.output().get(0, h, d))
                            .isEqualTo(alone.output().get(0, h, d));
                }
            }
        }
    }
}
