package dev.kvasir.engine.cluster;

import static dev.kvasir.engine.cluster.TestCluster.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.map.IMap;
import dev.kvasir.engine.cluster.ClusterCounters.Count;
import dev.kvasir.engine.config.ClusterSettings;
import dev.kvasir.engine.config.ClusterSettings.Role;
import dev.kvasir.pool.Directory;
import dev.kvasir.pool.Directory.Holding;
import dev.kvasir.pool.SegmentId;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Members that come, go, part, meet again, and lie. */
class ClusterNodeTest {
    private static final SegmentId ID = new SegmentId(1, 2, 3, 4);
    private static final SegmentId OTHER = new SegmentId(5, 6, 7, 8);

    private final TestCluster cluster = new TestCluster();
    private final List<Integer> left = new ArrayList<>();

    private final Directory.Events events = new Directory.Events() {
        @Override
        public void onJoined(int node) {}

        @Override
        public void onLeft(int node) {
            left.add(node);
        }

        @Override
        public void onShared(SegmentId id) {}
    };

    @AfterEach
    void end() {
        cluster.close();
    }

    private void awaitPolling(String what, BooleanSupplier isSo, Directory... directories) {
        await(what, () -> {
            for (Directory directory : directories) {
                directory.poll(events);
            }
            return isSo.getAsBoolean();
        });
    }

    private void awaitHolder(Directory viewer, SegmentId id, Directory holder) {
        awaitPolling(
                "the holder",
                () -> viewer.holders(id).equals(List.of(new Holding(holder.self(), false))),
                viewer,
                holder);
    }

    @Test
    void nodesOfOneMachineMeetAndKnowEachOthersAddresses() {
        ClusterNode first = cluster.start();
        ClusterNode second = cluster.start(TestCluster.settings(cluster.port, Role.POOL), TestCluster.QUICK);
        Directory one = cluster.serve(first);
        Directory two = cluster.serve(second);
        awaitPolling("each other", () -> one.nodes().size() == 1 && two.nodes().size() == 1, one, two);
        assertThat(cluster.peers(first.number()))
                .containsOnlyKeys(second.number())
                .containsValue(new Peer(
                        second.number(), Role.POOL, new NodeAddress("127.0.0.1", 1 + second.number() % 65535)));
        assertThat(first.peers()).isOne();
        assertThat(first.number()).isEqualTo(one.self()).isNotEqualTo(second.number());
        int[] ports = {port(first), port(second)};
        assertThat(ports[0]).isNotEqualTo(ports[1]);
    }

    private static int port(ClusterNode node) {
        return node.hazelcast().getCluster().getLocalMember().getAddress().getPort();
    }

    @Test
    void nodesOfAnotherModelAreNoPeers() {
        Directory one = cluster.join();
        Directory other = cluster.serve(cluster.start(), "another model", () -> {});
        Directory two = cluster.join();
        awaitPolling("its peer", () -> one.nodes().size() == 1 && two.nodes().size() == 1, one, other, two);
        other.announce(ID, false);
        other.announce(OTHER, false);
        one.announce(OTHER, false);
        awaitHolder(two, OTHER, one);
        assertThat(two.holders(ID)).isEmpty();
        assertThat(other.nodes()).isEmpty();
        assertThat(one.nodes().get(0).node()).isEqualTo(two.self());
    }

    @Test
    void whoLeavesIsGoneAtOnceAndLeavesNothingBehind() {
        Directory one = cluster.join();
        Directory two = cluster.join();
        one.announce(OTHER, false);
        two.announce(ID, false);
        awaitHolder(one, ID, two);
        awaitHolder(two, OTHER, one);
        IMap<Object, Object> segments = cluster.node(one).hazelcast().getMap(Maps.SEGMENTS);
        await("all that is held", () -> segments.size() == 2);
        cluster.node(two).leave();
        awaitPolling("its leaving", () -> left.contains(two.self()), one);
        assertThat(one.nodes()).isEmpty();
        assertThat(one.holders(ID)).isEmpty();
        assertThat(cluster.peers(one.self())).isEmpty();
        await("what it had written", () -> segments.size() == 1);
        assertThat(cluster.node(one).counters().get(Count.LEFT)).isOne();
    }

