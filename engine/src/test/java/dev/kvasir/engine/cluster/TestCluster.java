package dev.kvasir.engine.cluster;

import dev.kvasir.engine.config.ClusterSecret;
import dev.kvasir.engine.config.ClusterSettings;
import dev.kvasir.engine.config.ClusterSettings.Place;
import dev.kvasir.engine.config.ClusterSettings.Role;
import dev.kvasir.engine.config.SettingsReader;
import dev.kvasir.pool.Directory;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A cluster of members in this process, on loopback, with a secret and ports of its own. */
final class TestCluster implements AutoCloseable {
    static final String MODEL = "a model";
    /** The folder with our own file, but for what would make each test wait. */
    private final Path conf;

    static final ClusterTiming QUICK = new ClusterTiming(100, 2000, 5, 1000, 1000);

    final ClusterSecret secret;
    final int port = freePort();
    private final List<ClusterNode> nodes = new ArrayList<>();
    private final Map<Directory, ClusterNode> byDirectory = new HashMap<>();
    /** What each node's listener knows: number by number. */
    private final Map<Integer, Map<Integer, Peer>> peers = new ConcurrentHashMap<>();

    TestCluster() {
        this(31);
    }

    /** Creates a cluster whose maps have so many partitions. */
    TestCluster(int partitions) {
        conf = quick(Path.of("..", "conf", "hazelcast.yaml"), partitions);
        byte[] bytes = new byte[32];
        new SplittableRandom(System.nanoTime()).nextBytes(bytes);
        secret = ClusterSecret.of(bytes);
    }

    private static Path quick(Path shipped, int partitions) {
        try {
            String text = Files.readString(shipped)
                    .replaceAll("(merge\\.\\w+\\.run\\.delay\\.seconds): 5", "$1: 1")
                    .replaceFirst(
                            "  properties:\n", "  properties:\n    hazelcast.partition.count: " + partitions + "\n");
            Path folder = Files.createTempDirectory("kvasir-test");
            Path file = Files.writeString(folder.resolve("hazelcast.yaml"), text);
            folder.toFile().deleteOnExit();
            file.toFile().deleteOnExit();
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort() < 65000 ? socket.getLocalPort() : freePort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ClusterSettings settings(int port, Role role, Place... join) {
        ClusterSettings defaults = new SettingsReader().read().cluster();
        return new ClusterSettings(
                true,
                List.of(join),
                "127.0.0.1",
                port,
                0,
                0,
                role,
                null,
                null,
                null,
                null,
                defaults.reads(),
                defaults.routing(),
                defaults.elastic());
    }

    /** Returns settings of a node that shows a certificate. */
    ClusterSettings settings(ClusterSettings.Tls tls) {
        ClusterSettings plain = settings(port, Role.MIXED);
        return new ClusterSettings(
                true,
                List.of(),
                plain.bind(),
                port,
                0,
                0,
                plain.role(),
                null,
                null,
                null,
                tls,
                plain.reads(),
                plain.routing(),
                plain.elastic());
    }

    ClusterNode start(ClusterSettings settings, ClusterTiming timing) {
        VertxOptions options =
                new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(1).setInternalBlockingPoolSize(2);
        ClusterNode node = ClusterNode.start(settings, secret, options, conf, timing);
        nodes.add(node);
        return node;
    }

    ClusterNode start() {
        return start(settings(port, Role.MIXED), QUICK);
    }

    Directory serve(ClusterNode node, String model, Runnable onFenced) {
        Map<Integer, Peer> known = new ConcurrentHashMap<>();
        peers.put(node.number(), known);
        Directory directory = node.serve(
                model,
                new NodeAddress("127.0.0.1", 1 + node.number() % 65535),
                new PeerListener() {
                    @Override
                    public void onPeer(Peer peer) {
                        known.put(peer.node(), peer);
                    }

                    @Override
                    public void onPeerLeft(int left) {
                        known.remove(left);
                    }
                },
                onFenced);
        byDirectory.put(directory, node);
        return directory;
    }

    Seals seals() {
        return Seals.of(secret);
    }

    Directory serve(ClusterNode node) {
        return serve(node, MODEL, () -> {});
    }

    Directory join() {
        return serve(start());
    }

    ClusterNode node(Directory directory) {
        ClusterNode node = byDirectory.get(directory);
        if (node == null) {
            throw new IllegalArgumentException("not of this cluster");
        }
        return node;
    }

    Map<Integer, Peer> peers(int node) {
        return peers.getOrDefault(node, Map.of());
    }

    /** Waits for what is sure to come; the limit only keeps a broken build from hanging. */
    static void await(String what, BooleanSupplier isSo) {
        long deadline = System.nanoTime() + 240_000_000_000L; // two halves may take a minute to find each other
        while (!isSo.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("never came: " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Kills a member. Hazelcast waits for its own threads then, up to 10 s, when nobody hears of it any more: that isn't waited for. */
    static void crash(ClusterNode node) {
        Thread killer = new Thread(node::crash, "crash");
        killer.setDaemon(true);
        killer.start();
    }

    @Override
    public void close() {
        nodes.forEach(TestCluster::crash);
    }
}
