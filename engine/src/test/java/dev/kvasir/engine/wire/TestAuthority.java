package dev.kvasir.engine.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** An authority that signs nodes' certificates, made with the JDK's keytool. */
public final class TestAuthority {
    private static final String PASSWORD = "only-for-this-test";

    private final Path dir;

    public TestAuthority(Path dir) throws IOException, InterruptedException {
        this.dir = Files.createDirectories(dir);
        keytool("-genkeypair", "-alias", "ca", "-dname", "CN=authority", "-ext", "bc:c", "-ext", "ku:c=keyCertSign");
        keytool("-exportcert", "-rfc", "-alias", "ca", "-file", "ca.pem");
    }

    /** Returns the files of a node that this authority has signed. */
    public WireTls sign(String name) throws IOException, InterruptedException, GeneralSecurityException {
        keytool("-genkeypair", "-alias", name, "-dname", "CN=" + name);
        keytool("-certreq", "-alias", name, "-file", name + ".csr");
        keytool("-gencert", "-rfc", "-alias", "ca", "-infile", name + ".csr", "-outfile", name + ".crt");
        keytool("-importcert", "-noprompt", "-alias", name, "-file", name + ".crt");
        return write(name);
    }

    private WireTls write(String name) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(dir.resolve("store.p12"))) {
            store.load(in, PASSWORD.toCharArray());
        }
        Path key = dir.resolve(name + ".key");
        Path chain = dir.resolve(name + ".pem");
        Files.writeString(
                key,
                pem("PRIVATE KEY", store.getKey(name, PASSWORD.toCharArray()).getEncoded()));
        StringBuilder certificates = new StringBuilder();
        for (Certificate certificate : store.getCertificateChain(name)) {
            certificates.append(pem("CERTIFICATE", certificate.getEncoded()));
        }
        Files.writeString(chain, certificates);
        return new WireTls(key, chain, dir.resolve("ca.pem"));
    }

    private static String pem(String what, byte[] bytes) {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        return "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n";
    }

    private void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", "store.p12", "-storetype", "PKCS12", "-storepass", PASSWORD));
        if (arguments[0].equals("-genkeypair")) {
            command.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2"));
        }
        Process process = new ProcessBuilder(command)
                .directory(dir.toFile())
                .redirectErrorStream(true)
                .start();
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        process.getInputStream().transferTo(said);
        assertThat(process.waitFor()).as(said.toString(StandardCharsets.UTF_8)).isZero();
    }
}