    @Test
    void whatACrashedNodeHadWrittenIsRemoved() {
        Directory one = cluster.join();
        Directory two = cluster.join();
        for (int i = 0; i < 100; i++) {
            two.announce(new SegmentId(i, 0, 0, 0), false);
        }
        two.announce(ID, false);
        awaitHolder(one, ID, two);
        IMap<Object, Object> segments = cluster.node(one).hazelcast().getMap(Maps.SEGMENTS);
        await(
                "all that it holds",
                () -> segments.size() == 101); // on a busy machine the others know before the map does
        TestCluster.crash(cluster.node(two));
        awaitPolling("its leaving", () -> left.contains(two.self()), one);
        assertThat(one.holders(ID)).isEmpty();
        await("what it had written", () -> segments.isEmpty());
        await(
                "its status",
                () -> !cluster.node(one).hazelcast().getMap(Maps.NODES).containsKey(two.self()));
    }

    @Test
    void halvesThatMeetAgainKnowAllThatEitherHolds() {
        // Neither knows where the other is: two clusters of one, until they are told.
        int elsewhere = TestCluster.freePort();
        Directory one = cluster.join();
        one.announce(ID, false);
        one.poll(events);
        Directory two = cluster.serve(cluster.start(TestCluster.settings(elsewhere, Role.MIXED), TestCluster.QUICK));
        two.announce(OTHER, false);
        two.poll(events);
        assertThat(cluster.node(one).hazelcast().getCluster().getMembers()).hasSize(1);
        assertThat(cluster.node(two).hazelcast().getCluster().getMembers()).hasSize(1);
        tell(one, elsewhere);
        tell(two, cluster.port);
        awaitHolder(two, ID, one);
        awaitHolder(one, OTHER, two);
        assertThat(cluster.node(one).counters().get(Count.MERGES)
                        + cluster.node(two).counters().get(Count.MERGES))
                .isOne();
        one.withdraw(ID);
        awaitPolling("what was said after it", () -> two.holders(ID).isEmpty(), one, two);
        IMap<Object, Object> segments = cluster.node(one).hazelcast().getMap(Maps.SEGMENTS);
        await("one entry", () -> segments.size() == 1);
    }

    // That place alone: the joiner waits for seconds at each where nobody answers.
    private void tell(Directory node, int port) {
        cluster.node(node)
                .hazelcast()
                .getConfig()
                .getNetworkConfig()
                .getJoin()
                .getTcpIpConfig()
                .setMembers(List.of("127.0.0.1:" + port));
    }

    @Test
    void aMissedDeltaIsReadFromTheMap() {
        Directory one = cluster.join();
        Directory two = cluster.join();
        one.announce(OTHER, false);
        awaitHolder(two, OTHER, one);
        // The bus brings nothing more to the second.
        cluster.node(two).deafen();
        one.announce(ID, false);
        awaitHolder(two, ID, one);
        assertThat(cluster.node(two).counters().get(Count.RESYNCS)).isGreaterThan(1);
    }

    @Test
    void entriesThatAreLostAreWrittenAgain() {
        Directory one = cluster.join();
        Directory two = cluster.join();
        one.announce(ID, false);
        awaitHolder(two, ID, one);
        cluster.node(two).hazelcast().getMap(Maps.SEGMENTS).clear();
        Directory three = cluster.join();
        awaitHolder(three, ID, one);
        assertThat(cluster.node(one).counters().get(Count.REPAIRED)).isPositive();
    }

    @Test
    void whoSaysNothingIsTakenForGoneUntilItSpeaksAgain() {
        Directory one = cluster.join();
        Directory two = cluster.join();
        two.announce(ID, false);
        awaitHolder(one, ID, two);
        cluster.node(two).freeze(true);
        awaitPolling("its end", () -> left.contains(two.self()), one);
        assertThat(one.holders(ID)).isEmpty();
        assertThat(cluster.node(one).hazelcast().getCluster().getMembers()).hasSize(2);
        cluster.node(two).freeze(false);
        awaitHolder(one, ID, two);
    }

