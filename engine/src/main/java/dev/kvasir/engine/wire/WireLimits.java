package dev.kvasir.engine.wire;

/**
 * What bounds a wire.
 *
 * @param maxFrameBytes longest frame, in bytes; one that is coming in on a channel of a link takes as much memory
 * @param recordBytes longest piece of a frame that is sent before another channel may have its turn
 * @param windowBytes what may be on its way to a node on one channel, in bytes, before it says that it has taken it
 * @param queueBytes what may wait for a node on one channel, in bytes; a single frame may be longer
 * @param queueFrames frames that may wait for a node on one channel
 * @param socketBytes size of the system's buffer for sending, 0 for its own choice; small ones keep queries quick, large ones fill long links
 * @param maxHalfOpen connections that haven't proven yet who they are
 * @param handshakeMillis how long they have for it
 * @param pingMillis how often a node is asked whether it's there
 * @param silentPings how many times nothing at all may come before it is taken for lost
 * @param stalledPings how many times it may be late with its answer although bytes come from it
 * @param backoffMinMillis wait before the second attempt to connect, about
 * @param backoffMaxMillis longest wait between two, about
 * @param graceMillis how long frames wait for a link before they are given up
 */
public record WireLimits(
        int maxFrameBytes,
        int recordBytes,
        int windowBytes,
        long queueBytes,
        int queueFrames,
        int socketBytes,
        int maxHalfOpen,
        long handshakeMillis,
        long pingMillis,
        int silentPings,
        int stalledPings,
        long backoffMinMillis,
        long backoffMaxMillis,
        long graceMillis) {
    private static final int MIN_RECORD_BYTES = 64;
    private static final int MAX_RECORD_BYTES = 1 << 20;
    private static final int LONGEST_FRAME = 1 << 30;

    public WireLimits {
        if (maxFrameBytes < 1 || maxFrameBytes > LONGEST_FRAME) {
            throw new IllegalArgumentException("frames of " + maxFrameBytes + " bytes");
        }
        if (recordBytes < MIN_RECORD_BYTES || recordBytes > MAX_RECORD_BYTES) {
            throw new IllegalArgumentException("records of " + recordBytes + " bytes");
        }
        if (windowBytes < 4 * (recordBytes + RecordHeader.OVERHEAD)) {
            throw new IllegalArgumentException(
                    "a window of " + windowBytes + " bytes doesn't keep records of " + recordBytes + " flowing");
        }
        if (queueBytes < 1 || queueFrames < 1 || socketBytes < 0 || maxHalfOpen < 1) {
            throw new IllegalArgumentException("a queue of " + queueBytes + " bytes and " + queueFrames
                    + " frames, a socket of " + socketBytes + " bytes, " + maxHalfOpen + " half-open");
        }
        if (handshakeMillis < 1 || pingMillis < 1 || silentPings < 1 || stalledPings < 1 || graceMillis < 1) {
            throw new IllegalArgumentException("deadlines must be positive");
        }
        if (backoffMinMillis < 1 || backoffMaxMillis < backoffMinMillis) {
            throw new IllegalArgumentException("back off from " + backoffMinMillis + " to " + backoffMaxMillis + " ms");
        }
    }

    /** Returns what suits a network within one room: a node that fell silent is noticed within 3 s. */
    public static WireLimits forFrames(int maxFrameBytes) {
        return new WireLimits(
                maxFrameBytes, 1 << 16, 1 << 22, 1 << 26, 4096, 1 << 20, 64, 3_000, 500, 4, 30, 50, 2_000, 3_000);
    }
}
