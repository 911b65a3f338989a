package dev.kvasir.runner.remote;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.kvasir.runner.DType;
import dev.kvasir.runner.remote.QueryMessage.Query;
import dev.kvasir.runner.remote.QueryMessage.Reason;
import dev.kvasir.runner.remote.QueryMessage.Refused;
import dev.kvasir.runner.remote.QueryMessage.Result;
import dev.kvasir.testing.RandomizedTest;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

class QueryCodecTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @RandomizedTest
    void everyMessageComesBackAsItWas(SplittableRandom random) {
        for (ByteBuffer frame : frames(random)) {
            QueryMessage message = QueryCodec.decode(frame).orElseThrow();
            assertThat(bytes(message)).isEqualTo(frame);
            assertThat(message.number())
                    .isEqualTo(frame.order(ByteOrder.LITTLE_ENDIAN).getLong(1));
        }
    }

    @RandomizedTest
    void aQueryHasWhatItWasMadeOf(SplittableRandom random) {
        List<RemoteSpan> spans = spans(random);
        int rows = spans.stream().mapToInt(RemoteSpan::queries).sum();
        byte[] numbers = new byte[rows * 3 * 8 * 2];
        random.nextBytes(numbers);
        ByteBuffer frame = join(QueryCodec.head(5, 7, DType.BFLOAT16, 3, 8, spans), ByteBuffer.wrap(numbers));
        Query query = (Query) QueryCodec.decode(frame).orElseThrow();
        assertThat(query.layer()).isEqualTo(7);
        assertThat(query.dtype()).isEqualTo(DType.BFLOAT16);
        assertThat(query.heads()).isEqualTo(3);
        assertThat(query.headDim()).isEqualTo(8);
        assertThat(query.rows()).isEqualTo(rows);
        assertThat(query.queries()).isEqualTo(ByteBuffer.wrap(numbers));
        int first = 0;
        for (int i = 0; i < spans.size(); i++) {
            assertThat(query.spans().get(i).firstQuery()).isEqualTo(first);
            assertThat(query.spans().get(i).loans()).isEqualTo(spans.get(i).loans());
            assertThat(query.spans().get(i).slots()).isEqualTo(spans.get(i).slots());
            first += spans.get(i).queries();
        }
    }

    @RandomizedTest(3)
    void aQueryThatIsCutOrLongerIsNone(SplittableRandom random) {
        ByteBuffer frame = frames(random).get(0);
        for (int length = 0; length < frame.limit(); length++) {
            assertThat(QueryCodec.decode(frame.slice(0, length))).isEmpty();
        }
        assertThat(QueryCodec.decode(join(frame, ByteBuffer.allocate(1)))).isEmpty();
    }

    @RandomizedTest(300)
    void nonsenseIsNoMessageOrAnotherOne(SplittableRandom random) {
        for (ByteBuffer frame : frames(random)) {
            frame.order(ByteOrder.LITTLE_ENDIAN);
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                frame.put(random.nextInt(Math.min(80, frame.limit())), (byte) random.nextInt());
            }
            read(frame);
            int[] odd = {-1, 0, 1, Integer.MAX_VALUE, Integer.MIN_VALUE, 0x7fff7fff, random.nextInt()};
            frame.putInt(random.nextInt(Math.min(80, frame.limit() - 3)), odd[random.nextInt(odd.length)]);
            read(frame);
        }
        byte[] noise = new byte[random.nextInt(200)];
        random.nextBytes(noise);
        if (noise.length > 0) {
            noise[0] = (byte) random.nextInt(5);
        }
        read(ByteBuffer.wrap(noise));
    }

    /** Reads a frame; what it is is written as it was. Takes memory in proportion to the frame, whatever that says of lengths. */
    private static void read(ByteBuffer frame) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        Optional<QueryMessage> message = QueryCodec.decode(frame);
        long taken = THREADS.getCurrentThreadAllocatedBytes() - before;
        assertThat(taken).isLessThan(2_000_000 + 32L * frame.remaining());
        message.ifPresent(read -> {
            ByteBuffer again = bytes(read);
            // A refusal's frame may be longer than it: what stands behind is ignored.
            assertThat(again).isEqualTo(frame.slice(0, again.remaining()));
        });
    }

    private static ByteBuffer bytes(QueryMessage message) {
        if (message instanceof Query query) {
            return join(
                    QueryCodec.head(
                            query.number(),
                            query.layer(),
                            query.dtype(),
                            query.heads(),
                            query.headDim(),
                            query.spans()),
                    query.queries());
        } else if (message instanceof Result result) {
            return join(
                    QueryCodec.head(result.number(), result.output().remaining()), result.output(), result.logsumexp());
        }
        return QueryCodec.encode((Refused) message);
    }

    private static ByteBuffer join(ByteBuffer... parts) {
        int bytes = 0;
        for (ByteBuffer part : parts) {
            bytes += part.remaining();
        }
        ByteBuffer all = ByteBuffer.allocate(bytes);
        for (ByteBuffer part : parts) {
            all.put(part.duplicate());
        }
        return all.flip();
    }

    private static List<RemoteSpan> spans(SplittableRandom random) {
        List<RemoteSpan> spans = new ArrayList<>();
        int first = 0;
        for (int i = random.nextInt(1, 5); i > 0; i--) {
            int segments = random.nextInt(1, 6);
            int queries = random.nextInt(1, 4);
            spans.add(new RemoteSpan(
                    first,
                    queries,
                    random.longs(segments).toArray(),
                    random.ints(segments).toArray()));
            first += queries;
        }
        return spans;
    }

    private static List<ByteBuffer> frames(SplittableRandom random) {
        List<RemoteSpan> spans = spans(random);
        DType dtype = DType.values()[random.nextInt(DType.values().length)];
        int heads = random.nextInt(1, 5);
        int headDim = random.nextInt(1, 9);
        int rows = spans.stream().mapToInt(RemoteSpan::queries).sum();
        byte[] numbers = new byte[rows * heads * headDim * dtype.bytes()];
        random.nextBytes(numbers);
        Reason reason = Reason.values()[random.nextInt(Reason.values().length)];
        ByteBuffer queries = ByteBuffer.wrap(numbers);
        return List.of(
                join(QueryCodec.head(random.nextLong(), random.nextInt(100), dtype, heads, headDim, spans), queries),
                join(
                        QueryCodec.head(random.nextLong(), numbers.length),
                        queries,
                        ByteBuffer.allocate(rows * heads * 4)),
                QueryCodec.encode(new Refused(random.nextLong(), reason)));
    }
}
