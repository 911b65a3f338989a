package dev.kvasir.runner.checkpoint;

import dev.kvasir.runner.ModelLoadException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SHA-256 over a model's config and weights: the root of every segment's identity. Reading all weights takes seconds, so the
 * result is kept in a cache file that is good as long as path, size and modification time of every file stay as they were.
 */
final class Fingerprint {
    private static final Logger LOG = LoggerFactory.getLogger(Fingerprint.class);
    private static final String MAGIC = "kvasir-fingerprint 1";
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int MAX_CACHE_BYTES = 4 << 20;

    private Fingerprint() {}

    /** Returns the cached digest of these files, or computes and caches it. */
    static byte[] of(List<Path> files, Path cacheDirectory) {
        String key = key(files);
        Path cache = cacheDirectory.resolve("fingerprint-" + hex(sha256().digest(firstLine(key))) + ".txt");
        Optional<byte[]> cached = read(cache, key);
        if (cached.isPresent()) {
            return cached.get();
        }
        byte[] digest = compute(files);
        // Files that changed while they were read have no digest worth keeping.
        if (key.equals(key(files))) {
            write(cache, key, digest);
        }
        return digest;
    }

    /** Returns the digest: each file's length, then its bytes. */
    static byte[] compute(List<Path> files) {
        MessageDigest digest = sha256();
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
        for (Path file : files) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                digest.update(ByteBuffer.allocate(Long.BYTES).putLong(0, channel.size()));
                while (channel.read(chunk.clear()) >= 0) {
                    digest.update(chunk.flip());
                }
            } catch (IOException e) {
                throw new ModelLoadException(JsonFile.name(file) + " can't be read: " + e, e);
            }
        }
        return digest.digest();
    }

    /** Returns what the digest depends on, one line per file; a change of any means a new computation. */
    private static String key(List<Path> files) {
        StringBuilder key = new StringBuilder();
        for (Path file : files) {
            try {
                Path real = file.toRealPath();
                key.append(file.toAbsolutePath().normalize())
                        .append('\t')
                        .append(real)
                        .append('\t')
                        .append(Files.size(real))
                        .append('\t')
                        .append(Files.getLastModifiedTime(real).to(TimeUnit.NANOSECONDS))
                        .append('\n');
            } catch (IOException e) {
                throw new ModelLoadException(JsonFile.name(file) + " can't be read: " + e, e);
            }
        }
        return key.toString();
    }

    /** The first file's path names the cache file, so that a model that changes doesn't leave one behind each time. */
    private static byte[] firstLine(String key) {
        return key.substring(0, key.indexOf('\t')).getBytes(StandardCharsets.UTF_8);
    }

    private static Optional<byte[]> read(Path cache, String key) {
        try {
            if (!Files.exists(cache) || Files.size(cache) > MAX_CACHE_BYTES) {
                return Optional.empty();
            }
            // Decoded leniently on purpose: damage makes it differ from what is expected, whatever it decodes to.
            String content = new String(Files.readAllBytes(cache), StandardCharsets.UTF_8);
            int digestAt = content.length() - 65;
            if (digestAt < 0) {
                return Optional.empty();
            }
            String digest = content.substring(digestAt, digestAt + 64);
            if (!digest.matches("[0-9a-f]{64}")
                    || !content.equals(content(key, HexFormat.of().parseHex(digest)))) {
                return Optional.empty();
            }
            return Optional.of(HexFormat.of().parseHex(digest));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static void write(Path cache, String key, byte[] digest) {
        try {
            Path directory = cache.toAbsolutePath().getParent();
            if (directory == null) {
                return;
            }
            Files.createDirectories(directory);
            Path temporary = Files.createTempFile(directory, "fingerprint", ".tmp");
            Files.writeString(temporary, content(key, digest));
            Files.move(temporary, cache, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("the model's fingerprint can't be cached in {} and will be computed at each start: {}", cache, e);
        }
    }

    /** The file's whole content; a digest of key and fingerprint catches a flipped digit. */
    private static String content(String key, byte[] digest) {
        MessageDigest check = sha256();
        check.update(key.getBytes(StandardCharsets.UTF_8));
        check.update(digest);
        return MAGIC + "\n" + key + "check " + hex(check.digest()) + "\n" + hex(digest) + "\n";
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
