package dev.kvasir.pool.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.Move;
import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.PoolUsage;
import dev.kvasir.pool.Refusal;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SegmentIdentity;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.TierCounters;
import dev.kvasir.pool.Wire;
import dev.kvasir.pool.loan.LoanCodec;
import dev.kvasir.pool.loan.LoanLimits;
import dev.kvasir.pool.loan.LoanMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ClusterMemPoolTest {
    private static final int SLOTS = 60;

    private final PoolCluster cluster = new PoolCluster(
            new SplittableRandom(1), new LoanLimits(64, 16, SLOTS, PoolCluster.LEASE, PoolCluster.PATIENCE));
    private final PoolNode one = cluster.add(SLOTS);
    private final PoolNode two = cluster.add(SLOTS);

    /** Were it still a home here, each of the two could leave it to the other one. */
    @Test
    void whatGotAnotherHomeWhileItWasReadIsThereAfterwards() {
        List<PinnedPrefix> readers = new ArrayList<>();
        for (char c = 'A'; c <= 'L'; c++) {
            readers.add(one.compute(c + "xyz").orElseThrow());
            cluster.pass(PoolCluster.EPOCH / 4); // so that it's known how full each is
        }
        for (int epoch = 0; epoch < 6; epoch++) {
            cluster.pass(PoolCluster.EPOCH);
        }
        assertThat(one.pool.clusterStats().sent())
                .as("segments with a home elsewhere")
                .isPositive();
        readers.forEach(one.pool::release);
        cluster.rest();
        cluster.checkNothingIsHeld();
        assertThat(cluster.holders()).hasSize(48).allSatisfy((id, nodes) -> assertThat(nodes)
                .hasSize(1));
        assertThat(two.held()).hasSize((int) one.pool.clusterStats().sent());
    }

    /** A node that runs no requests hears of no release but its own loans' end. */
    @Test
    void aNodeThatLeavesMayGoOnceItsLoansHaveEnded() {
        one.store("ABCD");
        cluster.rest();
        PoolNode holder = one.holds("A") ? one : two;
        PoolNode reader = holder == one ? two : one;
        Move move = reader.bring("ABCD");
        cluster.settle();
        PinnedPrefix lent = reader.match("ABCD");
        assertThat(lent.segments()).isEqualTo(4);
        holder.draining = true;
        cluster.rest();
        assertThat(holder.held()).hasSize(4);
        assertThat(holder.pool.isHandedOver()).isFalse();
        assertThat(reader.read(lent, "ABCD")).isTrue();
        reader.pool.release(lent);
        move.release();
        cluster.settle();
        assertThat(holder.held()).isEmpty();
        assertThat(holder.pool.isHandedOver()).isTrue();
        assertThat(reader.held()).hasSize(4);
    }

    @Test
    void aReplicaThatNeverCameMakesNoReplicaOfWhatIsComputed() {
        say(one, two, new LoanMessage.Replica(PoolCluster.id("A")));
        cluster.settle();
        two.store("A");
        two.pool.poll();
        one.pool.poll();
        assertThat(one.directory.holders(PoolCluster.id("A"))).singleElement().matches(copy -> !copy.replica());
    }

    @Test
    void hintsOfReplicasAreForgottenWhereThereAreTooMany() {
        SplittableRandom random = new SplittableRandom(2);
        for (int i = 0; i < 10_000; i++) {
            say(one, two, new LoanMessage.Replica(new SegmentId(random.nextLong(), 0, 0, i)));
        }
        cluster.settle();
        two.store("A");
        cluster.rest();
        cluster.checkNothingIsHeld();
    }

    @Test
    void twoPromptsThatAskForTheSameAtOnceHaveBoth() {
        one.store("ABC");
        cluster.rest();
        PoolNode reader = one.holds("A") ? two : one;
        Move first = reader.bring("ABC");
        Move second = reader.bring("ABC");
        cluster.settle();
        assertThat(first.segments()).isEqualTo(3);
        assertThat(second.isDone()).isTrue();
        first.release();
        cluster.settle();
        PinnedPrefix prefix = reader.match("ABC");
        assertThat(prefix.segments()).isEqualTo(3);
        assertThat(reader.read(prefix, "ABC")).isTrue();
        second.release();
        reader.pool.release(prefix);
        cluster.settle();
        cluster.checkNothingIsHeld();
    }

    @Test
    void aLoanStaysAsLongAsItIsReadHoweverLongAStepTakes() {
        one.store("ABC");
        cluster.rest();
        PoolNode holder = one.holds("A") ? one : two;
        PoolNode reader = holder == one ? two : one;
        Move move = reader.bring("ABC");
        cluster.settle();
        PinnedPrefix prefix = reader.match("ABC");
        move.release();
        for (int layer = 0; layer < 10; layer++) {
            cluster.now += PoolCluster.LEASE / 2;
            assertThat(reader.read(prefix, "ABC")).isTrue(); // in a step: nothing is renewed meanwhile
            holder.pool.poll();
        }
        reader.pool.release(prefix);
        cluster.settle();
        cluster.checkNothingIsHeld();
    }

    @Test
    void aNodeThatHasEndedItsLoansMakesNoMore() {
        one.store("ABC");
        cluster.rest();
        PoolNode holder = one.holds("A") ? one : two;
        PoolNode reader = holder == one ? two : one;
        Move asked = reader.bring("ABC");
        holder.pool.close();
        cluster.settle();
        assertThat(asked.segments()).isZero();
        asked.release();
        assertThat(holder.pool.usage(Tier.DEVICE).pinned()).isZero();
    }

    @Test
    void replicasMakeRoomBeforeAnythingElseDoes() {
        for (int i = 0; i < 10; i++) {
            say(one, two, new LoanMessage.Replica(PoolCluster.id("" + (char) ('a' + i))));
        }
        cluster.settle();
        for (int i = 0; i < 10; i++) {
            one.store("" + (char) ('a' + i));
            send(one, "" + (char) ('a' + i), two);
            cluster.settle();
        }
        cluster.settle();
        int replicas = two.held().size();
        assertThat(replicas).isEqualTo(10);
        PinnedPrefix read = two.match("c");
        two.pool.free(two.pool.alloc(SLOTS - 4, Tier.DEVICE).orElseThrow());
        assertThat(two.held()).hasSize(4);
        assertThat(two.holds("a")).as("the longest unused").isFalse();
        assertThat(two.holds("j")).as("the last used").isTrue();
        assertThat(two.holds("c")).as("read").isTrue();
        assertThat(two.pool.alloc(SLOTS, Tier.DEVICE)).isEmpty();
        assertThat(two.held()).as("nothing goes for nothing").hasSize(4);
        two.pool.release(read);
        assertThat(two.pool.usage(Tier.DEVICE)).extracting(PoolUsage::evicted).isEqualTo(0L);
    }

    @Test
    void aLookUpCountsEverySegmentThatIsNotThereAndOneThatWasGivenUpNone() {
        one.store("AB");
        TierCounters before = one.local.tiers().get(0).counters();
        one.pool.release(one.match("ABCDE"));
        TierCounters after = one.local.tiers().get(0).counters();
        assertThat(after.hits() - before.hits()).isEqualTo(2);
        assertThat(after.misses() - before.misses()).isEqualTo(3);
        one.pool.giveUp(one.match("ABCDE"));
        assertThat(one.local.tiers().get(0).counters()).isEqualTo(after);
    }

    @Test
    void aTransferByHandIsRefusedAndItsPrefixReleased() {
        PinnedPrefix first = one.compute("AB").orElseThrow();
        assertThat(one.pool.transfer(first, 0, 2, two.number).refusal()).contains(Refusal.UNKNOWN_NODE);
        assertThat(one.pool
                        .transferWithInsert(one.match("AB"), PoolCluster.tokens("AB"), two.number)
                        .refusal())
                .contains(Refusal.UNKNOWN_NODE);
        assertThat(one.pool.usage(Tier.DEVICE).pinned()).isZero();
    }

    /** A prompt longer than a frame can't be asked for; that isn't a reason to fail. */
    @Test
    void aPromptThatDoesNotFitAFrameIsComputed() {
        PoolCluster roomy = new PoolCluster(
                new SplittableRandom(1), new LoanLimits(100_000, 16, SLOTS, PoolCluster.LEASE, PoolCluster.PATIENCE));
        PoolNode reader = roomy.add(SLOTS);
        PoolNode holder = roomy.add(SLOTS);
        String word = "A".repeat(reader.wire.maxFrameBytes() / Integer.BYTES / 16 + 1);
        int[] tokens = PoolCluster.tokens(word);
        SegmentId id = PoolCluster.ROOT;
        for (int i = 0; i < word.length(); i++) {
            id = SegmentIdentity.next(id, tokens, i * 16, (i + 1) * 16);
            holder.directory.announce(id, false);
        }
        roomy.settle();
        Move move = reader.bring(word);
        roomy.rest();
        assertThat(move.isDone()).isTrue();
        assertThat(move.segments()).isZero();
        move.release();
        roomy.checkNothingIsHeld();
    }

    private void say(PoolNode from, PoolNode to, LoanMessage message) {
        from.wire.send(to.number, Wire.Channel.LOAN, List.of(LoanCodec.encode(message)), () -> {});
    }

    private static void send(PoolNode from, String word, PoolNode to) {
        from.transfers.transferWithInsert(
                from.transfers.pin(PoolCluster.ROOT, PoolCluster.tokens(word + "?"), word.length() * 16 + 1),
                PoolCluster.tokens(word),
                to.number);
    }
}
