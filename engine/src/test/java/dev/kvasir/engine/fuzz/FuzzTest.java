package dev.kvasir.engine.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.fuzz.Mutator.Fuzzed;
import dev.kvasir.engine.fuzz.RawClient.Answer;
import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.testing.RandomizedTest;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Mutated requests over every route that the door has: whatever comes, it's answered, by no 5xx but a documented 503, nothing hangs, nothing is left over, and no
 * event loop is busy for long. Routes are the door's own list, so that one that is added later is asked, too.
 */
class FuzzTest {
    private static final String CLIENT = "client-key-1";
    private static final String ROOT = "root-key-1";
    private static final int CLIENTS = 4;
    private static final int LIMIT_MILLIS = 50;
    /** What is compiled only now says nothing about how long a handler takes. */
    private static final int WARM_UP = 400;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(
                TestServer.CONTEXT,
                512,
                TestServer::render,
                "http.apiKeys=[client:" + CLIENT + "]",
                "http.adminKeys=[root:" + ROOT + "]",
                "http.corsOrigins=[https://app.example]",
                "http.maxBodyBytes=1MiB",
                "http.idleSeconds=2");
        server.runner.neverBreak();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void everyRouteIsKnownAndItsSeedsAreRight() throws Exception {
        RawClient client = new RawClient(server.server.port());
        assertThat(server.server.door().routes()).contains("POST /v1/completions", "GET /health", "POST /admin/drain");
        for (String route : server.server.door().routes()) {
            String path = route.substring(route.indexOf(' ') + 1);
            if (!route.startsWith("POST ") || !Seeds.knows(path)) {
                continue;
            }
            for (String body : Seeds.of(path)) {
                byte[] request = ("POST " + path
                                + " HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer "
                                + ROOT + "\r\ncontent-type: application/json\r\ncontent-length: "
                                + body.getBytes(java.nio.charset.StandardCharsets.UTF_8).length + "\r\n\r\n" + body)
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8);
                Answer answer = client.ask(request, false);
                assertThat(answer.status())
                        .as(route + " " + body + "\n" + answer.text())
                        .isEqualTo(200);
            }
        }
        server.awaitIdle();
    }

    @RandomizedTest(1)
    void twoThousandRequests(SplittableRandom random) throws Exception {
        fuzz(random, 2_000);
    }

    @Tag("nightly")
    @RandomizedTest(1)
    void fiftyThousandRequests(SplittableRandom random) throws Exception {
        fuzz(random, 50_000);
    }

    private static void fuzz(SplittableRandom random, int count) throws Exception {
        long seed = random.nextLong();
        run(seed, -WARM_UP, 0);
        long began = System.nanoTime();
        Map<Integer, LongAdder> statuses;
        try (EventLoopWatch watch = new EventLoopWatch(LIMIT_MILLIS)) {
            statuses = run(seed, 0, count);
            assertNothingIsLeft();
            System.out.printf(
                    "%,d mutated requests over %d routes in %.1f s: %s; the busiest handler had %d ms of processor time%n",
                    count,
                    server.server.door().routes().size(),
                    (System.nanoTime() - began) / 1e9,
                    new TreeMap<>(statuses),
                    watch.longestMillis());
            assertThat(watch.found())
                    .as("handlers of more than %d ms of processor time", LIMIT_MILLIS)
                    .isEmpty();
        }
        // Mutations that only ever break requests would test little.
        assertThat(statuses.get(200)).isNotNull();
        assertThat(statuses.get(200).sum()).isGreaterThan(count / 20);
        assertThat(statuses.get(400).sum()).isGreaterThan(count / 10);
    }

    /** Sends requests {@code [from, to)}, each made of its number alone. Returns how many were answered how; 0 for none. */
    private static Map<Integer, LongAdder> run(long seed, int from, int to) throws Exception {
        List<String> routes = server.server.door().routes();
        Map<Integer, LongAdder> statuses = new ConcurrentSkipListMap<>();
        Queue<String> wrong = new ConcurrentLinkedQueue<>();
        AtomicInteger next = new AtomicInteger(from);
        List<Thread> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Thread client = new Thread(() -> {
                RawClient raw = new RawClient(server.server.port());
                for (int n = next.getAndIncrement(); n < to && wrong.size() < 5; n = next.getAndIncrement()) {
                    ask(raw, routes, new SplittableRandom(seed + n), statuses, wrong);
                }
            });
            client.start();
            clients.add(client);
        }
        for (Thread client : clients) {
            client.join();
        }
        assertThat(wrong).isEmpty();
        return statuses;
    }

    private static void ask(
            RawClient client,
            List<String> routes,
            SplittableRandom random,
            Map<Integer, LongAdder> statuses,
            Queue<String> wrong) {
        String route = routes.get(random.nextInt(routes.size()));
        // The one route that would end the test is asked by those who may not.
        List<String> keys = route.contains("drain") ? List.of(CLIENT) : List.of(CLIENT, ROOT);
        Fuzzed fuzzed = new Mutator(random).of(route, keys);
        try {
            if (random.nextInt(12) == 0) {
                int sent = random.nextBoolean() ? fuzzed.bytes().length : random.nextInt(fuzzed.bytes().length + 1);
                client.leave(fuzzed.bytes(), sent, random.nextInt(500));
                return;
            }
            Answer answer = client.ask(fuzzed.bytes(), !fuzzed.isHttp() && random.nextInt(20) > 0);
            statuses.computeIfAbsent(answer.status(), status -> new LongAdder()).increment();
            String problem = problem(fuzzed, answer);
            if (!problem.isEmpty()) {
                wrong.add(problem + "\n" + fuzzed.shown() + "\n--- answer\n" + answer.head() + "\n" + answer.text());
            }
        } catch (SocketTimeoutException e) {
            wrong.add("no answer\n" + fuzzed.shown());
        } catch (Exception e) {
            wrong.add(e + "\n" + fuzzed.shown());
        }
    }

    private static String problem(Fuzzed fuzzed, Answer answer) {
        if (answer.status() == 0) {
            return fuzzed.isHttp() ? "closed without a word" : "";
        }
        boolean isUnknownVersion = answer.status() == 501 && !fuzzed.isHttp(); // the server library's word
        if (answer.status() >= 500 && answer.status() != 503 && !isUnknownVersion) {
            return "a server error";
        }
        if (answer.status() >= 400 && answer.isJson() && answer.body().length > 0) {
            JsonNode error = TestServer.json(answer.text()).path("error");
            if (error.path("message").asText().isBlank()) {
                return "an error without a message";
            }
        }
        if (answer.isStream() && answer.text().contains("\"server_error\"")) {
            return "a server error in a stream";
        }
        return "";
    }

    private static void assertNothingIsLeft() throws Exception {
        server.awaitIdle();
        var door = server.server.door();
        TestServer.await("no exchange", () -> door.exchanges() == 0);
        TestServer.await("no connection", () -> door.connections() == 0);
        TestServer.await("no body", () -> door.bodyBytes() == 0);
        TestServer.await("no request", () -> !server.scheduler().hasWork());
        assertThat(server.scheduler().stats().pool().writing()).isZero();
        assertThat(server.scheduler().stats().pool().pinned()).isZero();
        server.server
                .node()
                .withPool(pool -> {
                    pool.checkInvariants();
                    return true;
                })
                .toCompletableFuture()
                .get();
        server.ok(
                "/v1/completions",
                "{\"model\":\"parrot\",\"prompt\":\"still here\",\"max_tokens\":3}",
                "authorization",
                "Bearer " + CLIENT);
    }
}