    @Test
    void whoHasANumberThatIsAnothersEnds() {
        AtomicInteger fenced = new AtomicInteger();
        ClusterNode node = cluster.start();
        Directory one = cluster.serve(node, TestCluster.MODEL, fenced::incrementAndGet);
        Directory two = cluster.join();
        awaitPolling("each other", () -> one.nodes().size() == 1, one, two);
        // As after a merge of two halves that drew the same number.
        IMap<Object, Object> numbers = node.hazelcast().getMap(Maps.NUMBERS);
        Seals seals = Seals.of(cluster.secret);
        IMap<Object, Object> elsewhere = node.hazelcast().getMap("elsewhere");
        Incarnation drawn = new Numbers(elsewhere, seals.number()).claim(new Random(1) {
            private static final long serialVersionUID = 1L;

            @Override
            public int nextInt(int bound) {
                return node.number() - 1;
            }
        });
        assertThat(drawn.node()).isEqualTo(node.number());
        numbers.set(node.number(), elsewhere.get(node.number()));
        await("its end", () -> fenced.get() == 1);
        awaitPolling("its silence", () -> left.contains(node.number()) && left.contains(two.self()), one, two);
        assertThat(one.nodes()).isEmpty();
        assertThat(two.nodes()).isEmpty();
    }

    @Test
    void strangersWithoutTheSecretAreHeardByNobody() {
        Directory one = cluster.join();
        Directory two = cluster.join();
        one.announce(ID, false);
        awaitHolder(two, ID, one);
        ClusterCounters counters = cluster.node(two).counters();
        // One that is a member nonetheless: it knows the cluster's name and speaks the same language, with another
        // secret.
        ClusterNode rogue = cluster.node(one);
        Seals strangers = new TestCluster().seals();
        Seals seals = Seals.of(cluster.secret);
        int node = one.self();

        IMap<Object, Object> nodes = rogue.hazelcast().getMap(Maps.NODES);
        byte[] status = (byte[]) nodes.get(node);
        byte[] forged = status.clone();
        forged[forged.length - 1] ^= 1;
        nodes.set(77, forged);
        nodes.set(78, new byte[100_000]);
        nodes.set(79, new byte[3]);
        nodes.set(80, "a text");
        nodes.set(81, java.net.URI.create("http://not.ours")); // of a class that isn't let in
        nodes.set(82, status); // said before, from elsewhere
        await("what was forged", () -> counters.get(Count.DROPPED_SEAL) > 0);
        await("what was too long, too short or no bytes", () -> counters.get(Count.DROPPED_LENGTH) >= 3);
        await("what can't be read", () -> counters.get(Count.DROPPED_VALUE) > 0);

        Delta delta = new Delta(new Incarnation(node, new java.util.UUID(0, 0)), 1, List.of(Change.held(OTHER, false)));
        publish(rogue, delta.encode(strangers.delta()));
        await("a stranger's delta", () -> counters.get(Count.DROPPED_SEAL) > 1);
        publish(rogue, delta.encode(seals.delta()));
        await("a delta of another life", () -> counters.get(Count.DROPPED_NUMBER) > 0);
        long lengths = counters.get(Count.DROPPED_LENGTH);
        publish(rogue, new byte[Delta.LONGEST + 1]);
        publish(rogue, new byte[0]);
        rogue.vertx().eventBus().publish(ClusterNode.BUS_ADDRESS, "a text");
        await("what is no delta", () -> counters.get(Count.DROPPED_LENGTH) >= lengths + 3);

        // And what a stranger writes into the map is read by nobody, though it's read.
        byte[] key = SegmentEntry.key(node, OTHER);
        rogue.hazelcast().getMap(Maps.SEGMENTS).set(key, SegmentEntry.value(key, false, 1, strangers.segment()));
        Directory late = cluster.join();
        awaitHolder(late, ID, one);
        awaitPolling("the repair", () -> cluster.node(one).counters().get(Count.DROPPED_SEAL) > 0, one, two, late);
        one.announce(new SegmentId(9, 9, 9, 9), false);
        awaitHolder(two, new SegmentId(9, 9, 9, 9), one);
        assertThat(two.holders(OTHER)).isEmpty();
        assertThat(late.holders(OTHER)).isEmpty();
        assertThat(two.nodes()).extracting(n -> n.node()).containsExactlyInAnyOrder(one.self(), late.self());
        assertThat(counters.dropped()).isGreaterThanOrEqualTo(8);
    }

