package dev.kvasir.pool.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import dev.kvasir.pool.SegmentHeader;
import dev.kvasir.pool.SegmentId;
import dev.kvasir.pool.disk.DiskGeometry;
import dev.kvasir.pool.disk.FileStore;
import dev.kvasir.pool.disk.OnMismatch;
import dev.kvasir.pool.local.BufferSlotStorage;
import dev.kvasir.pool.store.BadSegmentException;
import dev.kvasir.pool.store.MemoryStore;
import dev.kvasir.pool.store.SegmentStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodedStoreTest {
    private static final KvLayout LAYOUT = new KvLayout(2, 2, 32, 16, KvDtype.BFLOAT16);
    private static final SegmentId ROOT = new SegmentId(1, 2, 3, 4);
    private static final SegmentCodec CODEC = new Int8Codec(LAYOUT);

    @TempDir
    private Path folder;

    private static SegmentHeader header(int number) {
        int[] tokens = new SplittableRandom(number).ints(16, 0, 1000).toArray();
        return SegmentHeader.next(ROOT, ROOT, tokens, 0, 16);
    }

    private static ByteBuffer segment(int number) {
        SplittableRandom random = new SplittableRandom(number);
        ByteBuffer segment = ByteBuffer.allocate(LAYOUT.segmentBytes()).order(ByteOrder.nativeOrder());
        while (segment.hasRemaining()) {
            segment.putShort((short) (Float.floatToRawIntBits((float) random.nextDouble(-2, 2)) >>> 16));
        }
        return segment.flip();
    }

    private static ByteBuffer throughTheCodec(ByteBuffer segment) {
        ByteBuffer coded = ByteBuffer.allocate(CODEC.codedBytes());
        ByteBuffer back = ByteBuffer.allocate(CODEC.segmentBytes());
        CODEC.encode(segment.duplicate(), coded);
        CODEC.decode(coded.flip(), back);
        return back.flip();
    }

    private static ByteBuffer read(SegmentStore store, int slot, SegmentHeader header) throws IOException {
        ByteBuffer to = ByteBuffer.allocate(store.segmentBytes());
        store.read(slot, header, to);
        return to.flip();
    }

    private FileStore file() throws IOException {
        DiskGeometry geometry = new DiskGeometry(new byte[SegmentId.BYTES], CODEC.codedBytes(), 16, 4);
        return FileStore.open(folder.resolve("segments.kv"), geometry, OnMismatch.REFUSE);
    }

    @Test
    void keepsInHalfTheMemoryWhatTheCodecMakesOfIt() throws IOException {
        MemoryStore memory = new MemoryStore(BufferSlotStorage.direct(CODEC.codedBytes(), 3));
        try (CodedStore store = new CodedStore(memory, CODEC)) {
            assertThat(store.slots()).isEqualTo(3);
            assertThat(store.segmentBytes()).isEqualTo(LAYOUT.segmentBytes());
            assertThat(store.bytes()).isEqualTo(3L * CODEC.codedBytes()).isLessThan(2L * LAYOUT.segmentBytes());
            ByteBuffer from = segment(1);
            store.write(2, header(1), from);
            assertThat(from.hasRemaining()).isFalse();
            assertThat(read(store, 2, header(1))).isEqualTo(throughTheCodec(segment(1)));
        }
    }

    @Test
    void theOtherStoreSaysWhatIsThereAndWhatIsBad() throws IOException {
        try (CodedStore store = new CodedStore(file(), CODEC)) {
            assertThat(store.found()).isEmpty();
            store.write(1, header(1), segment(1));
            store.write(3, header(3), segment(3));
            store.write(0, header(0), segment(0));
            store.erase(0);
            assertThatThrownBy(() -> read(store, 1, header(3))).isInstanceOf(BadSegmentException.class);
            assertThatThrownBy(() -> read(store, 0, header(0))).isInstanceOf(BadSegmentException.class);
        }
        try (CodedStore store = new CodedStore(file(), CODEC)) {
            assertThat(store.found())
                    .containsExactly(new SegmentStore.Found(1, header(1)), new SegmentStore.Found(3, header(3)));
            assertThat(read(store, 3, header(3))).isEqualTo(throughTheCodec(segment(3)));
        }
        flipTheLastByte();
        try (CodedStore store = new CodedStore(file(), CODEC)) {
            assertThatThrownBy(() -> read(store, 3, header(3))).isInstanceOf(BadSegmentException.class);
            assertThat(read(store, 1, header(1))).isEqualTo(throughTheCodec(segment(1)));
        }
    }

    /** Flips bits of the last slot's payload: blocks follow it up to the file's end, so its last bytes are looked for. */
    private void flipTheLastByte() throws IOException {
        try (FileChannel channel =
                FileChannel.open(folder.resolve("segments.kv"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            for (long at = channel.size() - 1; at >= 0; at--) {
                channel.read(one.clear(), at);
                if (one.get(0) != 0) {
                    channel.write(one.put(0, (byte) ~one.get(0)).rewind(), at);
                    return;
                }
            }
        }
        throw new AssertionError("nothing but zeros");
    }

    @Test
    void slotsOfAnotherSizeAreRefused() {
        MemoryStore memory = new MemoryStore(BufferSlotStorage.direct(LAYOUT, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CodedStore(memory, CODEC))
                .withMessageContaining(LAYOUT.segmentBytes() + " bytes");
    }

    @Test
    void threadsDoNotDisturbEachOther() throws Exception {
        int threads = 4;
        MemoryStore memory = new MemoryStore(BufferSlotStorage.direct(CODEC.codedBytes(), threads));
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try (CodedStore store = new CodedStore(memory, CODEC)) {
            List<Future<?>> ends = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int slot = t;
                ends.add(executor.submit(() -> {
                    for (int i = slot; i < 200; i += threads) {
                        store.write(slot, header(i), segment(i));
                        assertThat(read(store, slot, header(i))).isEqualTo(throughTheCodec(segment(i)));
                    }
                    return null;
                }));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        } finally {
            executor.shutdownNow();
        }
    }
}
