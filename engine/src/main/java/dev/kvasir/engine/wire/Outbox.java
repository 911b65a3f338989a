package dev.kvasir.engine.wire;

import dev.kvasir.pool.Wire.Channel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What waits for one node: a bounded queue per channel. Thread-safe; frames are read by the wire's thread alone. */
final class Outbox {
    private static final Channel[] CHANNELS = Channel.values();

    private final WireLimits limits;
    private final List<ArrayDeque<OutgoingFrame>> queues = new ArrayList<>();
    private final long[] waiting = new long[CHANNELS.length]; // bytes by channel
    private boolean open = true;

    Outbox(WireLimits limits) {
        this.limits = limits;
        for (int i = 0; i < CHANNELS.length; i++) {
            queues.add(new ArrayDeque<>());
        }
    }

    /** Takes a frame, or says no if too much waits already or the outbox is closed. */
    synchronized boolean offer(Channel channel, OutgoingFrame frame) {
        ArrayDeque<OutgoingFrame> queue = queues.get(channel.ordinal());
        boolean tooLong = waiting[channel.ordinal()] + frame.bytes() > limits.queueBytes() && !queue.isEmpty();
        if (!open || tooLong || queue.size() >= limits.queueFrames()) {
            return false;
        }
        waiting[channel.ordinal()] += frame.bytes();
        queue.add(frame);
        return true;
    }

    /** Returns the frame of a channel that is next, or that is being sent. */
    synchronized @Nullable OutgoingFrame peek(Channel channel) {
        return queues.get(channel.ordinal()).peek();
    }

    /** Takes the next frame of a channel away. */
    synchronized void remove(Channel channel) {
        OutgoingFrame frame = queues.get(channel.ordinal()).remove();
        waiting[channel.ordinal()] -= frame.bytes();
    }

    /** Returns how many bytes wait on all channels. */
    synchronized long waitingBytes() {
        long sum = 0;
        for (long bytes : waiting) {
            sum += bytes;
        }
        return sum;
    }

    /**
     * Gives up everything that waits.
     *
     * @param open whether it takes frames from now on
     * @return how many frames these were
     */
    int giveUp(boolean open) {
        List<OutgoingFrame> frames = new ArrayList<>();
        synchronized (this) {
            this.open = open;
            for (int i = 0; i < CHANNELS.length; i++) {
                frames.addAll(queues.get(i));
                queues.get(i).clear();
                waiting[i] = 0;
            }
        }
        frames.forEach(OutgoingFrame::giveBack);
        return frames.size();
    }

    /** Takes frames from now on. */
    synchronized void open() {
        open = true;
    }

    synchronized boolean isOpen() {
        return open;
    }
}
