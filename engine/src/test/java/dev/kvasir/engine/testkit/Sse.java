package dev.kvasir.engine.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A stream of events, read to its end by the book.
 *
 * @param events the data of each event that is JSON
 * @param comments lines that began with a colon
 * @param done whether {@code [DONE]} came last
 */
public record Sse(List<JsonNode> events, List<String> comments, boolean done) {
    /** Reads a whole body; anything that isn't framed right is an error. */
    public static Sse parse(String body) {
        List<JsonNode> events = new ArrayList<>();
        List<String> comments = new ArrayList<>();
        boolean done = false;
        if (!body.endsWith("\n\n")) {
            throw new AssertionError("the stream doesn't end with a blank line");
        }
        for (String event : body.split("\n\n", 0)) {
            if (done) {
                throw new AssertionError("something came after [DONE]: " + event);
            }
            if (event.startsWith(":")) {
                comments.add(event);
            } else if (event.equals("data: [DONE]")) {
                done = true;
            } else if (event.startsWith("data: ") && event.indexOf('\n') < 0) {
                events.add(TestServer.json(event.substring(6)));
            } else {
                throw new AssertionError("no event: " + event);
            }
        }
        return new Sse(events, comments, done);
    }

    /** Returns the pieces of a choice's text. */
    public List<String> pieces(int choice) {
        List<String> pieces = new ArrayList<>();
        for (JsonNode event : events) {
            for (JsonNode node : event.path("choices")) {
                if (node.path("index").asInt() == choice) {
                    JsonNode text = node.has("delta") ? node.path("delta").path("content") : node.path("text");
                    if (!text.isMissingNode() && !text.asText().isEmpty()) {
                        pieces.add(text.asText());
                    }
                }
            }
        }
        return pieces;
    }

    public String text(int choice) {
        return String.join("", pieces(choice));
    }

    /** Returns the reasons that ended choices, in the order in which they came. */
    public List<String> reasons() {
        List<String> reasons = new ArrayList<>();
        for (JsonNode event : events) {
            JsonNode reason = event.path("choices").path(0).path("finish_reason");
            if (reason.isTextual()) {
                reasons.add(reason.asText());
            }
        }
        return reasons;
    }
}
