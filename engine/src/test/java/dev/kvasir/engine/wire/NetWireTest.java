package dev.kvasir.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.pool.Wire.Channel;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the contract says, over real sockets. */
class NetWireTest {
    private static Vertx vertx;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        TestNode.get(vertx.close());
    }

    @Test
    void framesArriveBothWaysOnEachChannelInTheirOrder() {
        try (TestNode one = new TestNode(vertx, 1);
                TestNode two = new TestNode(vertx, 2)) {
            TestNode.join(one, two);
            for (int i = 0; i < 300; i++) {
                for (Channel channel : Channel.values()) {
                    assertThat(one.send(2, channel, channel + " " + i)).isTrue();
                    assertThat(two.send(1, channel, channel + " " + i)).isTrue();
                }
            }
            int all = 300 * Channel.values().length;
            TestNode.await("frames", () -> one.received.size() == all && two.received.size() == all);
            for (Channel channel : Channel.values()) {
                List<String> expected =
                        IntStream.range(0, 300).mapToObj(i -> channel + " " + i).toList();
                for (TestNode node : List.of(one, two)) {
                    assertThat(node.received.stream()
                                    .filter(r -> r.channel() == channel && r.from() == 3 - node.wire.self())
                                    .map(TestNode.Received::text))
                            .isEqualTo(expected);
                }
                assertThat(one.wire.stats().channel(channel).framesOut()).isEqualTo(300);
                assertThat(two.wire.stats().channel(channel).framesIn()).isEqualTo(300);
                assertThat(two.wire.stats().channel(channel).bytesIn())
                        .isEqualTo(one.wire.stats().channel(channel).bytesOut());
            }
            TestNode.await("all given back", () -> one.sent.get() == all && two.sent.get() == all);
        }
    }

    @Test
    void framesOfAllSizesAndPartsArriveUnaltered() {
        SplittableRandom random = new SplittableRandom(7);
        int record = TestNode.limits().recordBytes();
        int[] sizes = {0, 1, 35, record - 1, record, record + 1, 3 * record, 10 * record + 17, TestNode.MAX_FRAME_BYTES
        };
        try (TestNode one = new TestNode(vertx, 1);
                TestNode two = new TestNode(vertx, 2)) {
            TestNode.join(one, two);
            List<byte[]> expected = new ArrayList<>();
            for (int size : sizes) {
                byte[] whole = TestNode.random(random, size);
                int cut = random.nextInt(size + 1);
                int second = cut + random.nextInt(size - cut + 1);
                assertThat(one.send(
                                2,
                                Channel.TRANSFER,
                                Arrays.copyOf(whole, cut),
                                Arrays.copyOfRange(whole, cut, second),
                                new byte[0],
                                Arrays.copyOfRange(whole, second, size)))
                        .isTrue();
                expected.add(whole);
            }
            TestNode.await("frames", () -> two.received.size() == sizes.length);
            assertThat(two.received.stream().map(TestNode.Received::bytes)).containsExactlyElementsOf(expected);
        }
    }

    @Test
    void aFrameIsLittleEndianAndSendingLeavesTheCallersBuffersAlone() throws Exception {
        CountDownLatch came = new CountDownLatch(1);
        AtomicInteger value = new AtomicInteger();
        try (NetWire one = wire(1);
                NetWire two = wire(2)) {
            two.listen(Channel.LOAN, (from, frame) -> {
                value.set(frame.getInt());
                came.countDown();
            });
            int portOfOne = TestNode.get(one.start("127.0.0.1", 0));
            two.addNode(1, "127.0.0.1", portOfOne);
            one.addNode(2, "127.0.0.1", 1); // the higher number connects
            ByteBuffer part = ByteBuffer.allocateDirect(12).order(ByteOrder.LITTLE_ENDIAN);
            part.putInt(4, 0x01020304).position(4).limit(8);
            CountDownLatch sent = new CountDownLatch(1);
            assertThat(one.send(2, Channel.LOAN, List.of(part), sent::countDown))
                    .as("frames wait for the link")
                    .isTrue();
            came.await();
            sent.await();
            assertThat(value).hasValue(0x01020304);
            assertThat(part.position()).isEqualTo(4);
            assertThat(part.limit()).isEqualTo(8);
        }
    }

    private static NetWire wire(int number) {
        return new NetWire(
                vertx,
                number,
                TestNode.SECRET,
                TestNode.IDENTITY,
                TestNode.limits(),
                null,
                new SplittableRandom(number));
    }

    @Test
    void whatIsTooLongOrForNobodyIsNotTaken() {
        try (TestNode one = new TestNode(vertx, 1);
                TestNode two = new TestNode(vertx, 2)) {
            assertThat(one.wire.isKnown(2)).isFalse();
            assertThat(one.send(2, Channel.QUERY, "to nobody")).isFalse();
            TestNode.join(one, two);
            assertThat(one.wire.isKnown(2)).isTrue();
            assertThat(one.wire.isKnown(1)).isFalse();
            assertThatThrownBy(() -> one.send(2, Channel.TRANSFER, new byte[TestNode.MAX_FRAME_BYTES], new byte[1]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("2097153");
            assertThatThrownBy(() -> one.wire.addNode(1, "127.0.0.1", 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> one.wire.listen(Channel.LOAN, (from, frame) -> {}))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aReceiverThatTakesItsTimeHoldsTheSenderUpAndLosesNothing() {
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger came = new AtomicInteger();
        try (TestNode one = new TestNode(vertx, 1);
                NetWire two = wire(2)) {
            two.listen(Channel.TRANSFER, (from, frame) -> {
                awaitUninterruptibly(go);
                came.incrementAndGet();
            });
            one.wire.addNode(2, "127.0.0.1", 1);
            two.addNode(1, "127.0.0.1", one.port);
            byte[] frame = new byte[1 << 16];
            int taken = 0;
            TestNode.await("a link", () -> one.wire.stats().up() == 1);
            long limit = TestNode.limits().queueBytes() + TestNode.limits().windowBytes();
            while (one.send(2, Channel.TRANSFER, frame)
                    || one.wire.stats().channel(Channel.TRANSFER).creditStalls() == 0) {
                taken = one.accepted.get();
                assertThat((long) taken * frame.length).isLessThanOrEqualTo(limit + frame.length);
            }
            int all = one.accepted.get();
            assertThat((long) all * frame.length)
                    .isGreaterThan(TestNode.limits().queueBytes() - frame.length);
            assertThat(one.wire.stats().channel(Channel.TRANSFER).full()).isPositive();
            assertThat(one.send(2, Channel.QUERY, "another channel has room")).isTrue();
            go.countDown();
            TestNode.await("all frames", () -> came.get() == all);
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void queriesOvertakeTransfersThatWait() {
        SplittableRandom random = new SplittableRandom(3);
        try (TestNode one = new TestNode(vertx, 1);
                TestNode two = new TestNode(vertx, 2)) {
            one.wire.addNode(2, "127.0.0.1", two.port); // no link yet: everything waits
            for (int i = 0; i < 3; i++) {
                assertThat(one.send(2, Channel.TRANSFER, TestNode.random(random, 1 << 20)))
                        .isTrue();
            }
            assertThat(one.send(2, Channel.QUERY, "query")).isTrue();
            two.wire.addNode(1, "127.0.0.1", one.port);
            TestNode.await("frames", () -> two.received.size() == 4);
            assertThat(two.received.peek().text()).isEqualTo("query");
        }
    }

    @Test
    void whatAReceiverThrowsEndsNothing() throws Exception {
        CountDownLatch came = new CountDownLatch(3);
        try (TestNode one = new TestNode(vertx, 1);
                NetWire two = wire(2)) {
            two.listen(Channel.QUERY, (from, frame) -> {
                came.countDown();
                throw new IllegalStateException("meant to be");
            });
            one.wire.addNode(2, "127.0.0.1", 1);
            two.addNode(1, "127.0.0.1", one.port);
            for (int i = 0; i < 3; i++) {
                one.send(2, Channel.QUERY, "x");
            }
            one.send(2, Channel.LOAN, "nobody listens");
            came.await();
            TestNode.await("a dropped frame", () -> two.stats().dropped(Drop.NO_RECEIVER) == 1);
            assertThat(two.stats().up()).isEqualTo(1);
        }
    }

    @Test
    void fiveNodesTalkToEachOther() {
        List<TestNode> nodes = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            nodes.add(new TestNode(vertx, i));
        }
        for (TestNode node : nodes) {
            for (TestNode other : nodes) {
                if (node != other) {
                    node.wire.addNode(other.wire.self(), "127.0.0.1", other.port);
                }
            }
        }
        for (TestNode node : nodes) {
            for (TestNode other : nodes) {
                if (node != other) {
                    assertThat(node.send(other.wire.self(), Channel.QUERY, "from " + node.wire.self()))
                            .isTrue();
                }
            }
        }
        for (TestNode node : nodes) {
            TestNode.await("frames from all others", () -> node.received.size() == 4);
            assertThat(node.received).allMatch(r -> r.text().equals("from " + r.from()));
        }
        nodes.forEach(TestNode::close);
    }
}