    @Test
    void theBusIsForThoseWithACertificateOfTheAuthority(@TempDir Path folder) throws Exception {
        ClusterSettings.Tls ours = TestCertificates.create(folder, "ours");
        ClusterSettings.Tls others = TestCertificates.create(folder, "others");
        ClusterNode first = cluster.start(cluster.settings(ours), TestCluster.QUICK);
        Directory one = cluster.serve(first);
        Directory two = cluster.serve(cluster.start(cluster.settings(ours), TestCluster.QUICK));
        awaitPolling("each other", () -> one.nodes().size() == 1 && two.nodes().size() == 1, one, two);
        ClusterCounters counters = cluster.node(two).counters();
        for (int i = 0; counters.get(Count.CHANGES_TAKEN) == 0; i++) { // else by the map
            SegmentId id = new SegmentId(i, 1, 1, 1);
            one.announce(id, false);
            awaitHolder(two, id, one);
        }
        ClusterNode rogue = cluster.start(cluster.settings(others), TestCluster.QUICK);
        publish(rogue, new byte[0]);
        publish(rogue, new byte[0]);
        assertThatThrownBy(() -> rogue.vertx()
                        .eventBus()
                        .request(ClusterNode.BUS_ADDRESS, Buffer.buffer(), new DeliveryOptions().setSendTimeout(1000))
                        .await())
                .isInstanceOf(ReplyException.class);
        assertThat(counters.get(Count.DROPPED_LENGTH) + first.counters().get(Count.DROPPED_LENGTH))
                .isZero();
    }

    private static void publish(ClusterNode from, byte[] bytes) {
        from.vertx().eventBus().publish(ClusterNode.BUS_ADDRESS, Buffer.buffer(bytes));
    }

    @Test
    void aMemberWithAnotherSecretIsNoMember() {
        Directory one = cluster.join();
        TestCluster strangers = new TestCluster();
        try (strangers) {
            ClusterNode stranger = strangers.start(TestCluster.settings(cluster.port, Role.MIXED), TestCluster.QUICK);
            Directory other = strangers.serve(stranger);
            assertThat(stranger.hazelcast().getCluster().getMembers()).hasSize(1);
            assertThat(cluster.node(one).hazelcast().getCluster().getMembers()).hasSize(1);
            assertThat(other.nodes()).isEmpty();
        }
    }

    @Test
    void aNodeServesOnceAndNotAfterItHasLeft() {
        ClusterNode node = cluster.start();
        cluster.serve(node);
        assertThatThrownBy(() -> cluster.serve(node)).hasMessage("the node serves already");
        node.leave();
        node.leave();
        assertThatThrownBy(() -> cluster.serve(node)).hasMessage("the node has left");
    }

    @Test
    void whatWasDroppedIsAmongTheNumbers() {
        ClusterNode node = cluster.start();
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        ClusterMetrics.bind(registry, node);
        cluster.serve(node);
        publish(node, new byte[0]);
        await(
                "the count",
                () -> registry.get("kvasir.cluster.dropped")
                                .tag("reason", "length")
                                .functionCounter()
                                .count()
                        == 1);
        assertThat(registry.get("kvasir.cluster.peers").gauge().value()).isZero();
        assertThat(registry.get("kvasir.cluster.deltas.sent").functionCounter().count())
                .isZero();
    }
}
