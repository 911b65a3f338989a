package dev.kvasir.pool.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A file that may be opened past the page cache: everything goes through memory that begins at a block's boundary, in
 * whole blocks. Positions are boundaries, and what is written ends at one or is followed by zeros.
 */
final class AlignedFile implements BlockFile {
    private final BlockFile file;
    private final Queue<ByteBuffer> spare = new ConcurrentLinkedQueue<>();

    AlignedFile(BlockFile file) {
        this.file = file;
    }

    @Override
    public int read(ByteBuffer to, long position) throws IOException {
        int wanted = to.remaining();
        if (isAligned(to)) {
            file.readFully(to, position); // a part could end within a block
            return result(wanted - to.remaining());
        }
        ByteBuffer blocks = borrow(wanted);
        try {
            file.readFully(blocks, position);
            blocks.flip();
            int count = Math.min(blocks.remaining(), wanted);
            to.put(blocks.limit(count));
            return result(count);
        } finally {
            spare.add(blocks);
        }
    }

    @Override
    public int write(ByteBuffer from, long position) throws IOException {
        int count = from.remaining();
        if (isAligned(from)) {
            file.writeFully(from, position);
            return count;
        }
        ByteBuffer blocks = borrow(count);
        try {
            blocks.put(from);
            while (blocks.hasRemaining()) {
                blocks.put((byte) 0);
            }
            file.writeFully(blocks.flip(), position);
            return count;
        } finally {
            spare.add(blocks);
        }
    }

    @Override
    public long bytes() throws IOException {
        return file.bytes();
    }

    @Override
    public void truncate(long bytes) throws IOException {
        file.truncate(bytes);
    }

    @Override
    public void force() throws IOException {
        file.force();
    }

    @Override
    public long usableBytes() throws IOException {
        return file.usableBytes();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static int result(int count) {
        return count == 0 ? -1 : count;
    }

    private ByteBuffer borrow(int bytes) {
        int rounded = (int) FileLayout.roundUp(bytes);
        ByteBuffer blocks = spare.poll();
        if (blocks == null || blocks.capacity() < rounded) {
            blocks = allocate(rounded);
        }
        return blocks.clear().limit(rounded);
    }

    /** Returns a direct buffer that begins at a block's boundary. */
    static ByteBuffer allocate(int bytes) {
        int rounded = (int) FileLayout.roundUp(bytes);
        return ByteBuffer.allocateDirect(rounded + FileLayout.BLOCK_BYTES)
                .alignedSlice(FileLayout.BLOCK_BYTES)
                .limit(rounded)
                .slice();
    }

    private static boolean isAligned(ByteBuffer buffer) {
        return buffer.isDirect()
                && buffer.remaining() % FileLayout.BLOCK_BYTES == 0
                && buffer.alignmentOffset(buffer.position(), FileLayout.BLOCK_BYTES) == 0;
    }
}
