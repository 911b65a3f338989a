package dev.kvasir.engine.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A stream of events with names, read to its end by the book. Each event's data has its name as {@code type}.
 *
 * @param events the data of each
 */
public record NamedEvents(List<JsonNode> events) {
    /** Reads a whole body; anything that isn't framed right is an error. */
    public static NamedEvents parse(String body) {
        List<JsonNode> events = new ArrayList<>();
        if (!body.endsWith("\n\n")) {
            throw new AssertionError("the stream doesn't end with a blank line: " + body);
        }
        for (String event : body.split("\n\n", 0)) {
            if (event.startsWith(":")) {
                continue;
            }
            String[] lines = event.split("\n", -1);
            if (lines.length != 2 || !lines[0].startsWith("event: ") || !lines[1].startsWith("data: ")) {
                throw new AssertionError("no event: " + event);
            }
            JsonNode data = TestServer.json(lines[1].substring(6));
            if (!data.path("type").asText().equals(lines[0].substring(7))) {
                throw new AssertionError("the name isn't the type: " + event);
            }
            events.add(data);
        }
        return new NamedEvents(events);
    }

    /** Returns the events of a type. */
    public List<JsonNode> of(String type) {
        return events.stream()
                .filter(event -> event.path("type").asText().equals(type))
                .toList();
    }

    /** Returns the types in the order in which they came, each once for a run of the same. */
    public List<String> namesInARow() {
        List<String> names = new ArrayList<>();
        for (JsonNode event : events) {
            String name = event.path("type").asText();
            if (names.isEmpty() || !names.get(names.size() - 1).equals(name)) {
                names.add(name);
            }
        }
        return names;
    }
}
