package dev.kvasir.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.pool.TransferMessage.Abort;
import dev.kvasir.pool.TransferMessage.Answer;
import dev.kvasir.pool.TransferMessage.Commit;
import dev.kvasir.pool.TransferMessage.Data;
import dev.kvasir.pool.TransferMessage.Done;
import dev.kvasir.pool.TransferMessage.Offer;
import dev.kvasir.pool.TransferMessage.Refuse;
import dev.kvasir.testing.RandomizedTest;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32C;

class TransferCodecTest {
    private static final KvLayout LAYOUT = new KvLayout(2, 1, 2, 16, KvDtype.BFLOAT16);

    @RandomizedTest
    void everyMessageComesBackAsItWas(SplittableRandom random) {
        for (TransferMessage message : messages(random)) {
            assertThat(TransferCodec.decode(bytes(message))).contains(message);
        }
    }

    @RandomizedTest(3)
    void whatWasCutIsNoMessage(SplittableRandom random) {
        for (TransferMessage message : messages(random)) {
            ByteBuffer bytes = bytes(message);
            for (int length = 0; length < bytes.capacity(); length++) {
                assertThat(TransferCodec.decode(bytes.slice(0, length))).isEmpty();
            }
            ByteBuffer longer =
                    ByteBuffer.allocate(bytes.capacity() + 1).put(bytes).rewind();
            assertThat(TransferCodec.decode(longer)).isEmpty();
        }
    }

    @RandomizedTest(3)
    void whatWasChangedIsNoMessage(SplittableRandom random) {
        for (TransferMessage message : messages(random)) {
            ByteBuffer bytes = bytes(message);
            for (int bit = 0; bit < bytes.capacity() * 8; bit++) {
                flip(bytes, bit);
                assertThat(TransferCodec.decode(bytes)).as("bit %d", bit).isEmpty();
                flip(bytes, bit);
            }
        }
    }

    /** Whole, but from one who has other ideas of what a message is: refused before anything is allocated for it. */
    @RandomizedTest(200)
    void nonsenseWithTheRightChecksumIsNoMessage(SplittableRandom random) {
        List<TransferMessage> messages = messages(random);
        TransferCodec.Frame frame = TransferCodec.encode(messages.get(random.nextInt(messages.size())));
        ByteBuffer header = frame.header();
        // From the kind on: neither lengths nor checksum.
        for (int i = random.nextInt(1, 4); i > 0; i--) {
            header.putInt(random.nextInt(16, header.limit() - 3), random.nextInt());
        }
        ByteBuffer bytes = ByteBuffer.allocate((int) frame.bytes())
                .order(header.order())
                .put(header.duplicate())
                .put(frame.payload().duplicate())
                .rewind();
        CRC32C crc = new CRC32C();
        crc.update(bytes.slice(8, bytes.capacity() - 8));
        bytes.putInt(4, (int) crc.getValue());
        // Whatever it has become, it is a message that can be written again, or none.
        TransferCodec.decode(bytes).ifPresent(read -> assertThat(bytes(read)).isEqualTo(bytes));
    }

    private static void flip(ByteBuffer bytes, int bit) {
        bytes.put(bit / 8, (byte) (bytes.get(bit / 8) ^ (1 << (bit % 8))));
    }

    private static ByteBuffer bytes(TransferMessage message) {
        TransferCodec.Frame frame = TransferCodec.encode(message);
        return ByteBuffer.allocate((int) frame.bytes())
                .put(frame.header())
                .put(frame.payload())
                .rewind();
    }

    private static List<TransferMessage> messages(SplittableRandom random) {
        TransferId id = new TransferId(random.nextInt(5), random.nextLong(), random.nextLong());
        int count = random.nextInt(1, 4);
        List<SegmentId> segments = new ArrayList<>();
        List<SlotAddress> addresses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            segments.add(segment(random));
            addresses.add(address(random));
        }
        int[] tokens = random.ints(count * 16L).toArray();
        SegmentFormat format = new SegmentFormat(LAYOUT, segment(random));
        byte[] bytes = new byte[LAYOUT.segmentBytes()];
        random.nextBytes(bytes);
        Refusal[] refusals = Refusal.values();
        return List.of(
                new Offer(id, format, segment(random), 0, segments, tokens),
                new Offer(id, format, segment(random), random.nextInt(100), segments, new int[0]),
                new Answer(id, random.nextInt(10), addresses),
                new Answer(id, random.nextInt(10), List.of()),
                new Refuse(id, refusals[random.nextInt(refusals.length)]),
                new Data(id, random.nextInt(10), address(random), segment(random), ByteBuffer.wrap(bytes)),
                new Commit(id, random.nextInt(10)),
                new Done(id),
                new Abort(id));
    }

    private static SegmentId segment(SplittableRandom random) {
        return new SegmentId(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    }

    private static SlotAddress address(SplittableRandom random) {
        return new SlotAddress(
                random.nextInt(5), Tier.values()[random.nextInt(Tier.values().length)], random.nextInt(1000));
    }
}
