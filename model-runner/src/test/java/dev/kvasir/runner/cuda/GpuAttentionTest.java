package dev.kvasir.runner.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.testing.RandomizedTest;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;

/**
 * The kernels on a real card, over the shapes of {@link CudaAttentionTest}. Needs a driver; to be run alone, since a JVM that has loaded the emulated driver
 * sees that one: docs/cuda.md.
 */
@Tag("gpu")
class GpuAttentionTest {
    @RandomizedTest(1000)
    void agreesWithThePlainJavaExecutor(SplittableRandom random) {
        assertThat(CudaProbe.result().isAvailable())
                .as(CudaProbe.result().reason())
                .isTrue();
        random.nextLong(); // the emulated device's seed, so that a seed is the same shape there and here
        RandomSpans.compare(random);
    }
}
