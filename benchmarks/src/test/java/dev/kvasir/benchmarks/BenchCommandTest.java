package dev.kvasir.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.Subcommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class BenchCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int execute(String... arguments) {
        return new CommandLine(new BenchCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments);
    }

    @Test
    void isFoundByTheStartScriptsCommandLine() {
        assertThat(ServiceLoader.load(Subcommand.class)).hasAtLeastOneElementOfType(BenchCommand.class);
    }

    @Test
    void helpSaysThatASecondRunHasOtherPrompts() {
        assertThat(execute("--help")).isZero();
        assertThat(out.toString().replaceAll("\\s+", " "))
                .contains("--repeatable", "would look better than the first", "step", "eviction", "make-model", "jmh")
                .doesNotContain("${");
        for (String command :
                new String[] {"isolation", "step", "eviction", "cluster-sim", "kv-quality", "make-model", "jmh"}) {
            assertThat(execute(command, "--help")).isZero();
        }
        assertThat(out.toString()).doesNotContain("${");
    }

    @Test
    void namesTheOptionThatMakesNoSense() {
        assertThat(execute("--rate", "1", "--concurrency", "2")).isEqualTo(2);
        assertThat(err.toString()).contains("--rate and --concurrency exclude each other");
    }

    @Test
    void saysSoWhereNobodyListens() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        assertThat(execute("--url", "http://127.0.0.1:" + port)).isEqualTo(2);
        assertThat(err.toString()).contains("nobody answers");
    }
}
