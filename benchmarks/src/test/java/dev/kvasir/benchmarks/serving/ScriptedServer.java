package dev.kvasir.benchmarks.serving;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server in this process whose answers, and their times on a {@link ScriptedClock}, a test writes. */
final class ScriptedServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What a route does. */
    interface Route {
        void answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Route> routes = new ConcurrentHashMap<>();
    final List<JsonNode> bodies = new CopyOnWriteArrayList<>();
    final List<String> authorizations = new CopyOnWriteArrayList<>();

    ScriptedServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    ScriptedServer route(String path, Route route) {
        routes.put(path, route);
        return this;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            if (body.length > 0) {
                bodies.add(JSON.readTree(body));
            }
            authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            Route route =
                    routes.getOrDefault(exchange.getRequestURI().getPath(), text(404, "text/plain", "no such route"));
            route.answer(exchange);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns a route with a fixed answer. */
    static Route text(int status, String type, String body) {
        return exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        };
    }

    static Route json(String body) {
        return text(200, "application/json", body);
    }

    /** Starts the script of an event stream. */
    static Script stream(ScriptedClock clock) {
        return new Script(clock);
    }

    /** A route that sends events, each at its time; the clock goes on from the time that it shows when the request comes. */
    static final class Script implements Route {
        private final ScriptedClock clock;
        private final List<Moment> moments = new ArrayList<>();

        private Script(ScriptedClock clock) {
            this.clock = clock;
        }

        /** Adds bytes that the client is to see so many milliseconds after whatever came before them. */
        Script after(long millis, String events) {
            moments.add(new Moment(millis, events, true));
            return this;
        }

        /** Adds bytes that hold no whole event, so that the client doesn't look at its clock. */
        Script unseen(String bytes) {
            moments.add(new Moment(0, bytes, false));
            return this;
        }

        @Override
        public void answer(HttpExchange exchange) throws IOException, InterruptedException {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            for (Moment moment : moments) {
                long reads = clock.reads();
                clock.advance(moment.millis * 1_000_000);
                out.write(moment.bytes.getBytes(StandardCharsets.UTF_8));
                out.flush();
                if (moment.isSeen) {
                    clock.awaitReads(reads + 1);
                }
            }
        }

        private record Moment(long millis, String bytes, boolean isSeen) {}
    }

    /** Returns the event of a completion chunk. */
    static String completion(String text) {
        return event("{'choices':[{'index':0,'text':'" + text + "','finish_reason':null}]}");
    }

    /** Returns the event of a chat chunk. */
    static String chat(String delta) {
        return event("{'choices':[{'index':0,'delta':" + delta + ",'finish_reason':null}]}");
    }

    /** Returns the events that end a completion: finish reason, usage, done. */
    static String end(int promptTokens, int outputTokens, int cachedTokens) {
        return event("{'choices':[{'index':0,'text':'','finish_reason':'length'}]}")
                + event("{'choices':[],'usage':{'prompt_tokens':" + promptTokens + ",'completion_tokens':"
                        + outputTokens + ",'prompt_tokens_details':{'cached_tokens':" + cachedTokens + "}}}")
                + "data: [DONE]\n\n";
    }

    /** Returns an event; single quotes stand for double ones. */
    static String event(String json) {
        return "data: " + json.replace('\'', '"') + "\n\n";
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
