package dev.kvasir.benchmarks.wire;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;

/** Cuts a stream into messages with a length before each, negative for queries, and counts them; their bytes are passed over. */
final class MessageCutter {
    private final Runnable onSegment;
    private final Runnable onQuery;
    private final ByteBuffer head = ByteBuffer.allocate(Integer.BYTES);
    private int missing; // bytes of the message that is coming
    private boolean isQuery;

    MessageCutter(Runnable onSegment, Runnable onQuery) {
        this.onSegment = onSegment;
        this.onQuery = onQuery;
    }

    void read(Buffer bytes) {
        int at = 0;
        while (at < bytes.length()) {
            if (missing == 0) {
                head.put(bytes.getByte(at++));
                if (!head.hasRemaining()) {
                    begin(head.flip().getInt());
                }
            } else {
                int next = Math.min(missing, bytes.length() - at);
                at += next;
                missing -= next;
                if (missing == 0) {
                    (isQuery ? onQuery : onSegment).run();
                }
            }
        }
    }

    private void begin(int length) {
        head.clear();
        isQuery = length < 0;
        missing = Math.abs(length);
    }
}
