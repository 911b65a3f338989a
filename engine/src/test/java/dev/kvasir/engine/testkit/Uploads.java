package dev.kvasir.engine.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;

/** Uploads files and asks for batches, as a client of a server's address. */
public final class Uploads {
    private static final String BOUNDARY = "----kvasir-test";

    private final HttpClient client = HttpClient.newHttpClient();
    private final String address;
    private final String key;

    public Uploads(String address, String key) {
        this.address = address;
        this.key = key;
    }

    /** Returns a form with a file and a purpose; an empty one of these is left out. */
    public static String form(String filename, String content, String purpose) {
        StringBuilder form = new StringBuilder();
        if (!purpose.isEmpty()) {
            form.append("--").append(BOUNDARY).append("\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\n");
            form.append(purpose).append("\r\n");
        }
        if (!filename.isEmpty()) {
            form.append("--").append(BOUNDARY);
            form.append("\r\ncontent-disposition: form-data; name=\"file\"; filename=\"" + filename + "\"\r\n");
            form.append("content-type: application/octet-stream\r\n\r\n")
                    .append(content)
                    .append("\r\n");
        }
        return form.append("--").append(BOUNDARY).append("--\r\n").toString();
    }

    public HttpResponse<String> send(String method, String path, String type, String body) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address + path))
                .header("authorization", "Bearer " + key)
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body));
        if (!body.isEmpty()) {
            request.header("content-type", type);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    public HttpResponse<String> sendForm(String form) throws Exception {
        return send("POST", "/v1/files", "multipart/form-data; boundary=" + BOUNDARY, form);
    }

    public HttpResponse<String> get(String path) throws Exception {
        return send("GET", path, "", "");
    }

    public HttpResponse<String> post(String path, String body) throws Exception {
        return send("POST", path, "application/json", body);
    }

    private static JsonNode ok(HttpResponse<String> response) {
        if (response.statusCode() != 200) {
            throw new AssertionError(response.statusCode() + " " + response.body());
        }
        return TestServer.json(response.body());
    }

    public JsonNode json(String path) throws Exception {
        return ok(get(path));
    }

    public JsonNode cancel(String batch) throws Exception {
        return ok(post("/v1/batches/" + batch + "/cancel", ""));
    }

    /** Uploads a file and returns its id. */
    public String upload(String content) throws Exception {
        return ok(sendForm(form("input.jsonl", content, "batch"))).path("id").asText();
    }

    /** Creates a batch and returns its id. */
    public String create(String file, String endpoint, String window) throws Exception {
        String body = "{\"input_file_id\":\"" + file + "\",\"endpoint\":\"" + endpoint + "\",\"completion_window\":\""
                + window + "\",\"metadata\":{\"a\":\"b\"}}";
        return ok(post("/v1/batches", body)).path("id").asText();
    }

    public JsonNode batch(String id) throws Exception {
        return json("/v1/batches/" + id);
    }

    /** Waits until a batch is over. */
    public JsonNode await(String id) {
        JsonNode[] last = new JsonNode[1];
        TestServer.await("the end of batch " + id, () -> {
            try {
                last[0] = batch(id);
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            return last[0].path("status").asText().matches("completed|failed|expired|cancelled");
        });
        return last[0];
    }

    /** Returns the lines of a file. */
    public List<JsonNode> lines(JsonNode batch, String which) throws Exception {
        List<JsonNode> lines = new ArrayList<>();
        if (!batch.path(which).isNull()) {
            HttpResponse<String> content = get("/v1/files/" + batch.path(which).asText() + "/content");
            if (content.statusCode() != 200) {
                throw new AssertionError(content.statusCode() + " " + content.body());
            }
            content.body().lines().forEach(line -> lines.add(TestServer.json(line)));
        }
        return lines;
    }
}
