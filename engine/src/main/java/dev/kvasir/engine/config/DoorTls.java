package dev.kvasir.engine.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The PEM files of the HTTP door.
 *
 * @param cert its certificate, and those between it and the authority
 * @param key its private key, PKCS#8, readable by its owner only
 */
public record DoorTls(Path cert, Path key) {
    private static final int MOST_BYTES = 1 << 20;
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final byte[] PROBE = "kvasir".getBytes(StandardCharsets.US_ASCII);

    static @Nullable DoorTls of(SettingValues values) {
        Path cert = values.optionalPath("http.tls.cert");
        Path key = values.optionalPath("http.tls.key");
        if (cert == null && key == null) {
            return null;
        }
        if (cert == null || key == null) {
            throw new SettingsException("http.tls.cert and http.tls.key belong together: set both or none");
        }
        return new DoorTls(cert, key);
    }

    /**
     * Returns what the files hold: certificate, then key.
     *
     * @throws SettingsException if one can't be read or is too long, or others may read the key
     */
    public List<byte[]> read() {
        byte[] certificate;
        try (InputStream in = Files.newInputStream(cert)) {
            certificate = in.readNBytes(MOST_BYTES + 1);
        } catch (IOException e) {
            throw new SettingsException("can't read http.tls.cert " + cert + ": " + e);
        }
        byte[] secret = SecretFile.read("http.tls.key", key, MOST_BYTES + 1);
        if (certificate.length > MOST_BYTES || secret.length > MOST_BYTES) {
            throw new SettingsException("http.tls.cert or http.tls.key is longer than " + MOST_BYTES + " bytes");
        }
        return List.of(certificate, secret);
    }

    /**
     * Checks that there is a certificate, a key, and that they are a pair: of two files that are replaced one is replaced first.
     *
     * @param contents as {@link #read} gave it
     * @throws SettingsException if not
     */
    public void check(List<byte[]> contents) {
        PublicKey certified = certified(contents.get(0));
        Matcher pem = KEY.matcher(new String(contents.get(1), StandardCharsets.ISO_8859_1));
        if (!pem.find()) {
            throw new SettingsException("http.tls.key " + key + " holds no PKCS#8 key (-----BEGIN PRIVATE KEY-----)");
        }
        try {
            PrivateKey secret = KeyFactory.getInstance(certified.getAlgorithm())
                    .generatePrivate(
                            new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1))));
            if (!isPair(secret, certified)) {
                throw new SettingsException("http.tls.key is not the key of http.tls.cert");
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            // What the exception says could hold some of the key.
            throw new SettingsException("http.tls.key " + key + " can't be used with http.tls.cert: "
                    + e.getClass().getSimpleName());
        }
    }

    private PublicKey certified(byte[] pem) {
        try {
            Collection<? extends Certificate> chain =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
            if (!chain.isEmpty()) {
                return chain.iterator().next().getPublicKey();
            }
        } catch (GeneralSecurityException e) {
            throw new SettingsException("http.tls.cert " + cert + " is no certificate: " + e.getMessage());
        }
        throw new SettingsException("http.tls.cert " + cert + " holds no certificate");
    }

    private static boolean isPair(PrivateKey secret, PublicKey open) throws GeneralSecurityException {
        String algorithm =
                switch (open.getAlgorithm()) {
                    case "EC" -> "SHA256withECDSA";
                    case "RSA" -> "SHA256withRSA";
                    default -> open.getAlgorithm(); // EdDSA
                };
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(secret);
        signature.update(PROBE);
        byte[] signed = signature.sign();
        signature.initVerify(open);
        signature.update(PROBE);
        return signature.verify(signed);
    }
}
