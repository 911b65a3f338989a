package dev.kvasir.engine.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.JsonBody;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One document's changes, told to whoever follows. An event is made once, however many follow. Thread-safe.
 *
 * <pre>
 *   id: EPOCH-7        event: state   data: {"document": {..}, "history": {..}}     the beginning, and after too long a gap
 *   id: EPOCH-8        event: patch   data: {..}                                    a merge patch, once a second
 * </pre>
 */
final class Feed {
    /** A reader that comes back within so many events gets those that it missed. */
    static final int KEPT_EVENTS = 120;

    static final int KEPT_BYTES = 1 << 20;

    private record Event(long number, byte[] bytes) {}

    /** Who follows; {@code events} is told on the publisher's thread, and hands over and returns at once. */
    private record Follower(Consumer<byte[]> events, Runnable onEnd) {}

    private final String epoch;
    private final Supplier<JsonNode> history;
    private final List<Follower> followers = new ArrayList<>();
    private final Deque<Event> recent = new ArrayDeque<>();
    private int recentBytes;
    private ObjectNode document = JsonNodeFactory.instance.objectNode();
    private long number;
    private boolean over;

    /**
     * Creates an empty document.
     *
     * @param epoch begins every event's id, and differs with every start of the server
     * @param history goes along with the whole document
     */
    Feed(String epoch, Supplier<JsonNode> history) {
        this.epoch = epoch;
        this.history = history;
    }

    /** Tells all who follow what has changed. The document is the feed's from now on. */
    synchronized void publish(ObjectNode next) {
        ObjectNode patch = MergePatch.between(document, next);
        document = next;
        if (over) {
            return;
        }
        number++;
        byte[] bytes = event("patch", patch == null ? JsonNodeFactory.instance.objectNode() : patch);
        recent.addLast(new Event(number, bytes));
        recentBytes += bytes.length;
        while (recent.size() > KEPT_EVENTS || recentBytes > KEPT_BYTES) {
            recentBytes -= recent.removeFirst().bytes().length;
        }
        for (Follower follower : List.copyOf(followers)) {
            follower.events().accept(bytes);
        }
    }

    /**
     * Follows from now on.
     *
     * @param lastEventId the last event that the reader has had; null if it had none
     * @param events told at once what the reader lacks, then of each event; on any thread, never two at a time
     * @param onEnd told when there will be no more
     * @return ends it
     */
    synchronized Runnable follow(@Nullable String lastEventId, Consumer<byte[]> events, Runnable onEnd) {
        if (over) {
            onEnd.run();
            return () -> {};
        }
        Follower follower = new Follower(events, onEnd);
        events.accept(missed(lastEventId));
        followers.add(follower);
        return () -> leave(follower);
    }

    /** Returns the whole document as an event, for a reader that has lost track. */
    synchronized byte[] whole() {
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        data.set("document", document);
        data.set("history", history.get());
        return event("state", data);
    }

    /** Ends all. */
    synchronized void close() {
        over = true;
        List.copyOf(followers).forEach(follower -> follower.onEnd().run());
        followers.clear();
    }

    synchronized int followers() {
        return followers.size();
    }

    private synchronized void leave(Follower follower) {
        followers.remove(follower);
    }

    private byte[] missed(@Nullable String lastEventId) {
        long last = numberOf(lastEventId);
        Event oldest = recent.peekFirst();
        if (last < 0 || last > number || oldest == null || last + 1 < oldest.number()) {
            return whole();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        recent.stream().filter(event -> event.number() > last).forEach(event -> bytes.writeBytes(event.bytes()));
        return bytes.toByteArray();
    }

    private long numberOf(@Nullable String id) {
        if (id == null || id.length() > epoch.length() + 16 || !id.startsWith(epoch + '-')) {
            return -1;
        }
        String digits = id.substring(epoch.length() + 1);
        return digits.isEmpty() || !digits.chars().allMatch(c -> c >= '0' && c <= '9') ? -1 : Long.parseLong(digits);
    }

    private byte[] event(String name, JsonNode data) {
        byte[] head =
                ("id: " + epoch + '-' + number + "\nevent: " + name + "\ndata: ").getBytes(StandardCharsets.US_ASCII);
        byte[] json = JsonBody.bytes(data); // has no bare line break
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(head.length + json.length + 2);
        bytes.writeBytes(head);
        bytes.writeBytes(json);
        bytes.write('\n');
        bytes.write('\n');
        return bytes.toByteArray();
    }
}
