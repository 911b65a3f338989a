package dev.kvasir.engine.cluster;

import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastException;
import com.hazelcast.core.HazelcastInstance;
import dev.kvasir.engine.config.ClusterSecret;
import dev.kvasir.engine.config.ClusterSettings;
import dev.kvasir.engine.config.SettingsException;
import dev.kvasir.pool.Directory;
import dev.kvasir.pool.NodeStatus;
import dev.kvasir.pool.SegmentId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process as one of a cluster. {@link #start} makes it a member, with a number and a Vert.x whose event bus reaches all members; {@link #serve} makes it
 * a node, once it has a model and a data plane that listens; {@link #leave} ends both.
 */
public final class ClusterNode implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ClusterNode.class);
    /** Deltas are published there. */
    static final String BUS_ADDRESS = "kvasir.directory";

    private static final String LOGGING = "hazelcast.logging.type";
    private static final long WAIT_SECONDS = 60;

    private final ClusterSettings settings;
    private final HazelcastInstance hazelcast;
    private final Vertx vertx;
    private final Seals seals;
    private final Numbers numbers;
    private final Incarnation self;
    private final ClusterTiming timing;
    private final ClusterCounters counters = new ClusterCounters();
    private volatile @Nullable DirectoryService service;
    private volatile boolean deaf;
    private boolean left;

    private ClusterNode(
            ClusterSettings settings,
            HazelcastInstance hazelcast,
            Vertx vertx,
            Seals seals,
            Numbers numbers,
            Incarnation self,
            ClusterTiming timing) {
        this.settings = settings;
        this.hazelcast = hazelcast;
        this.vertx = vertx;
        this.seals = seals;
        this.numbers = numbers;
        this.self = self;
        this.timing = timing;
    }

    /**
     * Joins the cluster, or begins one if nobody is met; waits for that, some seconds.
     *
     * @param options of the Vert.x to make; its event bus is set up here
     * @param configFolder where {@code hazelcast.yaml} may be
     * @throws SettingsException if it can't be, in one sentence
     */
    public static ClusterNode start(
            ClusterSettings settings,
            ClusterSecret secret,
            VertxOptions options,
            Path configFolder,
            ClusterTiming timing) {
        // Hazelcast looks here before it reads its configuration.
        if (System.getProperty(LOGGING) == null) {
            System.setProperty(LOGGING, "slf4j");
        }
        HazelcastInstance hazelcast;
        try {
            hazelcast = Hazelcast.newHazelcastInstance(MemberConfig.of(settings, secret, configFolder));
        } catch (HazelcastException | IllegalStateException e) {
            throw new SettingsException("can't be a member of a cluster on " + settings.bind() + ", port "
                    + settings.port() + " or the next free one: " + e.getMessage());
        }
        Vertx vertx = null;
        try {
            options.setEventBusOptions(bus(settings));
            vertx = openBus(settings, options, hazelcast);
            // What comes from another member is made of bytes and texts; nothing of it becomes an object of its choice.
            vertx.eventBus().clusterSerializableChecker(name -> false).serializableChecker(name -> false);
            Seals seals = Seals.of(secret);
            Numbers numbers = new Numbers(hazelcast.getMap(Maps.NUMBERS), seals.number());
            Incarnation self = numbers.claim(new SecureRandom());
            log.atInfo()
                    .addKeyValue("node", self.node())
                    .addKeyValue(
                            "member", hazelcast.getCluster().getLocalMember().getAddress())
                    .addKeyValue("members", hazelcast.getCluster().getMembers().size())
                    .log("joined the cluster");
            return new ClusterNode(settings, hazelcast, vertx, seals, numbers, self, timing);
        } catch (RuntimeException e) {
            if (vertx != null) {
                vertx.close();
            }
            hazelcast.getLifecycleService().terminate();
            throw e;
        }
    }

    private static Vertx openBus(ClusterSettings settings, VertxOptions options, HazelcastInstance hazelcast) {
        try {
            return await(Vertx.builder()
                    .with(options)
                    .withClusterManager(new HazelcastClusterManager(hazelcast))
                    .buildClustered());
        } catch (IllegalStateException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new SettingsException("the event bus can't listen on " + settings.bind() + ", port "
                    + (settings.busPort() == 0 ? "any" : settings.busPort()) + ": " + cause.getMessage());
        }
    }

    private static EventBusOptions bus(ClusterSettings settings) {
        EventBusOptions bus = new EventBusOptions()
                .setHost(settings.bind())
                .setPort(settings.busPort())
                .setConnectTimeout(3000);
        ClusterSettings.Tls tls = settings.tls();
        if (tls != null) {
            bus.setSsl(true)
                    .setClientAuth(ClientAuth.REQUIRED)
                    .setKeyCertOptions(new PemKeyCertOptions()
                            .setCertPath(tls.cert().toString())
                            .setKeyPath(tls.key().toString()))
                    .setTrustOptions(new PemTrustOptions().addCertPath(tls.ca().toString()));
        }
        return bus;
    }

    /** Returns the Vert.x whose event bus reaches all members. */
    public Vertx vertx() {
        return vertx;
    }

    /** Returns this node's number. */
    public int number() {
        return self.node();
    }

    /** Returns what was done and dropped. */
    public ClusterCounters counters() {
        return counters;
    }

    /** Returns how many peers there are. */
    public int peers() {
        DirectoryService serving = service;
        return serving == null ? 0 : serving.peers();
    }

    /** Returns how the peers are, as they said last; none before {@link #serve}. Thread-safe. */
    public List<NodeStatus> nodes() {
        DirectoryService serving = service;
        return serving == null ? List.of() : serving.statuses();
    }

    /** Returns what is known of the peers; none before {@link #serve}. Thread-safe. */
    public List<PeerReport> reports() {
        DirectoryService serving = service;
        return serving == null ? List.of() : serving.reports();
    }

    /** Returns which nodes went last, the latest first. Thread-safe. */
    public List<Departure> departures() {
        DirectoryService serving = service;
        return serving == null ? List.of() : serving.departures();
    }

    /** Returns whether this member is the oldest one, which sweeps up after those that are gone. Thread-safe. */
    public boolean isOldest() {
        return hazelcast.getCluster().getMembers().iterator().next().localMember();
    }

    /**
     * Returns by node's number how many segments of a path it holds, this node included, as far as somebody holds the path. A hint, soon. Thread-safe.
     *
     * @param path identities of the segments of a prompt, one after the other
     */
    public CompletableFuture<Map<Integer, Integer>> held(List<SegmentId> path) {
        DirectoryService serving = service;
        return serving == null ? CompletableFuture.completedFuture(Map.of()) : serving.held(path);
    }

    /**
     * Returns by node's number what it holds and whether that is a replica: this node as it has told the others, they as it has understood them. A copy, soon,
     * for who looks after the directory. Thread-safe.
     */
    public CompletableFuture<Map<Integer, Map<SegmentId, Boolean>>> views() {
        DirectoryService serving = service;
        return serving == null ? CompletableFuture.completedFuture(Map.of()) : serving.views();
    }

    /**
     * Becomes a node: says from now on that it is there, and hears of the others that serve the same.
     *
     * @param model what must be the same for segments of one to be of use to the other: fingerprint, dtype, form
     * @param data where this node's data plane listens
     * @param listener hears where the others' do
     * @param onFenced runs if another node turns out to have this one's number, after which nobody hears this one: it must start again
     * @return who holds what; the pool's thread's
     */
    public synchronized Directory serve(String model, NodeAddress data, PeerListener listener, Runnable onFenced) {
        if (service != null || left) {
            throw new IllegalStateException(left ? "the node has left" : "the node serves already");
        }
        EventBus bus = vertx.eventBus();
        DirectoryService serving = new DirectoryService(
                new DirectoryService.Parts(
                        hazelcast,
                        self,
                        seals,
                        timing,
                        counters,
                        bytes -> bus.publish(BUS_ADDRESS, Buffer.buffer(bytes)),
                        numbers,
                        onFenced),
                sha256(model),
                settings.role(),
                data,
                listener);
        await(bus.<Object>consumer(BUS_ADDRESS, message -> onBus(serving, message.body()))
                .completion());
        serving.start();
        service = serving;
        return serving.directory();
    }

    private void onBus(DirectoryService serving, @Nullable Object body) {
        if (deaf) {
            return;
        }
        if (!(body instanceof Buffer buffer)
                || buffer.length() < 1 + Integer.BYTES
                || buffer.length() > Delta.LONGEST) {
            counters.add(ClusterCounters.Count.DROPPED_LENGTH);
        } else if (buffer.getInt(1) != self.node()) { // what this node says itself comes back
            serving.onBus(buffer.getBytes());
        }
    }

    /** Takes leave of the others, closes Vert.x and ends the member; waits for all that. May be called again. */
    public synchronized void leave() {
        if (left) {
            return;
        }
        left = true;
        DirectoryService serving = service;
        if (serving != null) {
            serving.leave();
        }
        try {
            await(vertx.close());
        } catch (IllegalStateException e) {
            log.warn("the event bus didn't end in order", e);
        }
        hazelcast.shutdown();
    }

    /** Leaves. */
    @Override
    public void close() {
        leave();
    }

    /** Ends as a crash would: nobody is told. */
    void crash() {
        synchronized (this) {
            if (left) {
                return;
            }
            left = true;
        }
        hazelcast.getLifecycleService().terminate();
        DirectoryService serving = service;
        if (serving != null) {
            serving.stop();
        }
        vertx.close();
    }

    /** Takes nothing from the bus any more, as if all messages were lost; for tests. */
    void deafen() {
        deaf = true;
    }

    /** Says nothing any more, or speaks again, as a node does whose threads get no time; for tests. */
    void freeze(boolean frozen) {
        DirectoryService serving = service;
        if (serving != null) {
            serving.freeze(frozen);
        }
    }

    /** Returns the member, for tests that look at the maps. */
    HazelcastInstance hazelcast() {
        return hazelcast;
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (TimeoutException e) {
            throw new IllegalStateException("not done within " + WAIT_SECONDS + " s", e);
        }
    }
}
