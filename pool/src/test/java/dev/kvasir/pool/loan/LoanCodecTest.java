package dev.kvasir.pool.loan;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.loan.LoanMessage.Borrow;
import dev.kvasir.pool.loan.LoanMessage.Lend;
import dev.kvasir.pool.loan.LoanMessage.Renew;
import dev.kvasir.pool.loan.LoanMessage.Replica;
import dev.kvasir.pool.loan.LoanMessage.Return;
import dev.kvasir.pool.loan.LoanMessage.Send;
import dev.kvasir.testing.RandomizedTest;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

class LoanCodecTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @RandomizedTest
    void everyMessageComesBackAsItWas(SplittableRandom random) {
        for (LoanMessage message : messages(random)) {
            assertThat(LoanCodec.decode(LoanCodec.encode(message)))
                    .get()
                    .usingRecursiveComparison()
                    .isEqualTo(message);
        }
    }

    /** A frame is a part of a buffer, whatever that buffer's order. */
    @RandomizedTest(3)
    void aFrameMayStandAnywhereInABuffer(SplittableRandom random) {
        for (LoanMessage message : messages(random)) {
            ByteBuffer bytes = LoanCodec.encode(message);
            ByteBuffer wider = ByteBuffer.allocateDirect(bytes.remaining() + 16).order(ByteOrder.BIG_ENDIAN);
            wider.position(7).put(bytes.duplicate()).flip().position(7);
            assertThat(LoanCodec.decode(wider)).get().usingRecursiveComparison().isEqualTo(message);
            assertThat(wider.position()).isEqualTo(7);
        }
    }

    @RandomizedTest(3)
    void whatIsCutOrLongerIsNoMessage(SplittableRandom random) {
        for (LoanMessage message : messages(random)) {
            ByteBuffer bytes = LoanCodec.encode(message);
            for (int length = 0; length < bytes.limit(); length++) {
                assertThat(LoanCodec.decode(bytes.slice(0, length))).isEmpty();
            }
            ByteBuffer longer =
                    ByteBuffer.allocate(bytes.limit() + 1).put(bytes).rewind();
            assertThat(LoanCodec.decode(longer)).isEmpty();
        }
    }

    @RandomizedTest(200)
    void nonsenseIsNoMessageOrAnotherOne(SplittableRandom random) {
        for (LoanMessage message : messages(random)) {
            ByteBuffer bytes = LoanCodec.encode(message);
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                bytes.put(random.nextInt(bytes.limit()), (byte) random.nextInt());
            }
            read(bytes);
            if (bytes.limit() >= 5) {
                bytes.order(ByteOrder.LITTLE_ENDIAN).putInt(random.nextInt(bytes.limit() - 3), random.nextInt());
                read(bytes);
            }
        }
        byte[] noise = new byte[random.nextInt(100)];
        random.nextBytes(noise);
        if (noise.length > 0) {
            noise[0] = (byte) random.nextInt(7);
        }
        read(ByteBuffer.wrap(noise));
    }

    /** Reads a frame; what it is is written as it was. Takes memory in proportion to the frame, whatever that says of lengths. */
    private static void read(ByteBuffer frame) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        Optional<LoanMessage> message = LoanCodec.decode(frame);
        long taken = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(taken).isLessThan(2_000_000 + 16L * frame.remaining());
        message.ifPresent(read -> assertThat(LoanCodec.encode(read)).isEqualTo(frame));
    }

    private static List<LoanMessage> messages(SplittableRandom random) {
        SegmentId id = new SegmentId(random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
        int[] wanted = new int[random.nextInt(1, 20)];
        int next = 0;
        for (int i = 0; i < wanted.length; i++) {
            next += random.nextInt(1, 1000);
            wanted[i] = next;
        }
        int lent = random.nextInt(10);
        return List.of(
                new Borrow(
                        random.nextLong(), id, random.ints(random.nextInt(50)).toArray(), wanted),
                new Lend(
                        random.nextLong(),
                        random.nextLong(),
                        random.ints(lent).toArray(),
                        random.ints(lent).toArray()),
                new Send(id, random.ints(random.nextInt(50)).toArray(), wanted),
                new Renew(random.longs(random.nextInt(10)).toArray()),
                new Return(random.nextLong()),
                new Replica(id));
    }
}
