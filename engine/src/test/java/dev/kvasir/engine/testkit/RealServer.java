package dev.kvasir.engine.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.engine.Server;
import dev.kvasir.engine.config.SettingsReader;
import dev.kvasir.engine.serving.ServedModel;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A server of a model directory on a free port. */
public final class RealServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    public final Server server;
    private final HttpClient client = HttpClient.newHttpClient();

    /** @param load loads what the settings name */
    public RealServer(Path model, Function<dev.kvasir.engine.config.Settings, ServedModel> load, String... settings) {
        List<String> all = new ArrayList<>(List.of(
                "http.port=0", "data.dir=" + TestServer.temporary(), "model.path=" + model, "pool.deviceBytes=64MiB"));
        all.addAll(List.of(settings));
        server = new Server(new SettingsReader().set(all).read());
        server.start(load);
    }

    public HttpResponse<String> post(String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.address() + path))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    /** Posts, expects 200 and returns the body. */
    public JsonNode ok(String path, JsonNode body) throws Exception {
        HttpResponse<String> response = post(path, body.toString());
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + " " + response.body() + "\n" + body);
        }
        return JSON.readTree(response.body());
    }

    @Override
    public void close() {
        server.close();
    }
}
