package dev.kvasir.pool.transfer;

import static dev.kvasir.pool.transfer.Cluster.ANN;
import static dev.kvasir.pool.transfer.Cluster.BOB;
import static dev.kvasir.pool.transfer.Cluster.LAYOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.pool.Arrival;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.Refusal;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.Transfer;
import dev.kvasir.pool.transfer.Cluster.Node;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TransferTest {
    private final Cluster cluster = new Cluster();
    private final Node one = cluster.add(8);
    private final Node two = cluster.add(8);

    @AfterEach
    void nothingIsHeld() {
        cluster.passLease();
        cluster.checkNothingIsHeld();
    }

    @Test
    void aPrefixIsFoundAtTheReceiver() {
        one.store(ANN, "ABC");
        Transfer transfer = one.send(ANN, "ABC", two);
        assertThat(transfer.isDone()).isFalse();
        cluster.settle();
        assertThat(transfer.isDone()).isTrue();
        assertThat(transfer.refusal()).isEmpty();
        assertThat(transfer.segments()).isEqualTo(3);
        assertThat(transfer.tokensFrom(Tier.DEVICE)).isEqualTo(48);
        assertThat(two.check(ANN, "ABC")).isEqualTo(3);
        assertThat(two.matched(BOB, "ABC")).isZero();
        assertThat(one.check(ANN, "ABC")).isEqualTo(3);
    }

    @Test
    void onlyWhatTheReceiverLacksIsSent() {
        one.store(ANN, "ABCD");
        two.store(ANN, "ABX");
        Transfer transfer = one.send(ANN, "ABCD", two);
        cluster.settle();
        assertThat(transfer.segments()).isEqualTo(4);
        assertThat(transfer.bytesSent()).isEqualTo(2L * LAYOUT.segmentBytes());
        assertThat(cluster.network.segmentBytes()).isEqualTo(2L * LAYOUT.segmentBytes());
        assertThat(two.check(ANN, "ABCD")).isEqualTo(4);

        Transfer again = one.send(ANN, "ABCD", two);
        cluster.settle();
        assertThat(again.segments()).isEqualTo(4);
        assertThat(cluster.network.segmentBytes()).isEqualTo(2L * LAYOUT.segmentBytes());
    }

    @Test
    void whatALowerTierOfTheReceiverHasIsNotSent() {
        Node tiered = cluster.add(LAYOUT, 8, 8, Cluster.MODEL);
        tiered.store(ANN, "ABC");
        tiered.pool.swapOut(3);
        cluster.settle();
        assertThat(tiered.matched(ANN, "ABC")).isZero();
        one.store(ANN, "ABCD");
        Transfer transfer = one.send(ANN, "ABCD", tiered);
        cluster.settle();
        assertThat(transfer.segments()).isEqualTo(4);
        assertThat(transfer.bytesSent()).isEqualTo(LAYOUT.segmentBytes());
        assertThat(tiered.check(ANN, "ABCD")).isEqualTo(4);
    }

    @Test
    void nothingIsFoundBeforeAllOfItIsThere() {
        one.store(ANN, "ABCD");
        Transfer transfer = one.send(ANN, "ABCD", two);
        int steps = 0;
        while (!transfer.isDone()) {
            assertThat(two.matched(ANN, "ABCD")).isIn(0, 4);
            assertThat(two.usage().moving()).isIn(0, 4);
            two.check(ANN, "ABCD");
            cluster.network.step();
            if (steps++ % 2 == 0) {
                cluster.runJob();
            }
            cluster.nodes.forEach(node -> node.pool.poll());
            cluster.nodes.forEach(node -> node.pool.checkInvariants());
        }
        assertThat(steps).isGreaterThan(6);
        assertThat(two.check(ANN, "ABCD")).isEqualTo(4);
    }

    @Test
    void whatIsNotIndexedIsClaimed() {
        one.store(ANN, "ABCD");
        Transfer transfer = one.pool.transfer(one.match(ANN, "ABCD"), 1, 3, two.number);
        assertThat(two.pool.claim(transfer.id())).isEmpty();
        cluster.settle();
        assertThat(transfer.segments()).isEqualTo(2);
        assertThat(two.usage().moving()).isEqualTo(2);
        assertThat(two.usage().sealed()).isZero();
        assertThat(two.pool.arrivals()).containsExactly(transfer.id());

        Arrival arrival = two.pool.claim(transfer.id()).orElseThrow();
        assertThat(arrival.from()).isEqualTo(1);
        two.check(ANN, "ABCD", 1, arrival.addresses());
        assertThat(two.usage().moving()).isZero();
        assertThat(two.usage().writing()).isEqualTo(2);
        assertThat(two.pool.claim(transfer.id())).isEmpty();
        cluster.passLease();
        two.check(ANN, "ABCD", 1, arrival.addresses());
        two.pool.free(arrival.addresses());
    }

    @Test
    void whatWasClaimedCanBeIndexedByItsClaimer() {
        one.store(ANN, "AB");
        Transfer transfer = one.pool.transfer(one.match(ANN, "AB"), 0, 2, two.number);
        cluster.settle();
        Arrival arrival = two.pool.claim(transfer.id()).orElseThrow();
        two.pool.release(two.pool.insert(two.match(ANN, "AB"), Cluster.tokens("AB"), arrival.addresses()));
        assertThat(two.check(ANN, "AB")).isEqualTo(2);
    }

    @Test
    void whatNobodyClaimsIsFreedAfterALease() {
        one.store(ANN, "AB");
        Transfer transfer = one.pool.transfer(one.match(ANN, "AB"), 0, 2, two.number);
        cluster.settle();
        cluster.now += Cluster.LEASE - 1;
        cluster.settle();
        assertThat(two.usage().free()).isEqualTo(6);
        cluster.now++;
        cluster.settle();
        assertThat(two.usage().free()).isEqualTo(8);
        assertThat(two.pool.claim(transfer.id())).isEmpty();
    }

    @Test
    void aTransfersSlotsAreNobodyElses() {
        one.store(ANN, "AB");
        one.pool.transfer(one.match(ANN, "AB"), 0, 2, two.number);
        cluster.settle();
        List<SlotAddress> guessed = List.of(new SlotAddress(two.number, Tier.DEVICE, 0));
        PinnedPrefix empty = two.match(ANN, "AB");
        assertThatThrownBy(() -> two.pool.free(guessed)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> two.pool.insert(empty, Cluster.tokens("A"), guessed))
                .isInstanceOf(IllegalStateException.class);
        two.pool.release(empty);
    }

    @Test
    void theSourceStaysPinnedUntilItsBytesHaveLeft() {
        one.store(ANN, "AB");
        Transfer transfer = one.send(ANN, "AB", two);
        while (transfer.bytesSent() == 0) {
            cluster.network.step();
            cluster.nodes.forEach(node -> node.pool.poll());
        }
        transfer.release();
        transfer.release();
        assertThat(transfer.isDone()).isTrue();
        assertThat(one.pool.evict(Tier.DEVICE, 2)).isZero();
        one.pool.checkInvariants();
        cluster.settle();
        assertThat(one.pool.evict(Tier.DEVICE, 2)).isEqualTo(2);
        // All of it was on its way already: the receiver has it, or would have nothing.
        assertThat(two.check(ANN, "AB")).isEqualTo(2);
    }

    @Test
    void aSlotIsNotFreeWhileSomethingIsCopiedIntoIt() {
        one.store(ANN, "AB");
        Transfer transfer = one.send(ANN, "AB", two);
        while (cluster.jobs.size() < 2) {
            cluster.network.step();
            cluster.nodes.forEach(node -> node.pool.poll());
        }
        transfer.release();
        while (!cluster.network.isQuiet()) {
            cluster.network.step();
            cluster.nodes.forEach(node -> node.pool.poll());
        }
        assertThat(two.usage().moving()).isEqualTo(2);
        two.pool.checkInvariants();
        cluster.settle();
        assertThat(two.usage().free()).isEqualTo(8);
        assertThat(two.matched(ANN, "AB")).isZero();
    }

    @Test
    void whatIsLostOnTheWayIsSaidAgain() {
        one.store(ANN, "AB");
        Transfer transfer = one.send(ANN, "AB", two);
        cluster.network.kill(two.number);
        cluster.settle(); // the offer is lost
        cluster.network.revive(two.number);
        cluster.now += Cluster.LEASE / 4;
        one.pool.poll();
        while (transfer.bytesSent() == 0) {
            cluster.network.step();
            cluster.nodes.forEach(node -> node.pool.poll());
        }
        cluster.network.step();
        cluster.network.step();
        two.pool.poll();
        cluster.network.kill(two.number);
        cluster.settle(); // the segments are there, the commit is lost
        assertThat(transfer.isDone()).isFalse();
        cluster.network.revive(two.number);
        cluster.now += Cluster.LEASE / 4;
        cluster.settle();
        assertThat(transfer.segments()).isEqualTo(2);
        assertThat(transfer.bytesSent()).isEqualTo(2L * LAYOUT.segmentBytes());
        assertThat(two.check(ANN, "AB")).isEqualTo(2);
    }

    @Test
    void aDeadReceiverHoldsNothingForLongerThanALease() {
        one.store(ANN, "AB");
        Transfer transfer = one.send(ANN, "AB", two);
        cluster.network.kill(two.number);
        cluster.settle();
        assertThat(one.usage().pinned()).isEqualTo(2);
        cluster.passLease();
        assertThat(transfer.refusal()).contains(Refusal.EXPIRED);
        assertThat(one.usage().pinned()).isZero();
    }

    @Test
    void aDeadSenderHoldsNothingForLongerThanALease() {
        one.store(ANN, "AB");
        one.send(ANN, "AB", two);
        while (two.usage().moving() == 0) {
            cluster.network.step();
            cluster.nodes.forEach(node -> node.pool.poll());
        }
        cluster.network.kill(one.number);
        cluster.settle();
        assertThat(two.usage().moving()).isEqualTo(2);
        cluster.passLease();
        assertThat(two.usage().free()).isEqualTo(8);
        assertThat(two.matched(ANN, "AB")).isZero();
    }

    @Test
    void closingGivesEverythingUp() {
        one.store(ANN, "ABC");
        Transfer leaves = one.send(ANN, "ABC", two);
        one.pool.transfer(one.match(ANN, "AB"), 0, 2, two.number);
        while (two.usage().moving() < 5) {
            cluster.network.step();
            cluster.nodes.forEach(node -> node.pool.poll());
        }
        one.pool.close();
        assertThat(leaves.isDone()).isTrue();
        while (!cluster.jobs.isEmpty()) {
            cluster.runJob();
        }
        two.pool.close();
        assertThat(two.usage().free()).isEqualTo(8);
    }
}
