package dev.kvasir.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.metrics.Metrics;
import dev.kvasir.engine.metrics.WireMetrics;
import dev.kvasir.pool.Wire.Channel;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Two wires' traffic as Prometheus sees it. */
class WireMetricsTest {
    @Test
    void everythingCountedCanBeScraped() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (TestNode one = new TestNode(vertx, 1);
                TestNode two = new TestNode(vertx, 2);
                Metrics metrics = new Metrics()) {
            new WireMetrics(metrics.registry(), "m", one.wire::stats);
            TestNode.join(one, two);
            one.send(2, Channel.TRANSFER, new byte[1000]);
            one.send(2, Channel.TRANSFER, new byte[500]);
            two.send(1, Channel.QUERY, new byte[7]);
            one.send(9, Channel.LOAN, "nobody"); // not counted: there's no such node
            TestNode.await("frames", () -> one.received.size() == 1 && two.received.size() == 2);
            try (Socket stranger = new Socket(InetAddress.getLoopbackAddress(), one.port)) {
                stranger.getOutputStream().write(new byte[100]);
                TestNode.await("a refusal", () -> one.wire.stats().refused(Refused.MALFORMED) == 1);
            }
            String text = metrics.scrape();
            for (String line : List.of(
                    "links_up{model_name=\"m\"} 1.0",
                    "links_total{model_name=\"m\"} 1.0",
                    "reconnects_total{model_name=\"m\"} 0.0",
                    "lost_total{model_name=\"m\"} 0.0",
                    "frames_total{channel=\"transfer\",direction=\"out\",model_name=\"m\"} 2.0",
                    "bytes_total{channel=\"transfer\",direction=\"out\",model_name=\"m\"} 1500.0",
                    "frames_total{channel=\"query\",direction=\"in\",model_name=\"m\"} 1.0",
                    "bytes_total{channel=\"query\",direction=\"in\",model_name=\"m\"} 7.0",
                    "full_total{channel=\"loan\",model_name=\"m\"} 0.0",
                    "refused_total{model_name=\"m\",reason=\"malformed\"} 1.0",
                    "dropped_total{model_name=\"m\",reason=\"bad_tag\"} 0.0")) {
                assertThat(text).contains("\nkvasir_wire_" + line);
            }
        } finally {
            TestNode.get(vertx.close());
        }
    }
}
