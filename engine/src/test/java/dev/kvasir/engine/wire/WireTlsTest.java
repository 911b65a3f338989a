package dev.kvasir.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.Wire.Channel;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS with certificates on both sides. */
class WireTlsTest {
    @TempDir
    static Path dir;

    private static Vertx vertx;
    private static WireTls signed;
    private static WireTls alsoSigned;
    private static WireTls stranger;

    @BeforeAll
    static void start() throws Exception {
        vertx = Vertx.vertx();
        TestAuthority authority = new TestAuthority(dir.resolve("ours"));
        signed = authority.sign("one");
        alsoSigned = authority.sign("two");
        stranger = new TestAuthority(dir.resolve("theirs")).sign("stranger");
    }

    @AfterAll
    static void stop() {
        TestNode.get(vertx.close());
    }

    private static TestNode node(int number, @Nullable WireTls tls) {
        return new TestNode(vertx, number, TestNode.SECRET, TestNode.IDENTITY, TestNode.limits(), tls);
    }

    private static void acquaint(TestNode one, TestNode two, int portOfOne) {
        one.wire.addNode(2, "127.0.0.1", two.port);
        two.wire.addNode(1, "127.0.0.1", portOfOne);
    }

    @Test
    void framesGoThroughTlsUnreadable() {
        byte[] large = TestNode.random(new SplittableRandom(1), 1 << 20);
        try (TestNode one = node(1, signed);
                TestNode two = node(2, alsoSigned);
                Relay relay = new Relay(one.port)) {
            acquaint(one, two, relay.port());
            TestNode.await(
                    "a link",
                    () -> one.wire.stats().up() == 1 && two.wire.stats().up() == 1);
            one.send(2, Channel.TRANSFER, large);
            two.send(1, Channel.TRANSFER, large);
            two.send(1, Channel.LOAN, "small");
            TestNode.await("frames", () -> one.received.size() == 2 && two.received.size() == 1);
            assertThat(two.received.peek().bytes()).isEqualTo(large);
            String heard = new String(relay.fromClient(), StandardCharsets.ISO_8859_1);
            assertThat(heard).doesNotContain("KVSR"); // even the handshake is inside
            relay.cut();
            TestNode.await("the loss", () -> one.lost.contains(2) && two.lost.contains(1));
            TestNode.await(
                    "a link",
                    () -> one.wire.stats().up() == 1 && two.wire.stats().up() == 1);
        }
    }

    private static void assertNeverUp(@Nullable WireTls responder, @Nullable WireTls initiator, Refused reason) {
        try (TestNode one = node(1, responder);
                TestNode two = node(2, initiator)) {
            acquaint(one, two, one.port);
            BooleanSupplier refused =
                    () -> one.wire.stats().refused(reason) + two.wire.stats().refused(reason) >= 2;
            TestNode.await("refusals", refused);
            assertThat(one.wire.stats().links()).isZero();
            assertThat(two.wire.stats().links()).isZero();
            assertThat(one.received).isEmpty();
        }
    }

    @Test
    void aCertificateOfAnotherAuthorityIsRefusedByEitherSide() {
        WireTls gullible = new WireTls(signed.key(), signed.certificate(), stranger.authority());
        assertNeverUp(signed, stranger, Refused.TLS); // neither trusts the other
        assertNeverUp(signed, new WireTls(stranger.key(), stranger.certificate(), signed.authority()), Refused.TLS);
        assertNeverUp(new WireTls(stranger.key(), stranger.certificate(), signed.authority()), signed, Refused.TLS);
        assertNeverUp(signed, gullible, Refused.TLS);
    }

    @Test
    void nobodyIsTalkedOutOfTls() {
        assertNeverUp(null, signed, Refused.TLS);
        assertNeverUp(signed, null, Refused.TLS);
    }

    @Test
    void connectionsStuckInTlsAreHalfOpenToo() throws Exception {
        WireLimits limits = NetWireFailureTest.quick();
        try (TestNode one = new TestNode(vertx, 1, TestNode.SECRET, TestNode.IDENTITY, limits, signed);
                TestNode two = node(2, alsoSigned)) {
            for (int i = 0; i < 2; i++) {
                try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), one.port)) {
                    assertThat(silent.getInputStream().readNBytes(100).length)
                            .as("it is closed after the preamble, or before")
                            .isLessThanOrEqualTo(Handshake.PREAMBLE_BYTES);
                }
            }
            WireStats stats = one.wire.stats();
            assertThat(stats.refused(Refused.LATE) + stats.refused(Refused.TLS)).isEqualTo(2);
            acquaint(one, two, one.port);
            TestNode.await("a link", () -> one.wire.stats().up() == 1);
        }
    }
}
