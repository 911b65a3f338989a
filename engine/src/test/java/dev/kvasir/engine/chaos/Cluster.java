package dev.kvasir.engine.chaos;

import dev.kvasir.engine.ServerProcess;
import dev.kvasir.engine.wire.TestAuthority;
import dev.kvasir.engine.wire.WireTls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Nodes of one cluster, each on a host of its own: a frontend, and others that do everything. Thread-safe. */
final class Cluster implements AutoCloseable {
    private static final String KEY = "only-for-this-test";
    private static final int FRONTEND = 0;
    /** On which nodes listen for each other: members, event bus, data plane. */
    static final int[] PORTS = {5701, 5801, 5901};

    /**
     * A process that is or was a node.
     *
     * @param life which it is of its host's
     */
    record Node(int host, int life, ServerProcess process) {
        boolean hasPool() {
            return host != FRONTEND;
        }

        @Override
        public String toString() {
            return "node " + host + (life == 0 ? "" : " (started again " + life + " times)");
        }
    }

    private final NetworkNamespaces hosts;
    private final Path model;
    private final Path folder;
    private final WireTls tls;
    private final List<Node> nodes = new ArrayList<>(); // by host
    private final Set<Node> killed = new HashSet<>();

    /**
     * Starts one node on each host and waits until they serve.
     *
     * @param folder for what they write; what they complain of stays there in {@code host-*.log}
     */
    Cluster(NetworkNamespaces hosts, int count, Path model, Path folder) throws Exception {
        this.hosts = hosts;
        this.model = model;
        this.folder = folder;
        Files.writeString(folder.resolve("secret"), "0123456789abcdef".repeat(4));
        Files.setPosixFilePermissions(folder.resolve("secret"), PosixFilePermissions.fromString("rw-------"));
        tls = new TestAuthority(folder.resolve("authority")).sign("node");
        List<CompletableFuture<Node>> starting = new ArrayList<>();
        for (int host = 0; host < count; host++) {
            int next = host;
            starting.add(CompletableFuture.supplyAsync(() -> start(next, 0), task -> new Thread(task).start()));
        }
        try {
            for (CompletableFuture<Node> next : starting) {
                nodes.add(next.join());
            }
        } finally {
            starting.forEach(next -> next.thenAccept(node -> {
                if (!nodes.contains(node)) {
                    node.process().close();
                }
            }));
        }
    }

    /** Starts a process that is no node of a cluster, on this machine, for comparison. */
    static ServerProcess single(Path model, Path folder) throws IOException {
        List<String> settings = new ArrayList<>(common(model));
        settings.add("data.dir=" + folder.resolve("single"));
        return ServerProcess.start(folder.resolve("single.log"), List.of(), settings, null);
    }

    private static List<String> common(Path model) {
        return List.of(
                "http.port=0",
                "http.drainSeconds=5",
                "model.path=" + model,
                "model.name=tiny",
                "model.dtype=float32",
                "model.threads=1",
                "pool.segmentTokens=16",
                "pool.deviceBytes=4MiB");
    }

    private Node start(int host, int life) {
        List<String> settings = new ArrayList<>(common(model));
        String members = IntStream.range(0, hosts.count())
                .mapToObj(other -> hosts.address(other) + ":" + PORTS[0])
                .collect(Collectors.joining(","));
        settings.addAll(List.of(
                "http.host=" + hosts.door(host),
                "http.apiKeys=" + KEY,
                "http.adminKeys=" + KEY,
                "data.dir=" + folder.resolve("data-" + host),
                "cluster.enabled=true",
                "cluster.role=" + (host == FRONTEND ? "frontend" : "mixed"),
                "cluster.bind=" + hosts.address(host),
                "cluster.port=" + PORTS[0],
                "cluster.busPort=" + PORTS[1],
                "cluster.dataPort=" + PORTS[2],
                "cluster.join=" + members,
                "cluster.secretFile=" + folder.resolve("secret"),
                "cluster.tls.cert=" + tls.certificate(),
                "cluster.tls.key=" + tls.key(),
                "cluster.tls.ca=" + tls.authority()));
        try {
            Path log = folder.resolve("host-" + host + "-" + life + ".log");
            return new Node(host, life, ServerProcess.start(log, hosts.on(host), settings, KEY));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized List<Node> nodes() {
        return List.copyOf(nodes);
    }

    synchronized Node node(int host) {
        return nodes.get(host);
    }

    /** Returns whether a node's process was replaced, or is about to be. */
    synchronized boolean isGone(Node node) {
        return nodes.get(node.host()) != node || killed.contains(node);
    }

    /** Kills a node; who asks it meanwhile gets no answer. */
    void kill(int host) {
        Node node;
        synchronized (this) {
            node = nodes.get(host);
            killed.add(node);
        }
        node.process().kill();
    }

    /** Starts a node on a host whose node was killed. */
    void restart(int host) {
        Node next = start(host, node(host).life() + 1);
        synchronized (this) {
            nodes.set(host, next);
        }
    }

    @Override
    public void close() {
        nodes().forEach(node -> node.process().close());
    }
}
