package dev.kvasir.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

final class BufferTensorTest {
    @Test
    void stridesDecideWhereAnElementLies() {
        ByteBuffer memory = ByteBuffer.allocate(6 * 4).order(ByteOrder.nativeOrder());
        for (int i = 0; i < 6; i++) {
            memory.putFloat(i * 4, i);
        }
        BufferTensor rows = BufferTensor.over(DType.FLOAT32, memory, 2, 3);
        BufferTensor columns = new BufferTensor(DType.FLOAT32, new long[] {3, 2}, new long[] {1, 3}, memory);
        assertThat(rows.get(1, 2)).isEqualTo(5);
        assertThat(columns.get(2, 1)).isEqualTo(5);
        assertThat(columns.get(0, 1)).isEqualTo(3);
    }

    @Test
    void selectingSharesMemory() {
        BufferTensor tensor = BufferTensor.zeros(DType.FLOAT16, 2, 3, 4);
        BufferTensor middle = tensor.select(1, 2);
        middle.set(7, 1, 3);
        assertThat(tensor.get(1, 2, 3)).isEqualTo(7);
        assertThat(middle.shape()).containsExactly(2, 4);
        assertThat(middle.strides()).containsExactly(12, 1);
    }

    @Test
    void startsAtTheBuffersPosition() {
        ByteBuffer memory = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
        memory.putShort(4, HalfPrecision.toBfloat16(3)).position(4);
        BufferTensor tensor = BufferTensor.over(DType.BFLOAT16, memory, 2);
        assertThat(tensor.get(0)).isEqualTo(3);
        tensor.set(1.00390625, 1);
        assertThat(tensor.get(1)).isEqualTo(1);
    }

    @Test
    void refusesToReachBeyondItsMemory() {
        ByteBuffer memory = ByteBuffer.allocate(16);
        assertThatThrownBy(() -> BufferTensor.over(DType.FLOAT32, memory, 5))
                .hasMessage("the last element ends at byte 20 of a buffer of 16");
        assertThatThrownBy(() -> BufferTensor.over(DType.FLOAT32, memory, 4).get(4))
                .hasMessage("no index 4 in dimension 0 of size 4");
        assertThatThrownBy(() -> BufferTensor.over(DType.FLOAT32, memory, 2, 2).select(0, 2))
                .hasMessage("no index 2 in dimension 0 of size 2");
    }
}
