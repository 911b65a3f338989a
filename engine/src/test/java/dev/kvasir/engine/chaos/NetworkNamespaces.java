package dev.kvasir.engine.chaos;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hosts that aren't there: network namespaces, each with a cable to a switch, which is a namespace, too, and has two bridges. Taking a host's cable out of one
 * and putting it into the other parts it from those that stay.
 *
 * <pre>
 *   this process ---- 10.203.x.4i+1/30 ---- host i ---- 10.203.0.1+i/24 ---- switch
 *                     never harmed                      what nodes say to each other
 * </pre>
 *
 * <p>Names begin with {@code kvasir-chaos-} and this process' id. A start removes what others left whose process is gone.
 */
final class NetworkNamespaces implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NetworkNamespaces.class);
    private static final String NAME = "kvasir-chaos-";
    private static final String NET = "10.203.";
    private static final Pattern COUNTER = Pattern.compile("counter packets (\\d+)");

    private final String base = NAME + ProcessHandle.current().pid();
    private final String hub = base + "-switch";
    private final int subnet;
    private final int hosts;

    /** Makes them. */
    NetworkNamespaces(int hosts) throws IOException {
        if (hosts < 1 || hosts > 9) {
            throw new IllegalArgumentException(hosts + " hosts don't have names of one digit");
        }
        this.hosts = hosts;
        removeLeftovers();
        subnet = freeSubnet();
        try {
            in(null, "netns add " + hub);
            in(hub, "link add name one type bridge");
            in(hub, "link add name two type bridge");
            in(hub, "link set one up");
            in(hub, "link set two up");
            for (int host = 0; host < hosts; host++) {
                add(host);
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** Returns why there can't be any here, or an empty text. */
    static String whyNot() {
        String probe = NAME + ProcessHandle.current().pid() + "-probe";
        try {
            in(null, "netns add " + probe);
            try {
                in(probe, "link add name one type bridge");
                in(probe, "link add name here type veth peer name there");
            } finally {
                in(null, "netns del " + probe);
            }
            return "";
        } catch (IOException e) {
            return "no network namespaces can be made here: " + e.getMessage();
        }
    }

    private void add(int host) throws IOException {
        String name = name(host);
        in(null, "netns add " + name);
        in(name, "link set lo up");
        in(name, "link add name data type veth peer name port" + host + " netns " + hub);
        in(name, "addr add " + address(host) + "/24 dev data");
        in(name, "addr add " + relayAddress(host) + "/24 dev data");
        in(name, "link set data up");
        in(hub, "link set port" + host + " master one up");
        String ours = "kvc" + ProcessHandle.current().pid() + "h" + host;
        in(null, "link add name " + ours + " type veth peer name door netns " + name);
        in(null, "addr add " + NET + subnet + "." + (4 * host + 1) + "/30 dev " + ours);
        in(null, "link set " + ours + " up");
        in(name, "addr add " + door(host) + "/30 dev door");
        in(name, "link set door up");
    }

    /** Returns a network of ours that this machine has no address in. */
    private static int freeSubnet() throws IOException {
        String taken = in(null, "-o addr");
        for (int candidate = 1; candidate < 255; candidate++) {
            if (!taken.contains(" " + NET + candidate + ".")) {
                return candidate;
            }
        }
        throw new IOException("all of " + NET + "x are taken");
    }

    private static void removeLeftovers() throws IOException {
        for (String line : in(null, "netns list").lines().toList()) {
            String name = line.split(" ")[0];
            if (name.startsWith(NAME)) {
                long owner = Long.parseLong(name.substring(NAME.length()).split("-")[0]);
                if (owner == ProcessHandle.current().pid()
                        || ProcessHandle.of(owner).isEmpty()) {
                    log.info("removing {}, which somebody left", name);
                    remove(name);
                }
            }
        }
    }

    /** Ends what runs there, and removes it; its cables go with it. */
    private static void remove(String name) throws IOException {
        for (String pid : in(null, "netns pids " + name).lines().toList()) {
            ProcessHandle.of(Long.parseLong(pid.strip())).ifPresent(ProcessHandle::destroyForcibly);
        }
        in(null, "netns del " + name);
    }

    private String name(int host) {
        return base + "-" + host;
    }

    int count() {
        return hosts;
    }

    /** Returns the address at which a host is known to the others. */
    String address(int host) {
        return NET + "0." + (1 + host);
    }

    /** Returns a host's second address there, for a relay. */
    String relayAddress(int host) {
        return NET + "0." + (101 + host);
    }

    /** Returns the address at which this process reaches a host, whatever happens between hosts. */
    String door(int host) {
        return NET + subnet + "." + (4 * host + 2);
    }

    /** Returns what to put before a command that is to run on a host. */
    List<String> on(int host) {
        return List.of("ip", "netns", "exec", name(host));
    }

    /** Parts these hosts from all others. */
    void part(Set<Integer> some) throws IOException {
        for (int host : some) {
            in(hub, "link set port" + host + " master two");
        }
    }

    /** Puts all hosts together again. */
    void heal() throws IOException {
        for (int host = 0; host < hosts; host++) {
            in(hub, "link set port" + host + " master one");
        }
    }

    /** Returns whether packets can be lost here. */
    static boolean hasNft() {
        try {
            Command.run("nft --version");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Loses packets that arrive at hosts.
     *
     * @param percent of them, by chance; 0 for none
     */
    void lose(int percent) throws IOException {
        for (int host = 0; host < hosts; host++) {
            List<String> nft = new ArrayList<>(on(host));
            nft.addAll(List.of("nft", "-f", "-"));
            Command.run(
                    nft,
                    "table inet loss\ndelete table inet loss\n"
                            + (percent == 0
                                    ? ""
                                    : "table inet loss {\nchain arriving {\ntype filter hook input priority 0;\n"
                                            + "iifname data numgen random mod 100 < " + percent
                                            + " counter drop\n}\n}\n"));
        }
    }

    /** Returns how many packets were lost since {@link #lose}. */
    long lost() throws IOException {
        long lost = 0;
        for (int host = 0; host < hosts; host++) {
            List<String> nft = new ArrayList<>(on(host));
            nft.addAll(List.of("nft", "list", "table", "inet", "loss"));
            Matcher counter = COUNTER.matcher(Command.run(nft, ""));
            lost += counter.find() ? Long.parseLong(counter.group(1)) : 0;
        }
        return lost;
    }

    /** Runs {@code ip} in a namespace. */
    private static String in(@Nullable String namespace, String words) throws IOException {
        return Command.run("ip " + (namespace == null ? "" : "-n " + namespace + " ") + words);
    }

    @Override
    public void close() {
        Set<String> names = new HashSet<>();
        for (int host = 0; host < hosts; host++) {
            names.add(name(host));
        }
        names.add(hub);
        for (String name : names) {
            try {
                remove(name);
            } catch (IOException e) {
                log.debug("{} isn't there", name, e);
            }
        }
    }
}
