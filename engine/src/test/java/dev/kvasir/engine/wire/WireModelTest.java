package dev.kvasir.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.Wire.Channel;
import dev.kvasir.testing.RandomizedTest;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** Two wires under random traffic, whose link breaks at random, against what must be true of any wire. */
class WireModelTest {
    private static final int CHANNELS = Channel.values().length;
    private static final int HEAD_BYTES = 2 * Integer.BYTES; // index, seed

    private static Vertx vertx;

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        TestNode.get(vertx.close());
    }

    @RandomizedTest(6)
    void whatArrivesIsWholeAndInOrderAndAllThatWasLentComesBack(SplittableRandom random) {
        traffic(random, 400);
    }

    @RandomizedTest(20)
    @Tag("nightly")
    void whatArrivesIsWholeAndInOrderInLongRuns(SplittableRandom random) {
        traffic(random, 10_000);
    }

    private static void traffic(SplittableRandom random, int steps) {
        WireLimits limits = new WireLimits(
                1 << 18,
                random.nextInt(64, 5_000),
                random.nextInt(1 << 15, 1 << 17),
                random.nextInt(1 << 18, 1 << 20),
                random.nextInt(3, 100),
                0,
                8,
                10_000,
                100,
                50,
                100,
                1,
                20,
                10_000);
        List<Integer> indices = new ArrayList<>(Collections.nCopies(2 * CHANNELS, 0)); // next of node and channel
        try (TestNode one = new TestNode(vertx, 1, limits);
                TestNode two = new TestNode(vertx, 2, limits);
                Relay relay = new Relay(one.port)) {
            one.wire.addNode(2, "127.0.0.1", two.port);
            two.wire.addNode(1, "127.0.0.1", relay.port());
            TestNode[] nodes = {one, two};
            int cuts = 0;
            for (int i = 0; i < steps; i++) {
                if (random.nextInt(100) == 0) {
                    relay.cut();
                    cuts++;
                }
                int from = random.nextInt(2);
                Channel channel = Channel.values()[random.nextInt(CHANNELS)];
                int at = CHANNELS * from + channel.ordinal();
                int length = random.nextInt(10) == 0 ? random.nextInt(1 << 18) : random.nextInt(2_000);
                byte[] frame = frame(indices.get(at), Math.max(length, HEAD_BYTES));
                if (nodes[from].send(2 - from, channel, frame)) {
                    indices.set(at, indices.get(at) + 1);
                }
            }
            for (TestNode node : nodes) {
                TestNode.await("all given back", () -> node.sent.get() == node.accepted.get());
            }
            // one more each, over a link that stays: all before it on its channel has come or never will
            for (int from = 0; from < 2; from++) {
                for (Channel channel : Channel.values()) {
                    int at = CHANNELS * from + channel.ordinal();
                    TestNode sender = nodes[from];
                    TestNode receiver = nodes[1 - from];
                    int to = 2 - from;
                    int last = indices.get(at);
                    TestNode.await("the last frame", () -> {
                        if (hasCome(receiver, channel, last)) {
                            return true;
                        }
                        sender.send(to, channel, frame(last, HEAD_BYTES));
                        return false;
                    });
                }
            }
            check(one, cuts);
            check(two, cuts);
        }
    }

    private static byte[] frame(int index, int length) {
        ByteBuffer frame = ByteBuffer.allocate(length).putInt(index).putInt(length);
        new SplittableRandom(index * 31L + length).ints(frame.remaining()).forEach(value -> frame.put((byte) value));
        return frame.array();
    }

    private static boolean hasCome(TestNode node, Channel channel, int index) {
        return node.received.stream()
                .anyMatch(r ->
                        r.channel() == channel && ByteBuffer.wrap(r.bytes()).getInt() == index);
    }

    private static void check(TestNode node, int cuts) {
        for (Channel channel : Channel.values()) {
            int before = -1;
            int gaps = 0;
            for (TestNode.Received received : node.received) {
                if (received.channel() != channel) {
                    continue;
                }
                int index = ByteBuffer.wrap(received.bytes()).getInt();
                if (index == before && received.bytes().length == HEAD_BYTES) {
                    continue; // the last was said until it was heard
                }
                assertThat(index).isGreaterThan(before);
                assertThat(received.bytes()).isEqualTo(frame(index, received.bytes().length));
                gaps += index > before + 1 ? 1 : 0;
                before = index;
            }
            assertThat(gaps).as("frames are lost only with a link").isLessThanOrEqualTo(cuts + node.lost.size());
        }
        WireStats stats = node.wire.stats();
        assertThat(stats.dropped().values()).as("nobody lied").allMatch(count -> count == 0);
    }
}
