package dev.kvasir.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.pool.Wire.Channel;
import dev.kvasir.testing.RandomizedTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Frames to records and back, without sockets. */
class RecordsTest {
    private static final int CHANNELS = Channel.values().length;
    private static final byte[] KEY = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final WireLimits LIMITS =
            new WireLimits(5_000, 256, 4_096, 1 << 20, 1_000, 0, 8, 1_000, 100, 4, 30, 5, 100, 1_000);

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);

    /** What one end has made of the bytes it read. */
    private final class End implements FrameAssembler.Sink {
        final List<TestNode.Received> frames = new ArrayList<>();
        final List<ControlMessage> control = new ArrayList<>();
        final FrameAssembler assembler = new FrameAssembler(KEY, allocator, LIMITS, this);
        final RecordReader reader = new RecordReader(FrameAssembler.KINDS, LIMITS, assembler);

        @Override
        public void onFrame(Channel channel, ByteBuffer frame) {
            frames.add(new TestNode.Received(0, channel, TestNode.bytes(frame)));
        }

        @Override
        public void onControl(ByteBuffer text) throws DroppedException {
            control.add(ControlMessage.decode(text));
        }

        void read(byte[] bytes) throws DroppedException {
            reader.read(ByteBuffer.wrap(bytes));
        }
    }

    /** The other end. */
    private final class Origin {
        final Outbox outbox = new Outbox(LIMITS);
        final AtomicInteger sent = new AtomicInteger();
        final WireCounters counters = new WireCounters();
        final RecordWriter writer = new RecordWriter(KEY, 2, allocator, LIMITS, outbox, counters);

        void offer(Channel channel, byte[]... parts) {
            List<ByteBuffer> buffers =
                    Arrays.stream(parts).map(ByteBuffer::wrap).toList();
            int bytes = buffers.stream().mapToInt(ByteBuffer::remaining).sum();
            assertThat(outbox.offer(channel, new OutgoingFrame(buffers, bytes, sent::incrementAndGet)))
                    .isTrue();
        }

        /** Returns what may go now. */
        byte[] take() {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            ByteBuf batch = writer.next();
            while (batch != null) {
                byte[] bytes = new byte[batch.readableBytes()];
                batch.readBytes(bytes);
                batch.release();
                all.writeBytes(bytes);
                batch = writer.next();
            }
            return all.toByteArray();
        }
    }

    @AfterEach
    void nothingLeaks() {
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    private static byte[][] records(byte[] stream) {
        List<byte[]> records = new ArrayList<>();
        for (int at = 0; at < stream.length; ) {
            int end = at + ByteBuffer.wrap(stream).getInt(at + 4) + RecordHeader.OVERHEAD;
            records.add(Arrays.copyOfRange(stream, at, end));
            at = end;
        }
        return records.toArray(byte[][]::new);
    }

    private static void assertDropped(Drop reason, End end, byte[] bytes) {
        int before = end.frames.size();
        assertThatThrownBy(() -> end.read(bytes))
                .isInstanceOf(DroppedException.class)
                .extracting(e -> ((DroppedException) e).reason())
                .isEqualTo(reason);
        assertThat(end.frames).hasSize(before);
        end.assembler.release();
    }

    @RandomizedTest(30)
    void framesComeBackHoweverTheirBytesAreCut(SplittableRandom random) throws Exception {
        Origin origin = new Origin();
        End end = new End();
        List<List<byte[]>> expected = Stream.generate(() -> (List<byte[]>) new ArrayList<byte[]>())
                .limit(CHANNELS)
                .toList(); // by channel
        int frames = 0;
        for (int round = 0; round < 20; round++) {
            for (int i = random.nextInt(4); i > 0; i--) {
                Channel channel = Channel.values()[random.nextInt(CHANNELS)];
                byte[] frame = TestNode.random(random, random.nextInt(random.nextBoolean() ? 40 : 1_000));
                int cut = random.nextInt(frame.length + 1);
                origin.offer(channel, Arrays.copyOf(frame, cut), Arrays.copyOfRange(frame, cut, frame.length));
                expected.get(channel.ordinal()).add(frame);
                frames++;
            }
            byte[] stream = origin.take();
            for (int at = 0; at < stream.length; ) {
                int next = Math.min(stream.length, at + 1 + random.nextInt(random.nextBoolean() ? 5 : 700));
                end.read(Arrays.copyOfRange(stream, at, next));
                at = next;
            }
            for (Channel channel : Channel.values()) {
                int bytes = end.assembler.grant(channel);
                if (bytes > 0) {
                    origin.writer.onCredit(new ControlMessage.Credit(channel, bytes));
                }
            }
        }
        end.read(origin.take());
        assertThat(origin.outbox.waitingBytes()).isZero();
        assertThat(origin.sent).hasValue(frames);
        for (Channel channel : Channel.values()) {
            assertThat(end.frames.stream().filter(f -> f.channel() == channel).map(TestNode.Received::bytes))
                    .containsExactlyElementsOf(expected.get(channel.ordinal()));
        }
    }

    @Test
    void noMoreIsSentThanWasAllowedAndTheWaitIsCounted() throws Exception {
        Origin origin = new Origin();
        End end = new End();
        origin.offer(Channel.TRANSFER, new byte[5_000]);
        origin.offer(Channel.QUERY, new byte[100]);
        byte[] stream = origin.take();
        assertThat(stream.length).isLessThanOrEqualTo(LIMITS.windowBytes() + 100 + RecordHeader.OVERHEAD);
        end.read(stream);
        assertThat(end.frames).singleElement().matches(f -> f.channel() == Channel.QUERY);
        assertThat(origin.counters.stats(0).channel(Channel.TRANSFER).creditStalls())
                .isEqualTo(1);
        int more = end.assembler.grant(Channel.TRANSFER);
        assertThat(more).isGreaterThan(LIMITS.windowBytes() / 2);
        origin.writer.onCredit(new ControlMessage.Credit(Channel.TRANSFER, more));
        end.read(origin.take());
        assertThat(end.frames).hasSize(2);
        assertThat(end.frames.get(1).bytes()).hasSize(5_000);
        assertThatThrownBy(() -> origin.writer.onCredit(new ControlMessage.Credit(Channel.LOAN, 1)))
                .as("nobody can allow more than was used")
                .isInstanceOf(DroppedException.class);
    }

    @Test
    void whoSendsMoreThanAllowedIsDropped() throws Exception {
        End end = new End();
        RecordCipher cipher = new RecordCipher(KEY);
        long sequence = 0;
        int fit = LIMITS.windowBytes() / (256 + RecordHeader.OVERHEAD);
        for (; sequence < fit; sequence++) {
            end.read(record(cipher, 1, 256, 256, sequence));
        }
        assertThat(end.frames).hasSize(fit);
        assertDropped(Drop.OVER_CREDIT, end, record(cipher, 1, 256, 256, sequence));
    }

    private static byte[] record(RecordCipher cipher, int kind, int length, int remaining, long sequence) {
        ByteBuffer to = ByteBuffer.allocate(length + RecordHeader.OVERHEAD);
        cipher.seal(new RecordHeader(kind, length, remaining, sequence), ByteBuffer.allocate(length), to);
        return to.array();
    }

    @Test
    void urgentChannelsGoFirstAndNoneStarves() throws Exception {
        Origin origin = new Origin();
        End end = new End();
        for (int i = 0; i < 30; i++) {
            origin.offer(Channel.TRANSFER, new byte[10]);
            origin.offer(Channel.LOAN, new byte[10]);
            origin.offer(Channel.QUERY, new byte[10]);
        }
        end.read(origin.take());
        List<Channel> order =
                end.frames.stream().map(TestNode.Received::channel).toList();
        assertThat(order).hasSize(90);
        assertThat(order.subList(0, 7)).containsOnly(Channel.QUERY);
        assertThat(order.get(7)).isEqualTo(Channel.TRANSFER);
        assertThat(order.indexOf(Channel.LOAN)).isGreaterThan(30).isLessThan(40);
    }

    @Test
    void replayedAndReorderedRecordsAreDropped() throws Exception {
        Origin origin = new Origin();
        for (int i = 0; i < 3; i++) {
            origin.offer(Channel.LOAN, new byte[] {(byte) i});
        }
        byte[][] records = records(origin.take());
        assertThat(records).hasNumberOfRows(3);
        End end = new End();
        end.read(records[0]);
        assertDropped(Drop.REPLAYED, end, records[0]);
        End other = new End();
        other.read(records[0]);
        assertDropped(Drop.OUT_OF_ORDER, other, records[2]);
        End third = new End();
        third.read(records[0]);
        byte[] renumbered = records[2].clone();
        renumbered[19] = 1; // as if it were the next
        assertDropped(Drop.BAD_TAG, third, renumbered);
    }

    @Test
    void whatSaysThatItIsTooLongIsDroppedBeforeAnythingIsKeptForIt() {
        assertDropped(Drop.OVERSIZED, new End(), header(1, 257, 257, 0));
        assertDropped(Drop.OVERSIZED, new End(), header(1, 256, 5_001, 0));
        assertDropped(Drop.OVERSIZED, new End(), header(1, -1, 5, 0));
        assertDropped(Drop.OVERSIZED, new End(), header(1, 5, -1, 0));
        assertDropped(Drop.BROKEN_FRAME, new End(), header(1, 6, 5, 0));
        assertDropped(Drop.BROKEN_FRAME, new End(), header(1, 0, 5, 0));
        assertDropped(Drop.BAD_HEADER, new End(), header(FrameAssembler.KINDS, 5, 5, 0));
        assertDropped(Drop.BAD_HEADER, new End(), new byte[RecordHeader.BYTES]);
    }

    private static byte[] header(int kind, int length, int remaining, long sequence) {
        ByteBuffer to = ByteBuffer.allocate(RecordHeader.BYTES);
        new RecordHeader(kind, length, remaining, sequence).encode(to);
        return to.array();
    }

    @Test
    void aFrameGoesOnWhereItLeftOffOrNotAtAll() throws Exception {
        RecordCipher cipher = new RecordCipher(KEY);
        End end = new End();
        end.read(record(cipher, 1, 100, 300, 0));
        end.read(record(cipher, 2, 50, 50, 1)); // another channel may come between
        assertDropped(Drop.BROKEN_FRAME, end, record(cipher, 1, 100, 201, 2));
        End control = new End();
        assertDropped(Drop.BROKEN_FRAME, control, record(cipher, 0, 4, 8, 0));
    }

    @Test
    void controlMessagesComeBackAndNonsenseDoesNot() throws Exception {
        for (ControlMessage message : List.of(
                new ControlMessage.Ready(),
                new ControlMessage.Ping(-1),
                new ControlMessage.Pong(Long.MAX_VALUE),
                new ControlMessage.Credit(Channel.QUERY, 1))) {
            assertThat(ControlMessage.decode(message.encode())).isEqualTo(message);
        }
        for (byte[] nonsense : List.of(
                new byte[0],
                new byte[] {4},
                new byte[] {0, 0},
                new byte[] {1, 2},
                new byte[] {3, (byte) CHANNELS, 1, 0, 0, 0},
                new byte[] {3, 0, 0, 0, 0, 0},
                new byte[] {3, 0, 0, 0, 0, -1},
                new byte[] {3, -1, 1, 0, 0, 0})) {
            assertThatThrownBy(() -> ControlMessage.decode(ByteBuffer.wrap(nonsense)))
                    .isInstanceOf(DroppedException.class);
        }
    }

    @RandomizedTest(5)
    void noAlteredStreamBringsAnythingThatWasNotSent(SplittableRandom random) throws Exception {
        Set<Drop> seen = alter(random, 2_000);
        assertThat(seen).contains(Drop.BAD_TAG, Drop.BAD_HEADER, Drop.OUT_OF_ORDER, Drop.OVERSIZED);
    }

    @RandomizedTest(20)
    @Tag("nightly")
    void noAlteredStreamBringsAnythingThatWasNotSentInManyTries(SplittableRandom random) throws Exception {
        alter(random, 50_000);
    }

    /** Garbles, cuts, doubles and mixes streams: what comes out is a beginning of what went in, each frame whole. */
    private Set<Drop> alter(SplittableRandom random, int tries) throws Exception {
        Set<Drop> seen = EnumSet.noneOf(Drop.class);
        for (int i = 0; i < tries; i++) {
            Origin origin = new Origin();
            List<byte[]> frames = new ArrayList<>();
            for (int j = 1 + random.nextInt(4); j > 0; j--) {
                byte[] frame = TestNode.random(random, random.nextInt(600));
                origin.offer(Channel.TRANSFER, frame);
                frames.add(frame);
            }
            byte[] stream = alter(origin.take(), random);
            End end = new End();
            try {
                for (int at = 0; at < stream.length; ) {
                    int next = Math.min(stream.length, at + 1 + random.nextInt(600));
                    end.read(Arrays.copyOfRange(stream, at, next));
                    at = next;
                }
            } catch (DroppedException e) {
                seen.add(e.reason());
            }
            end.assembler.release();
            assertThat(end.frames.stream().map(TestNode.Received::bytes))
                    .as("try " + i)
                    .containsExactlyElementsOf(frames.subList(0, end.frames.size()));
        }
        return seen;
    }

    private static byte[] alter(byte[] stream, SplittableRandom random) {
        switch (random.nextInt(5)) {
            case 0 -> stream[random.nextInt(stream.length)] ^= (byte) (1 << random.nextInt(8));
            case 1 -> stream[random.nextInt(RecordHeader.BYTES)] = (byte) random.nextInt(256);
            case 2 -> { // a piece is missing
                int from = random.nextInt(stream.length);
                int to = from + random.nextInt(stream.length - from + 1);
                byte[] rest = Arrays.copyOf(stream, stream.length - (to - from));
                System.arraycopy(stream, to, rest, from, stream.length - to);
                return rest;
            }
            case 3 -> { // two records change places, or one comes twice
                byte[][] records = records(stream);
                records[random.nextInt(records.length)] = records[random.nextInt(records.length)];
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                Arrays.stream(records).forEach(all::writeBytes);
                return all.toByteArray();
            }
            default -> {
                return TestNode.random(random, random.nextInt(1, 3_000));
            }
        }
        return stream;
    }
}
