package dev.kvasir.pool.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** The file below a {@link FileStore}. Several threads may use it at once. */
interface BlockFile extends Closeable {
    /** Reads some bytes; returns how many, or -1 at the end of the file. */
    int read(ByteBuffer to, long position) throws IOException;

    /** Writes some bytes; returns how many. */
    int write(ByteBuffer from, long position) throws IOException;

    /** Returns the file's length. */
    long bytes() throws IOException;

    /** Cuts off what lies behind {@code bytes}. */
    void truncate(long bytes) throws IOException;

    /** Waits until what was written would survive a power failure. */
    void force() throws IOException;

    /** Returns by how much files on this disk can grow. */
    long usableBytes() throws IOException;

    /** Fills a buffer, but for what lies behind the file's end. */
    default void readFully(ByteBuffer to, long position) throws IOException {
        for (long at = position; to.hasRemaining(); ) {
            int count = read(to, at);
            if (count < 0) {
                return;
            }
            at += progress(count);
        }
    }

    /** Writes a whole buffer. */
    default void writeFully(ByteBuffer from, long position) throws IOException {
        for (long at = position; from.hasRemaining(); ) {
            at += progress(write(from, at));
        }
    }

    private static int progress(int count) throws IOException {
        if (count <= 0) {
            throw new IOException("the file takes or gives no more bytes");
        }
        return count;
    }
}
