package dev.kvasir.pool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class PoolUsageTest {
    @Test
    void whatCanBeEvictedIsAvailable() {
        PoolUsage usage = new PoolUsage(10, 3, 2, 0, 5, 1, 0, 0, 0);
        assertThat(usage.available()).isEqualTo(7);
        assertThat(usage.inUse()).isEqualTo(0.3);
    }

    @Test
    void refusesSlotsThatDoNotAddUp() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PoolUsage(10, 3, 2, 0, 4, 1, 0, 0, 0))
                .withMessage("the slots do not add up: 3 free + 2 writing + 4 sealed (1 pinned) of 10");
        assertThatIllegalArgumentException().isThrownBy(() -> new PoolUsage(10, 3, 2, 0, 5, 6, 0, 0, 0));
    }
}
