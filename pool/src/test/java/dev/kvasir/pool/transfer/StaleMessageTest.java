package dev.kvasir.pool.transfer;

import static dev.kvasir.pool.transfer.Cluster.ANN;
import static dev.kvasir.pool.transfer.Cluster.LAYOUT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.Arrival;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.SegmentFormat;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.Transfer;
import dev.kvasir.pool.TransferId;
import dev.kvasir.pool.TransferMessage.Abort;
import dev.kvasir.pool.TransferMessage.Answer;
import dev.kvasir.pool.TransferMessage.Commit;
import dev.kvasir.pool.TransferMessage.Data;
import dev.kvasir.pool.TransferMessage.Offer;
import dev.kvasir.pool.transfer.Cluster.Node;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages that come too late, twice, in another order, or from one whom they're not from. */
class StaleMessageTest {
    private final Cluster cluster = new Cluster();
    private final Node one = cluster.add(8);
    private final Node two = cluster.add(8);
    private final Node three = cluster.add(8);

    private List<SegmentId> segments = List.of();

    @BeforeEach
    void compute() {
        one.store(ANN, "AB");
        PinnedPrefix prefix = one.match(ANN, "AB");
        segments = List.of(prefix.id(0), prefix.id(1));
        one.pool.release(prefix);
    }

    @AfterEach
    void nothingIsHeld() {
        cluster.passLease();
        cluster.checkNothingIsHeld();
    }

    private Offer offer(TransferId id) {
        return new Offer(id, new SegmentFormat(LAYOUT, Cluster.MODEL), ANN, 0, segments, Cluster.tokens("AB"));
    }

    private static Data data(TransferId id, int index, SlotAddress to, SegmentId segment, String word) {
        ByteBuffer bytes = ByteBuffer.allocate(LAYOUT.segmentBytes());
        Cluster.fill(bytes, ANN, word);
        return new Data(id, index, to, segment, bytes.flip());
    }

    private static SlotAddress slot(int slot) {
        return new SlotAddress(1, Tier.DEVICE, slot);
    }

    @Test
    void anAbortThatOvertakesItsOfferCountsAllTheSame() {
        TransferId id = new TransferId(one.number, 7, 100);
        cluster.network.inject(one.number, two.number, new Abort(id));
        cluster.network.inject(one.number, two.number, offer(id));
        cluster.settle();
        assertThat(two.usage().moving()).isZero();
    }

    @Test
    void anOfferThatComesAgainAfterTheEndSetsNothingAside() {
        Transfer transfer = one.send(ANN, "AB", two);
        cluster.settle();
        assertThat(transfer.segments()).isEqualTo(2);
        two.pool.evict(Tier.DEVICE, 2);
        cluster.network.inject(one.number, two.number, offer(transfer.id()));
        cluster.settle();
        assertThat(two.usage().free()).isEqualTo(8);
    }

    @Test
    void anAnswerToATransferThatIsOverFreesWhatItSetAside() {
        TransferId id = new TransferId(one.number, 6, 1); // of an earlier life
        cluster.network.inject(one.number, two.number, offer(id));
        cluster.settle();
        assertThat(two.usage().free()).isEqualTo(8);
    }

    @Test
    void anAnswerThatComesAgainTakesNothingBack() {
        Transfer transfer = one.pool.transfer(one.match(ANN, "AB"), 0, 2, two.number);
        cluster.settle();
        cluster.network.inject(two.number, one.number, new Answer(transfer.id(), 0, List.of(slot(0), slot(1))));
        cluster.settle();
        Arrival arrival = two.pool.claim(transfer.id()).orElseThrow();
        two.check(ANN, "AB", 0, arrival.addresses());
        two.pool.free(arrival.addresses());
    }

    @Test
    void aCommitBeforeTheLastSegmentWaitsForIt() {
        TransferId id = new TransferId(three.number, 7, 1);
        cluster.network.kill(three.number); // it is played here
        cluster.network.inject(three.number, two.number, offer(id));
        cluster.network.inject(three.number, two.number, new Commit(id, 2));
        cluster.network.inject(three.number, two.number, data(id, 1, slot(1), segments.get(1), "AB"));
        cluster.settle();
        assertThat(two.matched(ANN, "AB")).isZero();
        cluster.network.inject(three.number, two.number, data(id, 0, slot(0), segments.get(0), "A"));
        cluster.settle();
        assertThat(two.check(ANN, "AB")).isEqualTo(2);
    }

