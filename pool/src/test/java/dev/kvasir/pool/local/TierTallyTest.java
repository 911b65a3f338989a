package dev.kvasir.pool.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.kvasir.pool.TierCounters;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TierTallyTest {
    private final TierTally tally = new TierTally(64);

    @Test
    void countsEverything() {
        tally.lookedUp(5, 2);
        tally.lookedUp(3, 3);
        tally.promoted(4);
        tally.demoted(6);
        tally.evicted(1);
        tally.failed("torn");
        tally.failed("disk_full");
        tally.failed("torn");
        assertThat(tally.counters())
                .isEqualTo(new TierCounters(5, 320, 3, 4, 6, 1, Map.of("torn", 2L, "disk_full", 1L)));
    }

    @Test
    void nothingIsCopiedWhileNothingChanges() {
        tally.failed("torn");
        TierCounters before = tally.counters();
        tally.lookedUp(0, 0);
        assertThat(tally.counters()).isSameAs(before);
        tally.evicted(1);
        TierCounters after = tally.counters();
        assertThat(after).isNotSameAs(before);
        assertThat(after.failures()).isSameAs(before.failures());
        assertThat(before.evictions()).isZero();
    }

    @Test
    void aMessageIsNoReason() {
        assertThatIllegalArgumentException().isThrownBy(() -> tally.failed("No space left on device"));
        assertThat(tally.counters()).isEqualTo(TierCounters.NONE);
    }
}
