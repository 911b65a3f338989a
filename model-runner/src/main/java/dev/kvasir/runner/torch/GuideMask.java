package dev.kvasir.runner.torch;

import ai.djl.ndarray.types.DataType;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import dev.kvasir.runner.GuideState;
import dev.kvasir.runner.StepRow;
import java.nio.ByteBuffer;
import java.util.List;

/** Takes from the logits the tokens that a row's guide doesn't allow. */
final class GuideMask {
    private static final long ALL = 0x0101010101010101L;
    /** Eight bits as eight bytes of 0 or 1, in the order of memory on a little-endian machine. */
    private static final long[] BYTES = new long[256];

    static {
        for (int bits = 0; bits < BYTES.length; bits++) {
            for (int i = 0; i < 8; i++) {
                BYTES[bits] |= (bits >> i & 1L) << (8 * i);
            }
        }
    }

    private final int vocab;
    private final GrowingBuffer allowed;

    GuideMask(PtNDManager manager, int vocab) {
        this.vocab = vocab;
        allowed = new GrowingBuffer(manager, DataType.UINT8, 8);
    }

    /** Returns the masked logits, or the same tensor if no row is guided. */
    PtNDArray apply(TorchModule module, PtNDManager step, PtNDArray logits, List<StepRow> rows) {
        if (rows.stream().allMatch(row -> row.guide() == null)) {
            return logits;
        }
        allowed.reserve(rows.size() * vocab + Long.BYTES);
        ByteBuffer buffer = allowed.buffer();
        for (int r = 0; r < rows.size(); r++) {
            GuideState guide = rows.get(r).guide();
            if (guide == null) {
                fill(buffer, r * vocab);
            } else {
                write(buffer, r * vocab, guide.allowed());
            }
        }
        return module.tensor(step, "guide", logits, allowed.tensor(), rows.size());
    }

    private void fill(ByteBuffer buffer, int at) {
        for (int token = 0; token < vocab; token += 8) {
            buffer.putLong(at + token, ALL); // what goes too far is overwritten by the next row, or is room at the end
        }
    }

    private void write(ByteBuffer buffer, int at, long[] words) {
        for (int token = 0; token < vocab; token += 8) {
            int word = token >> 6;
            int bits = word < words.length ? (int) (words[word] >>> (token & 63)) & 0xff : 0;
            long bytes = BYTES[bits];
            buffer.putLong(
                    at + token, buffer.order() == java.nio.ByteOrder.LITTLE_ENDIAN ? bytes : Long.reverseBytes(bytes));
        }
    }
}
