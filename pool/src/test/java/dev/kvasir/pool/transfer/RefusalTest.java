package dev.kvasir.pool.transfer;

import static dev.kvasir.pool.transfer.Cluster.ANN;
import static dev.kvasir.pool.transfer.Cluster.LAYOUT;
import static dev.kvasir.pool.transfer.Cluster.MODEL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.Refusal;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.Transfer;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.pool.transfer.Cluster.Node;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a transfer is refused for. Whatever it is, nothing is held afterwards, and no byte of a segment was sent. */
class RefusalTest {
    private final Cluster cluster = new Cluster();
    private final Node one = cluster.add(16);

    @AfterEach
    void nothingIsHeld() {
        assertThat(cluster.network.segmentBytes()).isZero();
        cluster.checkNothingIsHeld();
    }

    private Transfer refused(Node to, String word) {
        one.store(ANN, word);
        Transfer transfer = one.send(ANN, word, to);
        cluster.settle();
        assertThat(transfer.isDone()).isTrue();
        assertThat(transfer.segments()).isZero();
        return transfer;
    }

    @Test
    void anotherLayout() {
        Node other = cluster.add(Cluster.OTHER_LAYOUT, 8, 0, MODEL);
        assertThat(refused(other, "AB").refusal()).contains(Refusal.OTHER_LAYOUT);
    }

    @Test
    void anotherModel() {
        Node other = cluster.add(LAYOUT, 8, 0, Cluster.OTHER_MODEL);
        assertThat(refused(other, "AB").refusal()).contains(Refusal.OTHER_MODEL);
    }

    @Test
    void noRoom() {
        Node full = cluster.add(2);
        PinnedPrefix reader = full.compute(ANN, "X").orElseThrow();
        Transfer transfer = refused(full, "AB");
        assertThat(transfer.refusal()).contains(Refusal.NO_ROOM);
        assertThat(transfer.left()).isEqualTo(2);
        full.pool.release(reader);
    }

    @Test
    void tooManySegments() {
        Node other = cluster.add(8);
        assertThat(refused(other, "ABCDEFG").refusal()).contains(Refusal.TOO_MANY_SEGMENTS);
    }

    @Test
    void anUnknownNode() {
        one.store(ANN, "AB");
        Transfer nowhere = one.pool.transferWithInsert(one.match(ANN, "AB"), Cluster.tokens("AB"), 17);
        assertThat(nowhere.refusal()).contains(Refusal.UNKNOWN_NODE);
        Transfer self = one.pool.transfer(one.match(ANN, "AB"), 0, 1, one.number);
        assertThat(self.refusal()).contains(Refusal.UNKNOWN_NODE);
        assertThat(self.left()).isEqualTo(1);
    }

    @Test
    void aPoolThatKnowsNoOtherNode() {
        LocalMemPool alone = new LocalMemPool(LAYOUT, 0, BufferSlotStorage.heap(LAYOUT, 2), new LruPolicy());
        PinnedPrefix prefix = alone.match(ANN, Cluster.tokens("A"), 16);
        prefix = alone.insert(
                prefix, Cluster.tokens("A"), alone.alloc(1, Tier.DEVICE).orElseThrow());
        Transfer transfer = alone.transferWithInsert(prefix, Cluster.tokens("A"), 1);
        assertThat(transfer.refusal()).contains(Refusal.UNKNOWN_NODE);
        assertThat(alone.usage(Tier.DEVICE).pinned()).isZero();
        assertThat(alone.claim(transfer.id())).isEmpty();
    }

    @Test
    void tooManyAtATime() {
        Node other = cluster.add(8);
        one.store(ANN, "AB");
        List<Transfer> transfers = new ArrayList<>();
        for (int i = 0; i <= Cluster.LIMITS.transfers(); i++) {
            transfers.add(one.send(ANN, "AB", other));
        }
        assertThat(transfers.get(transfers.size() - 1).refusal()).contains(Refusal.BUSY);
        transfers.forEach(Transfer::release);
        cluster.settle();
    }

    @Test
    void tooManyThatWaitToBeClaimed() {
        Node other = cluster.add(2);
        Node full = cluster.add(16);
        one.store(ANN, "A");
        for (int i = 0; i < Cluster.LIMITS.transfers(); i++) {
            Transfer transfer = one.pool.transfer(one.match(ANN, "A"), 0, 1, full.number);
            cluster.settle();
            assertThat(transfer.refusal()).isEmpty();
        }
        long sent = cluster.network.segmentBytes();
        other.store(ANN, "B");
        Transfer transfer = other.send(ANN, "B", full);
        cluster.settle();
        assertThat(transfer.refusal()).contains(Refusal.BUSY);
        assertThat(cluster.network.segmentBytes()).isEqualTo(sent);
        cluster.passLease();
        cluster.network.forgetCounts();
    }

    @Test
    void tokensThatAreNotThoseOfTheSegments() {
        Node other = cluster.add(8);
        one.store(ANN, "AB");
        Transfer transfer = one.pool.transferWithInsert(one.match(ANN, "AB"), Cluster.tokens("AX"), other.number);
        cluster.settle();
        assertThat(transfer.refusal()).contains(Refusal.NOT_GENUINE);
        assertThat(other.matched(ANN, "AX")).isZero();
    }

    @Test
    void segmentsThatAreNotThere() {
        cluster.add(8);
        one.store(ANN, "AB");
        PinnedPrefix prefix = one.match(ANN, "AB");
        assertThatThrownBy(() -> one.pool.transfer(prefix, 1, 3, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> one.pool.transfer(prefix, 1, 1, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> one.pool.transferWithInsert(prefix, Cluster.tokens("A"), 1))
                .isInstanceOf(IllegalArgumentException.class);
        one.pool.release(prefix);
    }
}
