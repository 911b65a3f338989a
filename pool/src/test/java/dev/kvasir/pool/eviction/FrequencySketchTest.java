package dev.kvasir.pool.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.testing.RandomizedTest;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FrequencySketchTest {
    private static final int THINGS = 256;
    private static final int SAMPLE = 4 * THINGS;

    @RandomizedTest(10)
    void countsNeverTooLowAndSeldomTooHigh(SplittableRandom random) {
        FrequencySketch sketch = new FrequencySketch(THINGS);
        Map<Long, Integer> exact = new HashMap<>();
        for (int i = 1; i < SAMPLE; i++) {
            long content = (long) random.nextInt(4 * THINGS) * random.nextInt(1, 3);
            sketch.record(content);
            exact.merge(content, 1, Integer::sum);
        }
        int tooHigh = 0;
        for (Map.Entry<Long, Integer> entry : exact.entrySet()) {
            int expected = Math.min(FrequencySketch.MOST, entry.getValue());
            int counted = sketch.frequency(entry.getKey());
            assertThat(counted).isGreaterThanOrEqualTo(expected);
            tooHigh += counted > expected ? 1 : 0;
        }
        assertThat(tooHigh).isLessThan(exact.size() / 20);
    }

    @Test
    void stopsAtItsMost() {
        FrequencySketch sketch = new FrequencySketch(THINGS);
        for (int i = 0; i < 100; i++) {
            sketch.record(5);
        }
        assertThat(sketch.frequency(5)).isEqualTo(FrequencySketch.MOST);
        assertThat(sketch.frequency(6)).isZero();
    }

    @Test
    void forgetsHalfOfEverythingAfterEachSample() {
        FrequencySketch sketch = new FrequencySketch(THINGS);
        for (int i = 0; i < SAMPLE; i++) {
            sketch.record(i < 8 ? 1 : 2);
        }
        assertThat(sketch.frequency(1)).isEqualTo(4);
        for (int i = 0; i < 3 * SAMPLE; i++) {
            sketch.record(2);
        }
        assertThat(sketch.frequency(1)).isZero();
    }
}
