package dev.kvasir.engine.chaos;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A {@link Relay} on each host, and the rules by which connections to other hosts' nodes go through it. */
final class Relays implements AutoCloseable {
    private static final int FIRST_PORT = 7000;

    private final List<Process> processes = new ArrayList<>();
    private final List<BufferedReader> outputs = new ArrayList<>();

    /** Starts them; to be done before the nodes. */
    Relays(NetworkNamespaces hosts) throws IOException {
        try {
            for (int host = 0; host < hosts.count(); host++) {
                start(hosts, host);
            }
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private void start(NetworkNamespaces hosts, int host) throws IOException {
        List<String> command = new ArrayList<>(hosts.on(host));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Relay.class.getName(),
                hosts.relayAddress(host),
                hosts.address(host)));
        StringBuilder rules =
                new StringBuilder("table ip relay {\nchain leaving {\ntype nat hook output priority -100;\n");
        int port = FIRST_PORT;
        for (int other = 0; other < hosts.count(); other++) {
            for (int target : other == host ? new int[0] : Cluster.PORTS) {
                command.add(port + "=" + hosts.address(other) + ":" + target);
                rules.append("ip saddr != ").append(hosts.relayAddress(host));
                rules.append(" ip daddr ")
                        .append(hosts.address(other))
                        .append(" tcp dport ")
                        .append(target);
                rules.append(" dnat to ")
                        .append(hosts.address(host))
                        .append(':')
                        .append(port)
                        .append('\n');
                port++;
            }
        }
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        processes.add(process);
        outputs.add(process.inputReader(StandardCharsets.UTF_8));
        String word = read(host);
        if (!word.equals("ready")) {
            throw new IOException("the relay on host " + host + " said " + word);
        }
        List<String> nft = new ArrayList<>(hosts.on(host));
        nft.addAll(List.of("nft", "-f", "-"));
        Command.run(nft, rules + "}\n}\n");
    }

    private String read(int host) throws IOException {
        String line = outputs.get(host).readLine();
        if (line == null) {
            throw new IOException("the relay on host " + host + " is gone");
        }
        return line;
    }

    /**
     * Has everything arrive so much later, 0 for at once.
     *
     * @return how often something was delayed until now
     */
    long delay(int millis) throws IOException {
        long late = 0;
        for (int host = 0; host < processes.size(); host++) {
            processes
                    .get(host)
                    .outputWriter(StandardCharsets.UTF_8)
                    .append(millis + "\n")
                    .flush();
            late += Long.parseLong(read(host));
        }
        return late;
    }

    @Override
    public void close() {
        processes.forEach(Process::destroyForcibly);
    }
}
