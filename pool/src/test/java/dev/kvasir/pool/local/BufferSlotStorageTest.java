package dev.kvasir.pool.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.kvasir.pool.KvDtype;
import dev.kvasir.pool.KvLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class BufferSlotStorageTest {
    // More than one and no whole number of the blocks of zeros that clear copies.
    private static final KvLayout LAYOUT = new KvLayout(3, 1, 271, 64, KvDtype.FLOAT16);

    @Test
    void aSlotIsAViewOfTheMemoryInNativeOrder() {
        for (BufferSlotStorage storage : both()) {
            ByteBuffer slot = storage.slot(1);
            assertThat(slot.order()).isEqualTo(ByteOrder.nativeOrder());
            assertThat(slot.position()).isZero();
            assertThat(slot.limit()).isEqualTo(LAYOUT.segmentBytes());
            slot.putInt(0x01020304).limit(8);
            assertThat(storage.slot(1).getInt(0)).isEqualTo(0x01020304);
            assertThat(storage.slot(1).position()).isZero();
            assertThat(storage.slot(1).limit()).isEqualTo(LAYOUT.segmentBytes());
        }
    }

    @Test
    void clearsOneSlotWhollyAndNoOther() {
        for (BufferSlotStorage storage : both()) {
            for (int slot = 0; slot < 3; slot++) {
                for (int i = 0; i < LAYOUT.segmentBytes(); i++) {
                    storage.slot(slot).put(i, (byte) -1);
                }
            }
            storage.clear(1);
            ByteBuffer zeros = ByteBuffer.allocate(LAYOUT.segmentBytes());
            assertThat(storage.slot(1).mismatch(zeros)).isEqualTo(-1);
            for (int slot = 0; slot < 3; slot += 2) {
                for (int i = 0; i < LAYOUT.segmentBytes(); i++) {
                    assertThat(storage.slot(slot).get(i)).isEqualTo((byte) -1);
                }
            }
        }
    }

    @Test
    void refusesToHaveNoSlots() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BufferSlotStorage.heap(LAYOUT, 0))
                .withMessage("a storage needs at least one slot, not 0");
    }

    private static List<BufferSlotStorage> both() {
        return List.of(BufferSlotStorage.heap(LAYOUT, 3), BufferSlotStorage.direct(LAYOUT, 3));
    }
}
