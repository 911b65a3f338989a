package dev.kvasir.benchmarks.serving;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * An incremental parser of server-sent events, after the WHATWG's "event stream interpretation". Bytes come in as the network
 * cuts them, even in the middle of a character or of a CR LF pair; each event goes out as soon as its blank line is there. An
 * event that the end of the stream cuts off is dropped, as the standard says.
 */
final class SseParser {
    /** An event longer than this is an attack or a mistake. */
    static final int MAX_EVENT_BYTES = 1 << 20;

    private final Consumer<SseEvent> sink;
    private byte[] line = new byte[512];
    private int lineBytes;
    private int eventBytes;
    private boolean lastWasCarriageReturn;
    private boolean atStart = true;

    private final StringBuilder data = new StringBuilder();
    private boolean hasData;
    private String type = "";

    SseParser(Consumer<SseEvent> sink) {
        this.sink = sink;
    }

    /**
     * Takes all remaining bytes.
     *
     * @throws IllegalStateException if an event gets longer than {@link #MAX_EVENT_BYTES}
     */
    void feed(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            byte b = bytes.get();
            boolean endsPair = b == '\n' && lastWasCarriageReturn;
            lastWasCarriageReturn = b == '\r';
            if (endsPair) {
                continue;
            }
            if (b == '\n' || b == '\r') {
                endLine();
            } else {
                append(b);
            }
        }
    }

    private void append(byte b) {
        if (++eventBytes > MAX_EVENT_BYTES) {
            throw new IllegalStateException("an event is longer than " + MAX_EVENT_BYTES + " bytes");
        }
        if (lineBytes == line.length) {
            line = Arrays.copyOf(line, 2 * lineBytes);
        }
        line[lineBytes++] = b;
    }

    private void endLine() {
        String text = new String(line, 0, lineBytes, StandardCharsets.UTF_8);
        lineBytes = 0;
        if (atStart) {
            atStart = false;
            if (text.startsWith("\uFEFF")) {
                text = text.substring(1);
            }
        }
        if (text.isEmpty()) {
            dispatch();
            return;
        }
        int colon = text.indexOf(':');
        String field = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + 1);
        if (value.startsWith(" ")) {
            value = value.substring(1);
        }
        // A comment is a field with an empty name; id and retry serve reconnection, which a measurement never does.
        switch (field) {
            case "data" -> {
                if (hasData) {
                    data.append('\n');
                }
                data.append(value);
                hasData = true;
            }
            case "event" -> type = value;
            default -> {}
        }
    }

    private void dispatch() {
        if (hasData) {
            sink.accept(new SseEvent(type.isEmpty() ? SseEvent.MESSAGE : type, data.toString()));
        }
        data.setLength(0);
        hasData = false;
        type = "";
        eventBytes = 0;
    }
}
