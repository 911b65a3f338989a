package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.metrics.Metrics;
import dev.kvasir.engine.serving.Node;
import io.vertx.core.buffer.Buffer;
import java.util.Locale;

/** Answers who operates the server. */
final class OpsHandlers {
    private final DoorContext door;

    OpsHandlers(DoorContext door) {
        this.door = door;
    }

    /** 200 when ready, else 503; the body says what the node is doing. */
    void health(Exchange exchange) {
        Node.Phase phase = door.node.phase();
        ObjectNode body =
                JsonNodeFactory.instance.objectNode().put("status", phase.name().toLowerCase(Locale.ROOT));
        if (phase != Node.Phase.READY) {
            exchange.response().putHeader("retry-after", "1");
        }
        exchange.json(phase == Node.Phase.READY ? 200 : 503, body);
    }

    void metrics(Exchange exchange) {
        DoorContext.Ready ready = door.ready();
        if (ready != null) {
            ready.serving().metrics().refresh();
        }
        exchange.send(200, Metrics.CONTENT_TYPE, Buffer.buffer(door.metrics.scrape()));
    }

    /** Does what SIGTERM does: new work is refused, running work may end, then the process does. */
    void drain(Exchange exchange, byte[] body, Runnable release) {
        release.run();
        exchange.json(202, JsonNodeFactory.instance.objectNode().put("status", "draining"));
        door.onDrainRequest.run();
    }
}