    @Test
    void segmentsThatAreNotMeantForASlotAreNotWrittenToIt() {
        TransferId id = new TransferId(three.number, 7, 1);
        cluster.network.kill(three.number);
        cluster.network.inject(three.number, two.number, offer(id));
        cluster.network.inject(three.number, two.number, data(id, 0, slot(1), segments.get(0), "X")); // another slot
        cluster.network.inject(three.number, two.number, data(id, 0, slot(0), segments.get(1), "X")); // another segment
        cluster.network.inject(three.number, two.number, data(id, 2, slot(0), segments.get(0), "X")); // no such segment
        cluster.network.inject(one.number, two.number, data(id, 0, slot(0), segments.get(0), "X")); // another sender
        cluster.network.inject(
                three.number, two.number, new Data(id, 0, slot(0), segments.get(0), ByteBuffer.allocate(7)));
        TransferId other = new TransferId(three.number, 7, 2);
        cluster.network.inject(three.number, two.number, data(other, 0, slot(0), segments.get(0), "X"));
        cluster.settle();
        cluster.network.inject(three.number, two.number, data(id, 0, slot(0), segments.get(0), "A"));
        cluster.network.inject(three.number, two.number, data(id, 1, slot(1), segments.get(1), "AB"));
        cluster.network.inject(three.number, two.number, data(id, 1, slot(1), segments.get(1), "X")); // twice
        cluster.network.inject(three.number, two.number, new Commit(id, 2));
        cluster.settle();
        assertThat(two.check(ANN, "AB")).isEqualTo(2);
    }

    @Test
    void aSegmentThatComesTwiceIsCopiedOnce() {
        TransferId id = new TransferId(three.number, 7, 1);
        cluster.network.kill(three.number);
        cluster.network.inject(three.number, two.number, offer(id));
        cluster.network.inject(three.number, two.number, data(id, 0, slot(0), segments.get(0), "A"));
        cluster.network.inject(three.number, two.number, data(id, 0, slot(0), segments.get(0), "A"));
        two.pool.poll();
        assertThat(cluster.jobs).hasSize(1);
    }

    @Test
    void aCommitOfAnotherNumberOfSegmentsEndsIt() {
        TransferId id = new TransferId(three.number, 7, 1);
        cluster.network.kill(three.number);
        cluster.network.inject(three.number, two.number, offer(id));
        cluster.network.inject(three.number, two.number, data(id, 0, slot(0), segments.get(0), "A"));
        cluster.network.inject(three.number, two.number, data(id, 1, slot(1), segments.get(1), "AB"));
        cluster.network.inject(three.number, two.number, new Commit(id, 1));
        cluster.settle();
        assertThat(two.matched(ANN, "AB")).isZero();
        assertThat(two.usage().free()).isEqualTo(8);
    }

    @Test
    void answersThatMakeNoSenseEndTheTransfer() {
        for (Answer answer : List.of(
                new Answer(new TransferId(one.number, 7, 1), 0, List.of(slot(0))),
                new Answer(new TransferId(one.number, 7, 2), 3, List.of()),
                new Answer(
                        new TransferId(one.number, 7, 3), 1, List.of(new SlotAddress(three.number, Tier.DEVICE, 0))))) {
            Transfer transfer = one.send(ANN, "AB", two);
            assertThat(transfer.id()).isEqualTo(answer.id());
            cluster.network.inject(three.number, one.number, answer); // not the receiver: ignored
            one.pool.poll();
            assertThat(transfer.isDone()).isFalse();
            cluster.network.inject(two.number, one.number, answer);
            one.pool.poll();
            assertThat(transfer.isDone()).isTrue();
            assertThat(transfer.segments()).isZero();
            cluster.settle();
            assertThat(two.usage().free()).isEqualTo(8);
        }
        assertThat(cluster.network.segmentBytes()).isZero();
    }
}
