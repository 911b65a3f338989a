package dev.kvasir.pool.loan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerGateTest {
    private final LayerGate gate = new LayerGate();
    private final List<String> heard = new ArrayList<>();

    private boolean await(int layer, long nowNanos) {
        return gate.await(layer, () -> heard.add("ready " + layer), () -> heard.add("never " + layer), nowNanos);
    }

    @Test
    void whoWaitsForALayerHearsOnceWhenItIsWritten() {
        assertThat(await(1, 0)).isTrue();
        assertThat(await(0, 0)).isTrue();
        gate.open(1);
        assertThat(heard).containsExactly("ready 0");
        gate.open(2);
        gate.open(3);
        gate.close();
        gate.expire(1000, 1);
        assertThat(heard).containsExactly("ready 0", "ready 1");
    }

    @Test
    void whatIsWrittenIsNotWaitedFor() {
        gate.open(2);
        assertThat(await(1, 0)).isFalse();
        assertThat(await(2, 0)).isTrue();
        assertThat(heard).isEmpty();
    }

    @Test
    void whatWillNeverBeWrittenIsNotWaitedFor() {
        gate.open(1);
        assertThat(await(1, 0)).isTrue();
        gate.close();
        assertThat(heard).containsExactly("never 1");
        // Who comes later must not take it for written.
        assertThat(await(2, 0)).isTrue();
        assertThat(heard).containsExactly("never 1", "never 2");
        assertThat(await(0, 0)).isFalse();
        assertThat(gate.waiting()).isZero();
    }

    @Test
    void patienceEnds() {
        await(0, 100);
        await(1, 150);
        gate.expire(199, 100);
        assertThat(heard).isEmpty();
        gate.expire(200, 100);
        assertThat(heard).containsExactly("never 0");
        gate.open(2);
        assertThat(heard).containsExactly("never 0", "ready 1");
    }

    /** A query that is answered may send the next one at once. */
    @Test
    void whoIsLetThroughMayWaitAgain() {
        gate.await(0, () -> await(1, 0), () -> heard.add("never"), 0);
        gate.open(1);
        assertThat(gate.waiting()).isEqualTo(1);
        gate.open(2);
        assertThat(heard).containsExactly("ready 1");
    }
}
