package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.engine.config.SettingsException;
import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.engine.wire.TestAuthority;
import dev.kvasir.engine.wire.WireTls;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The door under TLS, while its certificate changes. */
class TlsServedTest {
    @TempDir
    private Path folder;

    @Test
    void aNewCertificateIsShownAndABrokenOneIsnt() throws Exception {
        TestAuthority authority = new TestAuthority(folder.resolve("ca"));
        WireTls one = authority.sign("one");
        WireTls two = authority.sign("two");
        use("cert", one.certificate());
        use("key", one.key());
        SSLContext trust = trust(one.authority());
        try (TestServer server =
                TestServer.start("http.tls.cert=" + folder.resolve("cert"), "http.tls.key=" + folder.resolve("key"))) {
            assertThat(server.server.address()).startsWith("https://");
            try (SSLSocket before = connect(trust, server)) {
                assertThat(subject(before)).isEqualTo("CN=one");

                use("cert", two.certificate()); // and its key isn't there yet
                look(server);
                assertThat(subject(trust, server)).isEqualTo("CN=one");
                use("key", two.key());
                look(server);
                assertThat(subject(trust, server)).isEqualTo("CN=two");

                Files.writeString(
                        folder.resolve("cert"), "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n");
                look(server);
                Files.writeString(folder.resolve("cert"), "");
                look(server);
                assertThat(subject(trust, server)).isEqualTo("CN=two");

                // Who was there before goes on.
                assertThat(health(before)).startsWith("HTTP/1.1 200");
            }
            try (SSLSocket scraper = connect(trust, server)) {
                assertThat(ask(scraper, "/metrics"))
                        .contains("kvasir_reloads_total{result=\"taken\",what=\"certificate\"} 1.0")
                        .contains("kvasir_reloads_total{result=\"refused\",what=\"certificate\"} 3.0");
            }
        }
    }

    @Test
    void filesThatAreNoGoodStopTheStart() throws Exception {
        WireTls one = new TestAuthority(folder.resolve("ca")).sign("one");
        use("cert", one.certificate());
        Files.writeString(
                folder.resolve("key"), "-----BEGIN RSA PRIVATE KEY-----\nAA==\n-----END RSA PRIVATE KEY-----\n");
        Files.setPosixFilePermissions(folder.resolve("key"), PosixFilePermissions.fromString("rw-------"));
        assertThatThrownBy(this::start).isInstanceOf(SettingsException.class).hasMessageContaining("PKCS#8");
        use("key", one.key());
        Files.setPosixFilePermissions(folder.resolve("key"), PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(this::start).hasMessageContaining("is open to others");
        assertThatThrownBy(() -> TestServer.start("http.tls.cert=" + folder.resolve("cert")))
                .hasMessageContaining("belong together");
    }

    private void start() {
        TestServer.start("http.tls.cert=" + folder.resolve("cert"), "http.tls.key=" + folder.resolve("key"))
                .close();
    }

    private void use(String name, Path from) throws Exception {
        Path next = folder.resolve(name + ".next");
        Files.copy(from, next, StandardCopyOption.REPLACE_EXISTING);
        Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-------"));
        Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void look(TestServer server) {
        server.server.door().lookAtFiles();
        server.server.door().lookAtFiles();
    }

    private static SSLContext trust(Path authority) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(authority)) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    private static SSLSocket connect(SSLContext trust, TestServer server) throws Exception {
        SSLSocket socket = (SSLSocket) trust.getSocketFactory().createSocket("127.0.0.1", server.server.port());
        socket.startHandshake();
        return socket;
    }

    private static String subject(SSLContext trust, TestServer server) throws Exception {
        try (SSLSocket socket = connect(trust, server)) {
            assertThat(health(socket)).startsWith("HTTP/1.1 200");
            return subject(socket);
        }
    }

    private static String subject(SSLSocket socket) throws Exception {
        return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                .getSubjectX500Principal()
                .getName();
    }

    private static String health(SSLSocket socket) throws Exception {
        socket.getOutputStream()
                .write("GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readNBytes(15), StandardCharsets.US_ASCII);
    }

    private static String ask(SSLSocket socket, String path) throws Exception {
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
