package dev.kvasir.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.Wire.Channel;
import dev.kvasir.testing.RandomizedTest;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What somebody can do who reaches the port, or stands between. */
class NetWireAttackTest {
    private static final byte[] OTHER_SECRET = "another secret of 32 bytes......".getBytes(StandardCharsets.UTF_8);

    private static Vertx vertx;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        TestNode.get(vertx.close());
    }

    private static TestNode node(int number, byte[] secret, String identity) {
        return new TestNode(vertx, number, secret, identity, TestNode.limits(), null);
    }

    private static TestNode node(int number) {
        return node(number, TestNode.SECRET, TestNode.IDENTITY);
    }

    private static void acquaint(TestNode one, TestNode two) {
        one.wire.addNode(two.wire.self(), "127.0.0.1", two.port);
        two.wire.addNode(one.wire.self(), "127.0.0.1", one.port);
    }

    private static void assertNoLink(TestNode... nodes) {
        for (TestNode node : nodes) {
            assertThat(node.wire.stats().links()).isZero();
            assertThat(node.received).isEmpty();
        }
    }

    @Test
    void whoHasAnotherSecretIsNotLetIn() throws Exception {
        try (TestNode one = node(1);
                TestNode rogue = node(2, OTHER_SECRET, TestNode.IDENTITY)) {
            acquaint(one, rogue);
            TestNode.await("refusals", () -> rogue.wire.stats().refused(Refused.WRONG_SECRET) >= 2);
            assertNoLink(one, rogue);
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), one.port)) {
                socket.getInputStream().readNBytes(Handshake.PREAMBLE_BYTES);
                Handshake.Initiator hello =
                        new Handshake.Initiator(new Credentials(OTHER_SECRET, TestNode.IDENTITY), 2, 1, new byte[32]);
                socket.getOutputStream().write(hello.hello());
                byte[] challenge = socket.getInputStream().readNBytes(hello.expected());
                byte[] proof = new byte[72]; // goes on in spite of the responder's tag
                System.arraycopy(challenge, 0, proof, 0, 6);
                proof[7] = 3;
                socket.getOutputStream().write(proof);
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
            TestNode.await("a refusal", () -> one.wire.stats().refused(Refused.WRONG_SECRET) == 1);
            assertNoLink(one);
        }
    }

    @Test
    void whoServesSomethingElseIsNotLetIn() {
        try (TestNode one = node(1);
                TestNode two = node(2, TestNode.SECRET, "cluster/another model")) {
            acquaint(one, two);
            TestNode.await("a refusal", () -> two.wire.stats().refused(Refused.WRONG_IDENTITY) >= 2);
            assertNoLink(one, two);
        }
    }

    @Test
    void whoAsksForAnotherNodeIsNotLetIn() {
        try (TestNode one = node(1);
                TestNode three = node(3)) {
            one.wire.addNode(3, "127.0.0.1", three.port);
            three.wire.addNode(2, "127.0.0.1", one.port); // there it finds node 1
            TestNode.await("a refusal", () -> one.wire.stats().refused(Refused.WRONG_NUMBER) >= 2);
            assertNoLink(one, three);
        }
    }

    @Test
    void aRecordedConnectionIsWorthNothingToEitherSide() throws Exception {
        byte[] asClient;
        byte[] asServer;
        try (TestNode one = node(1);
                TestNode two = node(2);
                Relay relay = new Relay(one.port)) {
            one.wire.addNode(2, "127.0.0.1", two.port);
            two.wire.addNode(1, "127.0.0.1", relay.port());
            TestNode.await("a link", () -> one.wire.stats().up() == 1);
            two.send(1, Channel.LOAN, "recorded");
            one.send(2, Channel.LOAN, "recorded");
            TestNode.await("frames", () -> one.received.size() + two.received.size() == 2);
            asClient = relay.fromClient();
            asServer = relay.fromServer();
            assertThat(asClient).hasSizeGreaterThan(120);
            try (Socket replay = new Socket(InetAddress.getLoopbackAddress(), one.port)) {
                replay.getOutputStream().write(asClient);
                TestNode.await("a refusal", () -> one.wire.stats().refused(Refused.WRONG_SECRET) == 1);
            }
            assertThat(one.texts()).containsExactly("recorded");
            assertThat(one.wire.stats().up()).as("the true link stays").isEqualTo(1);
        }
        try (TestNode two = node(2);
                ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            two.wire.addNode(1, "127.0.0.1", server.getLocalPort());
            try (Socket socket = server.accept()) {
                socket.getOutputStream().write(asServer, 0, Handshake.PREAMBLE_BYTES);
                socket.getInputStream().readNBytes(48);
                socket.getOutputStream()
                        .write(asServer, Handshake.PREAMBLE_BYTES, asServer.length - Handshake.PREAMBLE_BYTES);
                TestNode.await("a refusal", () -> two.wire.stats().refused(Refused.WRONG_SECRET) >= 1);
            }
            assertNoLink(two);
        }
    }

    @Test
    void aServerThatSaysWhatItHearsIsNoNode() throws Exception {
        try (TestNode two = node(2);
                ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            two.wire.addNode(1, "127.0.0.1", server.getLocalPort());
            try (Socket socket = server.accept()) {
                socket.getOutputStream().write(Handshake.preamble(false));
                byte[] hello = socket.getInputStream().readNBytes(48);
                socket.getOutputStream().write(Arrays.copyOf(hello, 112));
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
            TestNode.await("a refusal", () -> two.wire.stats().refused(Refused.MALFORMED) == 1);
            assertNoLink(two);
        }
    }

    @Test
    void garbledBytesAreDroppedAndEndTheLink() {
        try (TestNode one = node(1);
                TestNode two = node(2);
                Relay relay = new Relay(one.port)) {
            one.wire.addNode(2, "127.0.0.1", two.port);
            two.wire.addNode(1, "127.0.0.1", relay.port());
            TestNode.await(
                    "a link",
                    () -> one.wire.stats().up() == 1 && two.wire.stats().up() == 1);
            relay.alter(bytes -> {
                if (bytes.length > 10_000) {
                    bytes[5_000] ^= 1;
                }
                return bytes;
            });
            two.send(1, Channel.TRANSFER, new byte[1 << 16]);
            TestNode.await("a drop", () -> one.wire.stats().dropped(Drop.BAD_TAG) >= 1);
            TestNode.await("the loss", () -> one.lost.contains(2) && two.lost.contains(1));
            assertThat(one.received).isEmpty();
            relay.alter(bytes -> bytes);
            TestNode.await("a frame", () -> {
                two.send(1, Channel.LOAN, "whole");
                return one.texts().contains("whole");
            });
        }
    }

    @Test
    void doubledRecordsAreDroppedAndEndTheLink() {
        try (TestNode one = node(1);
                TestNode two = node(2);
                Relay relay = new Relay(one.port)) {
            one.wire.addNode(2, "127.0.0.1", two.port);
            two.wire.addNode(1, "127.0.0.1", relay.port());
            TestNode.await(
                    "a link",
                    () -> one.wire.stats().up() == 1 && two.wire.stats().up() == 1);
            relay.alter(bytes -> {
                byte[] twice = Arrays.copyOf(bytes, 2 * bytes.length);
                System.arraycopy(bytes, 0, twice, bytes.length, bytes.length);
                return twice;
            });
            two.send(1, Channel.LOAN, "once");
            TestNode.await("a drop", () -> one.wire.stats().dropped(Drop.REPLAYED) >= 1);
            TestNode.await("the loss", () -> one.lost.contains(2));
            assertThat(one.texts().stream().filter("once"::equals).count()).isLessThanOrEqualTo(1);
        }
    }

    @Test
    void aFloodOfHalfOpenConnectionsIsBoundedAndPasses() throws Exception {
        List<Socket> flood = new ArrayList<>();
        try (TestNode one = new TestNode(vertx, 1, NetWireFailureTest.quick());
                TestNode two = new TestNode(vertx, 2, NetWireFailureTest.quick())) {
            for (int i = 0; i < 60; i++) {
                flood.add(new Socket(InetAddress.getLoopbackAddress(), one.port));
            }
            TestNode.await("refusals", () -> one.wire.stats().refused(Refused.TOO_MANY) >= 60 - 8);
            acquaint(one, two);
            TestNode.await("the deadline", () -> one.wire.stats().refused(Refused.LATE) >= 8);
            TestNode.await("a link", () -> one.wire.stats().up() == 1);
        } finally {
            for (Socket socket : flood) {
                socket.close();
            }
        }
    }

    @RandomizedTest(3)
    void noiseBringsNothingDown(SplittableRandom random) throws Exception {
        noise(random, 100);
    }

    @RandomizedTest(5)
    @Tag("nightly")
    void muchNoiseBringsNothingDown(SplittableRandom random) throws Exception {
        noise(random, 2_000);
    }

    /** Connects again and again with nonsense, some of it from one who knows the secret, beside a link that goes on. */
    private static void noise(SplittableRandom random, int tries) throws Exception {
        try (TestNode one = node(1);
                TestNode two = node(2)) {
            TestNode.join(one, two);
            one.wire.addNode(3, "127.0.0.1", 1);
            for (int i = 0; i < tries; i++) {
                try (RawPeer peer = new RawPeer(one.port, 3, 1, TestNode.SECRET, TestNode.random(random, 32))) {
                    if (random.nextBoolean()) {
                        peer.socket.getOutputStream().write(TestNode.random(random, random.nextInt(1, 400)));
                    } else {
                        peer.authenticate();
                        talkNonsense(peer, random);
                    }
                } catch (IOException e) {
                    assertThat(one.wire.stats().up()).as(e.getMessage()).isPositive(); // it was hung up on
                }
            }
            assertThat(one.wire.stats().reconnects()).as("links of node 3").isPositive();
            one.received.clear();
            assertThat(two.send(1, Channel.QUERY, "still here")).isTrue();
            TestNode.await("a frame", () -> one.received.stream()
                    .anyMatch(r -> r.from() == 2 && r.text().equals("still here")));
            assertThat(two.lost).isEmpty();
        }
    }

    private static void talkNonsense(RawPeer peer, SplittableRandom random) throws IOException {
        for (int i = random.nextInt(10); i > 0; i--) {
            byte[] text = TestNode.random(random, random.nextInt(40));
            switch (random.nextInt(3)) {
                case 0 -> peer.send(RecordHeader.CONTROL, text.length, text);
                case 1 -> peer.send(random.nextInt(6), text.length + random.nextInt(3), text);
                default -> peer.socket.getOutputStream().write(text);
            }
        }
    }
}
