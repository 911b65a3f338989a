package dev.kvasir.engine.batch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Answers of one batch, in the order in which they came. What was appended as a whole is found again, however the process ends; what wasn't is cut off when the journal is opened.
 * Belongs to one thread.
 *
 * <pre>
 * record   bytes of the payload 4 | CRC-32C of the payload 4 | payload
 * payload  line 4 | whether it succeeded 1 | the answer as a line of JSON
 * </pre>
 */
final class Journal implements AutoCloseable {
    private static final int HEAD = 8;
    private static final int FIXED = 5;
    private static final int MOST_BYTES = 1 << 28;

    private final FileChannel channel;
    private final long[] offsets; // of each line's payload; -1 for none
    private final boolean[] succeeded;
    private int answered;
    private int failed;
    private long end; // of what is whole

    /**
     * Opens a journal, or begins one.
     *
     * @param lines of the batch
     */
    Journal(Path path, int lines) throws IOException {
        channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        offsets = new long[lines];
        succeeded = new boolean[lines];
        Arrays.fill(offsets, -1);
        replay();
        channel.truncate(end);
    }

    private void replay() throws IOException {
        long size = channel.size();
        while (end + HEAD + FIXED <= size) {
            ByteBuffer head = read(end, HEAD);
            int bytes = head.getInt();
            int sum = head.getInt();
            if (bytes < FIXED || bytes > MOST_BYTES || end + HEAD + bytes > size) {
                return;
            }
            ByteBuffer payload = read(end + HEAD, bytes);
            if (sum(payload) != sum) {
                return;
            }
            int line = payload.getInt();
            if (line < 0 || line >= offsets.length) {
                return;
            }
            note(line, payload.get() == 1, end + HEAD);
            end += HEAD + bytes;
        }
    }

    /**
     * Commits an answer; a second one to a line is dropped.
     *
     * @return whether it was the first
     * @throws IOException if it couldn't be written; nothing of it is left then, and it may be tried again
     */
    boolean append(int line, boolean isSuccess, byte[] json) throws IOException {
        if (offsets[line] >= 0) {
            return false;
        }
        ByteBuffer record = ByteBuffer.allocate(HEAD + FIXED + json.length);
        record.position(HEAD);
        record.putInt(line).put((byte) (isSuccess ? 1 : 0)).put(json);
        record.flip().position(HEAD);
        int sum = sum(record.slice());
        record.putInt(0, record.remaining()).putInt(4, sum).position(0);
        int bytes = record.remaining();
        try {
            channel.position(end);
            Disk.writeFully(channel, record);
        } catch (IOException e) {
            channel.truncate(end);
            throw e;
        }
        note(line, isSuccess, end + HEAD);
        end += bytes;
        return true;
    }

    private void note(int line, boolean isSuccess, long offset) {
        if (offsets[line] < 0) {
            offsets[line] = offset;
            succeeded[line] = isSuccess;
            answered++;
            failed += isSuccess ? 0 : 1;
        }
    }

    boolean isAnswered(int line) {
        return offsets[line] >= 0;
    }

    boolean isSuccess(int line) {
        return succeeded[line];
    }

    int answered() {
        return answered;
    }

    int failed() {
        return failed;
    }

    /** Returns a line's answer. */
    byte[] answer(int line) throws IOException {
        int bytes = read(offsets[line] - HEAD, HEAD).getInt();
        byte[] json = new byte[bytes - FIXED];
        read(offsets[line] + FIXED, json.length).get(json);
        return json;
    }

    private ByteBuffer read(long at, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                throw new IOException("the journal ends at " + channel.size() + ", before " + (at + bytes));
            }
        }
        return buffer.flip();
    }

    private static int sum(ByteBuffer payload) {
        CRC32C sum = new CRC32C();
        sum.update(payload.duplicate());
        return (int) sum.getValue();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
