package dev.kvasir.engine.wire;

import io.vertx.core.http.ClientAuth;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The PEM files of TLS between nodes, where both sides show a certificate. Whoever has one that the authority signed is let as far as the handshake
 * under the cluster secret: host names aren't looked at, for nodes come and go.
 *
 * @param key this node's private key, PKCS#8
 * @param certificate its certificate, and those between it and the authority
 * @param authority certificates of the authority that signs nodes; of nobody else
 */
public record WireTls(Path key, Path certificate, Path authority) {
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.3");

    ServerSSLOptions server(long handshakeMillis) {
        ServerSSLOptions options = new ServerSSLOptions().setClientAuth(ClientAuth.REQUIRED);
        options.setKeyCertOptions(keyCert())
                .setTrustOptions(trust())
                .setEnabledSecureTransportProtocols(PROTOCOLS)
                .setSslHandshakeTimeout(handshakeMillis)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        return options;
    }

    ClientSSLOptions client(long handshakeMillis) {
        ClientSSLOptions options = new ClientSSLOptions().setHostnameVerificationAlgorithm("");
        options.setKeyCertOptions(keyCert())
                .setTrustOptions(trust())
                .setEnabledSecureTransportProtocols(PROTOCOLS)
                .setSslHandshakeTimeout(handshakeMillis)
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS);
        return options;
    }

    private PemKeyCertOptions keyCert() {
        return new PemKeyCertOptions().addKeyPath(key.toString()).addCertPath(certificate.toString());
    }

    private PemTrustOptions trust() {
        return new PemTrustOptions().addCertPath(authority.toString());
    }
}
