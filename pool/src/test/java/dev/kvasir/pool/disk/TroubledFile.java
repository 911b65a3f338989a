package dev.kvasir.pool.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * A file in memory to which everything happens that happens to files: transfers that stop short, errors, a full disk, a
 * process that is killed after some byte, a power failure after which each sector is as it was at some moment since it
 * was last forced.
 */
final class TroubledFile implements BlockFile {
    private static final int SECTOR_BYTES = 512;

    private final SplittableRandom random;
    private byte[] cached = new byte[0]; // what reads see
    private final TreeMap<Integer, List<byte[]>> unforced = new TreeMap<>(); // sector -> what it was, oldest first

    /** Of a hundred transfers, how many stop short. */
    int shortPercent;
    /** Of a hundred transfers, how many fail after some bytes. */
    int errorPercent;
    /** The process dies when it has written so many more bytes. */
    long writableUntilKilled = Long.MAX_VALUE;
    /** Length at which the disk is full. */
    long capacity = Integer.MAX_VALUE;
    /** Whether the disk admits beforehand that it will be full. */
    boolean tellsUsable = true;

    /** Whether it takes whole blocks only, from memory that begins at a block's boundary. */
    boolean direct;

    private boolean killed;

    TroubledFile(SplittableRandom random) {
        this.random = random;
    }

    /** Whoever opens it next finds what was written, as after {@code kill -9}, and no more trouble. */
    void restart() {
        killed = false;
        writableUntilKilled = Long.MAX_VALUE;
        errorPercent = 0;
    }

    boolean isKilled() {
        return killed;
    }

    /** Leaves of what wasn't forced an arbitrary part. */
    void failPower() {
        unforced.forEach((sector, versions) -> {
            int at = sector * SECTOR_BYTES;
            int version = random.nextInt(versions.size() + 1);
            if (version < versions.size() && at < cached.length) {
                byte[] old = versions.get(version);
                System.arraycopy(old, 0, cached, at, Math.min(old.length, cached.length - at));
            }
        });
        unforced.clear();
        restart();
    }

    byte[] content() {
        return cached.clone();
    }

    void setContent(byte[] content) {
        cached = content.clone();
        unforced.clear();
    }

    @Override
    public synchronized int read(ByteBuffer to, long position) throws IOException {
        checkAlive();
        checkBlocks(to, position);
        if (position >= cached.length) {
            return -1;
        }
        int count = transfer((int) Math.min(to.remaining(), cached.length - position));
        to.put(cached, (int) position, count);
        fail();
        return count;
    }

    @Override
    public synchronized int write(ByteBuffer from, long position) throws IOException {
        checkAlive();
        checkBlocks(from, position);
        int count = (int) Math.min(transfer(from.remaining()), writableUntilKilled);
        if (position == 0) {
            count = Math.min(from.remaining(), Math.max(count, SECTOR_BYTES)); // the file header goes down whole
        }
        if (position + count > capacity) {
            throw new IOException("No space left on device");
        }
        writableUntilKilled = Math.max(0, writableUntilKilled - count);
        if (position + count > cached.length) {
            cached = Arrays.copyOf(cached, (int) position + count);
        }
        int first = (int) position / SECTOR_BYTES;
        for (int sector = first; (long) sector * SECTOR_BYTES < position + count; sector++) {
            int at = sector * SECTOR_BYTES;
            unforced.computeIfAbsent(sector, s -> new ArrayList<>())
                    .add(Arrays.copyOfRange(cached, at, Math.min(at + SECTOR_BYTES, cached.length)));
        }
        from.get(cached, (int) position, count);
        if (writableUntilKilled == 0) {
            killed = true;
        }
        checkAlive();
        fail();
        return count;
    }

    @Override
    public synchronized long bytes() throws IOException {
        checkAlive();
        return cached.length;
    }

    @Override
    public synchronized void truncate(long bytes) throws IOException {
        checkAlive();
        if (bytes < cached.length) {
            cached = Arrays.copyOf(cached, (int) bytes);
            unforced.tailMap((int) bytes / SECTOR_BYTES, false).clear(); // what is cut off doesn't come back
        }
    }

    @Override
    public synchronized void force() throws IOException {
        checkAlive();
        unforced.clear();
    }

    @Override
    public synchronized long usableBytes() {
        return tellsUsable ? Math.max(0, capacity - cached.length) : Long.MAX_VALUE;
    }

    @Override
    public void close() {}

    private int transfer(int wanted) {
        return wanted > 1 && !direct && random.nextInt(100) < shortPercent ? random.nextInt(1, wanted) : wanted;
    }

    private void checkBlocks(ByteBuffer buffer, long position) throws IOException {
        int block = FileLayout.BLOCK_BYTES;
        if (direct
                && (position % block != 0
                        || buffer.remaining() % block != 0
                        || !buffer.isDirect()
                        || buffer.alignmentOffset(buffer.position(), block) != 0)) {
            throw new IOException("Invalid argument");
        }
    }

    private void fail() throws IOException {
        if (random.nextInt(100) < errorPercent) {
            throw new IOException("Input/output error");
        }
    }

    private void checkAlive() throws IOException {
        if (killed) {
            throw new IOException("the process is dead");
        }
    }
}
