package dev.kvasir.engine.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.InvalidConfigurationException;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.JoinConfig;
import com.hazelcast.config.NetworkConfig;
import com.hazelcast.config.TcpIpConfig;
import com.hazelcast.config.YamlConfigBuilder;
import dev.kvasir.engine.config.ClusterSecret;
import dev.kvasir.engine.config.ClusterSettings;
import dev.kvasir.engine.config.ClusterSettings.Place;
import dev.kvasir.engine.config.SettingsException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** The member's configuration: {@code conf/hazelcast.yaml}, and over it what isn't to be had otherwise. */
final class MemberConfig {
    private static final String FILE = "hazelcast.yaml";
    /** Vert.x finds its own name there. */
    private static final String NODE_ID = "__vertx.nodeId";

    private static final int PORTS = 100;
    /** Nodes of one machine that are looked for behind each place that names this machine. */
    private static final int NEIGHBOURS = 8;

    private MemberConfig() {}

    /**
     * Makes it.
     *
     * @param folder where the file may be; else the one that was built in is taken
     */
    static Config of(ClusterSettings settings, ClusterSecret secret, Path folder) {
        Config config = read(folder.resolve(FILE));
        config.setClusterName(name(settings, secret));
        config.getMemberAttributeConfig()
                .setAttribute(NODE_ID, UUID.randomUUID().toString());
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.shutdownhook.enabled", "false"); // the server's drains first
        config.setProperty("hazelcast.socket.bind.any", "false");
        config.getNetworkConfig().getRestApiConfig().setEnabled(false);
        config.getNetworkConfig().getMemcacheProtocolConfig().setEnabled(false);
        config.getManagementCenterConfig().setScriptingEnabled(false).setConsoleEnabled(false);
        config.getJetConfig().setEnabled(false);
        network(config.getNetworkConfig(), settings);
        config.getSerializationConfig().addDataSerializableFactory(HeldBy.FACTORY_ID, HeldBy.FACTORY);
        config.getSerializationConfig().setJavaSerializationFilterConfig(classes());
        return config;
    }

    private static Config read(Path file) {
        try (InputStream yaml = Files.exists(file)
                ? Files.newInputStream(file)
                : Objects.requireNonNull(MemberConfig.class.getResourceAsStream(FILE), "it is built in")) {
            return new YamlConfigBuilder(yaml).build();
        } catch (IOException | InvalidConfigurationException e) {
            throw new SettingsException(
                    file + " can't be used: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "));
        }
    }

    /** Strangers can't guess it, though it keeps nobody out who listens to the network. */
    private static String name(ClusterSettings settings, ClusterSecret secret) {
        return settings.name() != null
                ? settings.name()
                : "kvasir-" + HexFormat.of().formatHex(secret.derive("kvasir cluster name"), 0, 8);
    }

    private static void network(NetworkConfig network, ClusterSettings settings) {
        network.setPort(settings.port()).setPortAutoIncrement(true).setPortCount(PORTS);
        network.getInterfaces().clear().setEnabled(true).addInterface(numeric(settings.bind()));
        JoinConfig join = network.getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        TcpIpConfig members = join.getTcpIpConfig().setEnabled(true).setConnectionTimeoutSeconds(3);
        members.setMembers(List.of());
        List<Place> places =
                settings.join().isEmpty() ? List.of(new Place(settings.bind(), settings.port())) : settings.join();
        places.forEach(place -> add(members, place));
    }

    /** Nodes of one machine are given one place, and sit at the ports behind it. */
    private static void add(TcpIpConfig members, Place place) {
        String host = place.host().contains(":") ? "[" + place.host() + "]" : place.host();
        int last = isThisMachine(place.host()) ? Math.min(65535, place.port() + NEIGHBOURS - 1) : place.port();
        for (int port = place.port(); port <= last; port++) {
            members.addMember(host + ":" + port);
        }
    }

    private static boolean isThisMachine(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false; // may be known later
        }
    }

    private static String numeric(String host) {
        try {
            return InetAddress.getByName(host).getHostAddress();
        } catch (UnknownHostException e) {
            throw new SettingsException("cluster.bind '" + host + "' is no address of this machine");
        }
    }

    /** Classes that Java's serialisation may make: Hazelcast's and Vert.x's own. Ours are never sent that way. */
    private static JavaSerializationFilterConfig classes() {
        JavaSerializationFilterConfig filter = new JavaSerializationFilterConfig().setDefaultsDisabled(true);
        filter.getWhitelist()
                .addPackages("java.lang", "java.util")
                .addPrefixes("[", "com.hazelcast.", "io.vertx.spi.cluster.hazelcast");
        return filter;
    }
}
