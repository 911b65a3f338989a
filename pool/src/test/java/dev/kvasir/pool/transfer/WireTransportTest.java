package dev.kvasir.pool.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.kvasir.pool.PinnedPrefix;
import dev.kvasir.pool.Refusal;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.SlotAddress;
import dev.kvasir.pool.Tier;
import dev.kvasir.pool.Transfer;
import dev.kvasir.pool.TransferId;
import dev.kvasir.pool.TransferMessage;
import dev.kvasir.pool.TransferMessage.Data;
import dev.kvasir.pool.TransferMessage.Done;
import dev.kvasir.pool.Transport;
import dev.kvasir.pool.Wire;
import dev.kvasir.pool.WireHub;
import dev.kvasir.pool.eviction.LruPolicy;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.local.LocalMemPool;
import dev.kvasir.pool.tiered.Mover;
import dev.kvasir.testing.RandomizedTest;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WireTransportTest {
    private static final int SEGMENT_BYTES = Cluster.LAYOUT.segmentBytes();

    private final Deque<Runnable> frames = new ArrayDeque<>();
    private final WireHub hub = new WireHub(frames::add);
    private final WireTransport one = new WireTransport(hub.join(1), () -> {});
    private final WireTransport two = new WireTransport(hub.join(2), () -> {});
    private final Heard heard = new Heard();

    private static final class Heard implements Transport.Events {
        final List<TransferMessage> messages = new ArrayList<>();
        final List<Data> sent = new ArrayList<>();

        @Override
        public void onMessage(int from, TransferMessage message) {
            messages.add(message);
        }

        @Override
        public void onSent(Data data) {
            sent.add(data);
        }
    }

    private void deliver() {
        while (!frames.isEmpty()) {
            frames.remove().run();
        }
    }

    private static Data data(int number) {
        ByteBuffer bytes = ByteBuffer.allocate(SEGMENT_BYTES).putInt(0, number);
        return new Data(
                new TransferId(1, 7, number),
                number,
                new SlotAddress(2, Tier.DEVICE, number),
                new SegmentId(1, 2, 3, number),
                bytes);
    }

    @Test
    void aSegmentComesAsItWasAndItsSendingIsToldOnce() {
        Data data = data(3);
        assertThat(one.send(2, data)).isTrue();
        assertThat(one.poll(heard)).as("it hasn't left").isFalse();
        deliver();
        assertThat(one.poll(heard)).isTrue();
        assertThat(one.poll(heard)).isFalse();
        assertThat(heard.sent).singleElement().isSameAs(data);
        two.poll(heard);
        assertThat(heard.messages).containsExactly(data);
        Data came = (Data) heard.messages.get(0);
        two.consumed(came);
        assertThatIllegalStateException().isThrownBy(() -> two.consumed(came));
    }

    @Test
    void whatIsSentToNobodyIsNotToldToBeSent() {
        assertThat(one.send(9, data(1))).isFalse();
        deliver();
        assertThat(one.poll(heard)).isFalse();
    }

    @Test
    void whatIsLostOnTheWayIsToldToBeSent() {
        hub.cut(2);
        assertThat(one.send(2, data(1))).isTrue();
        deliver();
        one.poll(heard);
        two.poll(heard);
        assertThat(heard.sent).hasSize(1);
        assertThat(heard.messages).isEmpty();
    }

    /** Segments that wait to be copied take all buffers: what says how a transfer goes still comes through. */
    @Test
    void smallMessagesComeThroughWhenSegmentsDoNot() {
        for (int i = 0; i < 100; i++) {
            one.send(2, data(i));
        }
        one.send(2, new Done(new TransferId(1, 7, 1)));
        deliver();
        two.poll(heard);
        long came = heard.messages.stream().filter(Data.class::isInstance).count();
        assertThat(came).isBetween(1L, 64L);
        assertThat(two.dropped()).isEqualTo(100 - came);
        assertThat(heard.messages).last().isInstanceOf(Done.class);
        heard.messages.stream().filter(Data.class::isInstance).forEach(message -> assertThat(
                        ((Data) message).bytes().getInt(0))
                .isEqualTo(((Data) message).index()));
        heard.messages.forEach(message -> {
            if (message instanceof Data data) {
                two.consumed(data);
            }
        });
        heard.messages.clear();
        one.send(2, data(5));
        deliver();
        two.poll(heard);
        assertThat(heard.messages).as("with a buffer that was used before").containsExactly(data(5));
    }

    @Test
    void aFloodOfSmallMessagesIsBounded() {
        for (int i = 0; i < 5_000; i++) {
            one.send(2, new Done(new TransferId(1, 7, i)));
        }
        deliver();
        two.poll(heard);
        assertThat(heard.messages.size() + two.dropped()).isEqualTo(5_000);
        assertThat(heard.messages).hasSizeLessThan(2_000);
        one.send(2, new Done(new TransferId(1, 7, 1)));
        deliver();
        assertThat(two.poll(heard)).isTrue();
    }

    @RandomizedTest(3)
    void whatIsNoMessageIsDropped(SplittableRandom random) {
        Wire stranger = hub.join(3);
        for (int i = 0; i < 100; i++) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            stranger.send(2, Wire.Channel.TRANSFER, List.of(ByteBuffer.wrap(noise)), () -> {});
        }
        deliver();
        assertThat(two.poll(heard)).isFalse();
        assertThat(two.dropped()).isEqualTo(100);
    }

    /** Two pools over the wire, which is cut and mended while segments are on their way. */
    @RandomizedTest(20)
    void transfersEndAndWhatHasComeIsRight(SplittableRandom random) {
        Deque<Runnable> queue = new ArrayDeque<>();
        WireHub wires = new WireHub(queue::add);
        List<Runnable> jobs = new ArrayList<>();
        long[] now = {0};
        List<Node> nodes = new ArrayList<>();
        for (int number = 1; number <= 2; number++) {
            nodes.add(new Node(number, wires, jobs, now));
        }
        List<Transfer> transfers = new ArrayList<>();
        boolean harmed = false;
        for (int step = 0; step < 400; step++) {
            Node node = nodes.get(random.nextInt(2));
            Node other = nodes.get(2 - node.number);
            switch (random.nextInt(10)) {
                case 0 -> node.store(word(random));
                case 1 -> node.send(word(random), other.number).ifPresent(transfers::add);
                case 2 -> {
                    if (random.nextInt(10) == 0) {
                        wires.cut(node.number);
                        harmed = true;
                    }
                }
                case 3 -> {
                    wires.mend(1);
                    wires.mend(2);
                }
                case 4, 5 -> node.pool.poll();
                case 6 -> now[0] += Cluster.LEASE / 10;
                case 7 -> {
                    if (!jobs.isEmpty()) {
                        jobs.remove(random.nextInt(jobs.size())).run();
                    }
                }
                default -> {
                    if (!queue.isEmpty()) {
                        queue.remove().run();
                    }
                }
            }
            node.pool.checkInvariants();
            node.check(word(random));
        }
        wires.mend(1);
        wires.mend(2);
        for (int lease = 0; lease < 12; lease++) {
            for (boolean any = true; any; ) {
                while (!queue.isEmpty()) {
                    queue.remove().run();
                }
                while (!jobs.isEmpty()) {
                    jobs.remove(0).run();
                }
                any = nodes.get(0).pool.poll() | nodes.get(1).pool.poll() | !queue.isEmpty() | !jobs.isEmpty();
            }
            now[0] += Cluster.LEASE / 4;
        }
        assertThat(transfers).isNotEmpty().allMatch(Transfer::isDone);
        if (!harmed) {
            assertThat(transfers).anyMatch(transfer -> transfer.refusal().isEmpty());
        }
        assertThat(transfers).allMatch(t -> t.refusal().isEmpty() || t.refusal().get() != Refusal.OTHER_LAYOUT);
        for (Node node : nodes) {
            node.pool.checkInvariants();
            assertThat(node.pool.usage(Tier.DEVICE).pinned()).isZero();
            assertThat(node.pool.usage(Tier.DEVICE).writing()).isZero();
            assertThat(node.pool.ownPins()).isZero();
        }
    }

    private static String word(SplittableRandom random) {
        StringBuilder word = new StringBuilder();
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            word.append("AB".charAt(random.nextInt(2)));
        }
        return word.toString();
    }

    private static final class Node {
        final int number;
        final BufferSlotStorage storage = BufferSlotStorage.heap(Cluster.LAYOUT, 40);
        final TransferMemPool pool;

        Node(int number, WireHub wires, List<Runnable> jobs, long[] now) {
            this.number = number;
            pool = new TransferMemPool(
                    new LocalMemPool(Cluster.LAYOUT, number, storage, new LruPolicy()),
                    storage,
                    new LocalNode(number, 7, Cluster.MODEL),
                    new WireTransport(wires.join(number), () -> {}),
                    Cluster.LIMITS,
                    new Mover(jobs::add, () -> now[0], () -> {}),
                    () -> now[0]);
        }

        private PinnedPrefix match(String word) {
            return pool.match(Cluster.ANN, Cluster.tokens(word + "?"), word.length() * 16 + 1);
        }

        void store(String word) {
            PinnedPrefix prefix = match(word);
            int before = prefix.segments();
            List<SlotAddress> slots =
                    pool.alloc(word.length() - before, Tier.DEVICE).orElse(null);
            if (slots == null) {
                pool.release(prefix);
                return;
            }
            for (int i = before; i < word.length(); i++) {
                Cluster.fill(storage.slot(slots.get(i - before).slot()), Cluster.ANN, word.substring(0, i + 1));
            }
            pool.release(pool.insert(prefix, Cluster.tokens(word), slots));
        }

        Optional<Transfer> send(String word, int to) {
            PinnedPrefix prefix = match(word);
            if (prefix.segments() == 0) {
                pool.release(prefix);
                return Optional.empty();
            }
            return Optional.of(pool.transferWithInsert(prefix, Cluster.tokens(word), to));
        }

        void check(String word) {
            PinnedPrefix prefix = match(word);
            ByteBuffer expected = ByteBuffer.allocate(SEGMENT_BYTES);
            for (int i = 0; i < prefix.segments(); i++) {
                Cluster.fill(expected.clear(), Cluster.ANN, word.substring(0, i + 1));
                assertThat(storage.slot(prefix.address(i).slot()).mismatch(expected.clear()))
                        .as("segment %d of %s on node %d", i, word, number)
                        .isEqualTo(-1);
            }
            pool.release(prefix);
        }
    }
}
