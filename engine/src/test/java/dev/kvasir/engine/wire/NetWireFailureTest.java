package dev.kvasir.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.Wire.Channel;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Links that break, freeze and come back. */
class NetWireFailureTest {
    private static Vertx vertx;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        TestNode.get(vertx.close());
    }

    /** Deadlines that a test can wait for. */
    static WireLimits quick() {
        return new WireLimits(
                TestNode.MAX_FRAME_BYTES, 1 << 14, 1 << 18, 1 << 22, 1000, 1 << 16, 8, 1_500, 100, 20, 30, 5, 100, 500);
    }

    /** Joins two nodes, the second of which connects through a relay. */
    private static Relay join(TestNode one, TestNode two) {
        Relay relay = new Relay(one.port);
        one.wire.addNode(2, "127.0.0.1", two.port);
        two.wire.addNode(1, "127.0.0.1", relay.port());
        awaitUp(one, two);
        return relay;
    }

    private static void awaitUp(TestNode... nodes) {
        TestNode.await("a link", () -> List.of(nodes).stream()
                .allMatch(node -> node.wire.stats().up() == 1));
    }

    @Test
    void aLinkThatBreaksIsToldAndComesBack() {
        try (TestNode one = new TestNode(vertx, 1);
                TestNode two = new TestNode(vertx, 2);
                Relay relay = join(one, two)) {
            one.send(2, Channel.QUERY, "before");
            TestNode.await("a frame", () -> two.received.size() == 1);
            relay.cut();
            TestNode.await("the loss", () -> one.lost.contains(2) && two.lost.contains(1));
            awaitUp(one, two);
            one.send(2, Channel.QUERY, "after");
            two.send(1, Channel.QUERY, "after");
            TestNode.await("frames", () -> two.received.size() == 2 && one.received.size() == 1);
            assertThat(two.texts()).containsExactly("before", "after");
            assertThat(one.wire.stats().reconnects()).isPositive();
            assertThat(one.wire.stats().lost()).isPositive();
            assertThat(two.wire.isKnown(1)).isTrue();
        }
    }

    @Test
    void aNodeThatFallsSilentIsLostAndNotKnownUntilItIsBack() {
        try (TestNode one = new TestNode(vertx, 1, quick());
                TestNode two = new TestNode(vertx, 2, quick());
                Relay relay = join(one, two)) {
            relay.freeze();
            while (one.send(2, Channel.TRANSFER, new byte[1 << 16])) {
                Thread.onSpinWait();
            }
            TestNode.await("the loss", () -> one.lost.contains(2) && two.lost.contains(1));
            TestNode.await("bytes to come back", () -> one.sent.get() == one.accepted.get());
            TestNode.await("nobody to be known", () -> !one.wire.isKnown(2) && !two.wire.isKnown(1));
            assertThat(one.send(2, Channel.QUERY, "into the void")).isFalse();
            assertThat(one.wire.stats().silent() + two.wire.stats().silent()).isPositive();
            assertThat(one.wire.stats().givenUp()).isPositive();
            relay.thaw();
            awaitUp(one, two);
            TestNode.await("both to be known", () -> one.wire.isKnown(2) && two.wire.isKnown(1));
            one.received.clear();
            TestNode.await("a frame", () -> {
                two.send(1, Channel.QUERY, "back"); // until one gets through: what was frozen may break once more
                return !one.received.isEmpty();
            });
        }
    }

    @Test
    void aNodeThatConnectsAnewTakesThePlaceOfItsOldLink() {
        try (TestNode one = new TestNode(vertx, 1);
                TestNode two = new TestNode(vertx, 2);
                Relay relay = join(one, two)) {
            relay.freeze();
            relay.cutFromClients();
            TestNode.await("the loss", () -> two.lost.contains(1));
            two.wire.addNode(1, "127.0.0.1", one.port); // from now on past the relay
            TestNode.await("the loss", () -> one.lost.contains(2));
            awaitUp(one, two);
            one.send(2, Channel.LOAN, "over the new one");
            TestNode.await("a frame", () -> two.texts().contains("over the new one"));
            assertThat(one.wire.stats().links()).isEqualTo(2);
        }
    }

    @Test
    void framesWaitForALinkAndNotForever() {
        try (TestNode one = new TestNode(vertx, 1, quick())) {
            one.wire.addNode(2, "127.0.0.1", 1);
            assertThat(one.send(2, Channel.TRANSFER, "waits")).isTrue();
            TestNode.await("bytes to come back", () -> one.sent.get() == 1);
            TestNode.await("the loss", () -> one.lost.contains(2));
            assertThat(one.wire.isKnown(2)).isFalse();
            assertThat(one.send(2, Channel.TRANSFER, "doesn't wait")).isFalse();
        }
    }

    @Test
    void aNodeThatIsTakenOutIsLostAndNotLetInAgain() {
        try (TestNode one = new TestNode(vertx, 1);
                TestNode two = new TestNode(vertx, 2)) {
            TestNode.join(one, two);
            one.wire.removeNode(2);
            assertThat(one.wire.isKnown(2)).isFalse();
            assertThat(one.send(2, Channel.QUERY, "gone")).isFalse();
            TestNode.await("the loss", () -> one.lost.contains(2) && two.lost.contains(1));
            TestNode.await("a refusal", () -> one.wire.stats().refused(Refused.UNKNOWN_NODE) > 1);
            TestNode.await("it to notice", () -> two.wire.stats().refused(Refused.BROKEN_OFF) > 1);
            one.wire.removeNode(2);
            one.wire.addNode(2, "127.0.0.1", two.port);
            awaitUp(one, two);
        }
    }

    @Test
    void aNodeThatNeverReadsIsGivenUpAlthoughItTalks() throws Exception {
        SplittableRandom random = new SplittableRandom(5);
        try (TestNode one = new TestNode(vertx, 1, quick())) {
            one.wire.addNode(2, "127.0.0.1", 1);
            try (RawPeer peer = new RawPeer(one.port, 2, 1, TestNode.SECRET, TestNode.random(random, 32))) {
                peer.authenticate();
                awaitUp(one);
                while (one.send(2, Channel.TRANSFER, new byte[1 << 16])
                        || one.wire.stats().channel(Channel.TRANSFER).creditStalls() == 0) {
                    peer.send(new ControlMessage.Ping(0));
                }
                TestNode.await("the loss", () -> {
                    try {
                        peer.send(new ControlMessage.Ping(1)); // it's there, and asks for answers that it doesn't read
                    } catch (IOException e) {
                        assertThat(one.lost).as(e.getMessage()).contains(2);
                    }
                    return one.lost.contains(2);
                });
                assertThat(one.wire.stats().silent()).isEqualTo(1);
                TestNode.await("bytes to come back", () -> one.sent.get() == one.accepted.get());
            }
        }
    }

    @Test
    void closingGivesBackWhatWaits() {
        TestNode two = new TestNode(vertx, 2);
        try (TestNode one = new TestNode(vertx, 1);
                Relay relay = join(one, two)) {
            relay.freeze();
            IntStream.range(0, 20).forEach(i -> one.send(2, Channel.TRANSFER, new byte[1 << 16]));
            one.wire.close();
            assertThat(one.sent.get()).isEqualTo(one.accepted.get()).isEqualTo(20);
            assertThat(one.send(2, Channel.TRANSFER, "closed")).isFalse();
            assertThat(one.wire.stats().up()).isZero();
        }
        two.close();
    }
}
