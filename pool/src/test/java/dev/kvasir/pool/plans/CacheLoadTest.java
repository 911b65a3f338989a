package dev.kvasir.pool.plans;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.testing.RandomizedTest;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CacheLoadTest {
    private static final int D = 4 * 32; // width
    private static final int LAYERS = 3;
    private static final KvLayout LAYOUT = new KvLayout(LAYERS, 4, 32, 64, KvDtype.FLOAT16);

    private static double load(NodePower power, int[] prefixes, int[] inputs, int nodes, double seconds) {
        return new CacheLoad(LAYOUT, 4, power).load(prefixes, inputs, nodes, seconds);
    }

    @RandomizedTest
    void isThePapersFormulaForEachLayer(SplittableRandom random) {
        NodePower power = new NodePower(1e8 * (1 + random.nextDouble()), 1e10 * (1 + random.nextDouble()));
        int[] prefixes = random.ints(5, 0, 3_000).toArray();
        int[] inputs = random.ints(5, 1, 500).toArray();
        int nodes = random.nextInt(1, 9);
        double seconds = random.nextDouble(0.01, 1);
        double m = 0;
        double f = 0;
        for (int i = 0; i < 5; i++) {
            m += LAYERS * 4.0 * D * (prefixes[i] + inputs[i]);
            f += LAYERS * 2.0 * D * prefixes[i] * inputs[i];
        }
        double byMemory = m / (m + nodes * power.bytesPerSecond() * seconds);
        double byCompute = f / (f + nodes * power.flopsPerSecond() * seconds);
        assertThat(load(power, prefixes, inputs, nodes, seconds))
                .isCloseTo(Math.max(byMemory, byCompute), within(1e-12));
    }

    @Test
    void nothingCachedAndNothingNewIsNoLoad() {
        assertThat(load(new NodePower(1, 1), new int[0], new int[0], 1, 1)).isZero();
    }

    @Test
    void moreNodesCarryItMoreEasily() {
        NodePower power = new NodePower(1e8, 1e9);
        int[] prefixes = {5_000};
        int[] inputs = {500};
        assertThat(load(power, prefixes, inputs, 4, 0.1)).isLessThan(load(power, prefixes, inputs, 1, 0.1));
        assertThat(load(power, prefixes, inputs, 1, 0.1)).isLessThan(1);
    }

    @Test
    void aStepTakesTime() {
        assertThatThrownBy(() -> load(new NodePower(1, 1), new int[1], new int[1], 1, 0))
                .hasMessageContaining("in 0.0 s");
    }
}
