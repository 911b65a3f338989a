package dev.kvasir.engine.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How this node is one of several.
 *
 * @param enabled whether it is
 * @param join where others may be met; empty for the base port of the address that is bound
 * @param bind address for what nodes say to each other
 * @param port first port to try for the cluster's members; the next free one is taken
 * @param busPort port of the event bus; 0 for any free one
 * @param dataPort port of the data plane; 0 for any free one
 * @param role what the node does
 * @param name the cluster's; null for one made from the secret
 * @param secret what all nodes know; null if it is in a file
 * @param secretFile that file; null if there is none
 * @param tls certificates of the nodes; null for none
 * @param reads how segments of other nodes are read
 * @param routing which node a request goes to
 * @param elastic whether several nodes compute a long prompt together
 */
public record ClusterSettings(
        boolean enabled,
        List<Place> join,
        String bind,
        int port,
        int busPort,
        int dataPort,
        Role role,
        @Nullable String name,
        @Nullable ClusterSecret secret,
        @Nullable Path secretFile,
        @Nullable Tls tls,
        Reads reads,
        Routing routing,
        Elastic elastic) {
    /** What a node does: everything, hold segments and answer queries, or take requests for others to compute. */
    public enum Role {
        MIXED,
        POOL,
        FRONTEND
    }

    /** How segments of other nodes are read: what is faster by what the link is known to be, always by queries there, or always from copies here. */
    public enum Reads {
        AUTO,
        QUERY,
        FETCH
    }

    /** Which node a request goes to. */
    public enum Routing {
        POOLED,
        CACHE_AWARE,
        LEAST_LOADED,
        ROUND_ROBIN
    }

    /**
     * Whether several nodes compute a prompt together.
     *
     * @param tokens that a prompt has at least which aren't cached
     */
    public record Elastic(ElasticMode mode, int tokens) {}

    /** When several nodes compute a prompt together: never, when it's expected to take less time, or whenever others have nothing to do. */
    public enum ElasticMode {
        OFF,
        AUTO,
        ALWAYS
    }

    /** Certificate, its key, and the authority that signed those of all nodes; PEM files. */
    public record Tls(Path cert, Path key, Path ca) {}

    /** A host's name or address, and a port. */
    public record Place(String host, int port) {
        private static final Pattern WRITTEN =
                Pattern.compile("(\\[[0-9A-Fa-f:.]{2,45}]|[A-Za-z0-9._-]{1,253}):(\\d{1,5})");

        static Place parse(String setting, String text) {
            Matcher matcher = WRITTEN.matcher(text);
            int port = matcher.matches() ? Integer.parseInt(matcher.group(2)) : 0;
            if (port < 1 || port > 65535) {
                throw new SettingsException(
                        setting + " must be places written host:port, not " + SettingValues.quoted(text));
            }
            String host = matcher.group(1);
            return new Place(host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port);
        }
    }

    private static final List<String> LATER_ROLES = List.of("prefill", "decode");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    public ClusterSettings {
        join = List.copyOf(join);
        if (name != null && !NAME.matcher(name).matches()) {
            throw new SettingsException(
                    "cluster.name must be 1 to 64 letters, digits, dots, dashes or underscores, not "
                            + SettingValues.quoted(name));
        }
        if (secret != null && secretFile != null) {
            throw new SettingsException("cluster.secret and cluster.secretFile are both set: give one of them");
        }
        if (enabled && !Addresses.isLoopback("cluster.bind", bind)) {
            String reachable = "cluster.bind " + bind + " can be reached from other machines, which needs ";
            if (secret == null && secretFile == null) {
                throw new SettingsException(reachable + "a secret that all nodes share: set cluster.secretFile or"
                        + " cluster.secret, or keep 127.0.0.1");
            }
            if (tls == null) {
                throw new SettingsException(reachable + "certificates: set cluster.tls.cert, cluster.tls.key and"
                        + " cluster.tls.ca, or keep 127.0.0.1");
            }
        }
    }

    static ClusterSettings of(SettingValues values) {
        String secret = values.optionalText("cluster.secret");
        return new ClusterSettings(
                values.bool("cluster.enabled"),
                places(values.list("cluster.join")),
                values.text("cluster.bind"),
                values.integer("cluster.port", 1, 65000),
                values.integer("cluster.busPort", 0, 65535),
                values.integer("cluster.dataPort", 0, 65535),
                role(values),
                values.optionalText("cluster.name"),
                secret == null ? null : ClusterSecret.parse("cluster.secret", secret),
                values.optionalPath("cluster.secretFile"),
                tls(values),
                values.choice("cluster.reads", Reads.class),
                values.dashedChoice("cluster.routing", Routing.class),
                new Elastic(
                        values.choice("cluster.elastic", ElasticMode.class),
                        values.integer("cluster.elasticTokens", 64, 1 << 24)));
    }

    /** Returns whether only this machine can reach the address that is bound. */
    public boolean isLoopback() {
        return Addresses.isLoopback("cluster.bind", bind);
    }

    private static Role role(SettingValues values) {
        String text = values.text("cluster.role");
        if (LATER_ROLES.contains(text)) {
            throw new SettingsException("cluster.role " + text
                    + " isn't there yet: prefill and decode are not split between nodes; use mixed, pool or frontend");
        }
        return values.choice("cluster.role", Role.class);
    }

    private static List<Place> places(List<String> items) {
        List<Place> places = new ArrayList<>();
        for (String item : items) {
            // The flag gives all of them as one text.
            Arrays.stream(item.split(",", -1))
                    .map(place -> Place.parse("cluster.join", place.strip()))
                    .forEach(places::add);
        }
        return places;
    }

    private static @Nullable Tls tls(SettingValues values) {
        Path cert = file(values, "cluster.tls.cert");
        Path key = file(values, "cluster.tls.key");
        Path ca = file(values, "cluster.tls.ca");
        if (cert != null && key != null && ca != null) {
            return new Tls(cert, key, ca);
        }
        if (cert != null || key != null || ca != null) {
            throw new SettingsException(
                    "cluster.tls.cert, cluster.tls.key and cluster.tls.ca belong together: set all three or none");
        }
        return null;
    }

    private static @Nullable Path file(SettingValues values, String key) {
        Path file = values.optionalPath(key);
        if (file != null && !Files.isReadable(file)) {
            throw new SettingsException(
                    key + " " + SettingValues.quoted(file.toString()) + " is no file that can be read");
        }
        return file;
    }
}
