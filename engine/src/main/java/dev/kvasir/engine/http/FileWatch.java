package dev.kvasir.engine.http;

import dev.kvasir.engine.config.SettingsException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was made of some files, and is made again when they have changed. By content, not by time: links that are switched over and file systems
 * without events are seen, too. Files that are no good change nothing. Thread-safe.
 */
final class FileWatch {
    private static final Logger log = LoggerFactory.getLogger(FileWatch.class);

    private static final byte[] NOTHING = {};

    /** Hears what became of a change. */
    interface Listener {
        void onChange(String what, boolean taken);
    }

    private final String what;
    private final Supplier<List<byte[]>> read;
    private final Consumer<List<byte[]>> take;
    private final Listener listener;

    // Guarded by this
    private byte[] current; // digests, for what the files hold may be secret
    private byte[] seen = NOTHING; // differs from current; taken if it's the same at the next look
    private byte[] refused = NOTHING;
    private String trouble = ""; // why they couldn't be read

    /**
     * Takes the files as they are.
     *
     * @param read reads them all, bounded
     * @param take makes something of them, and throws without a change if they are no good
     * @throws SettingsException that either throws
     */
    FileWatch(String what, Supplier<List<byte[]>> read, Consumer<List<byte[]>> take, Listener listener) {
        this.what = what;
        this.read = read;
        this.take = take;
        this.listener = listener;
        List<byte[]> contents = read.get();
        take.accept(contents);
        current = digest(contents);
    }

    /** Looks at the files. A change is taken at the second look that finds it, so that nothing is read that is half written. */
    synchronized void look() {
        List<byte[]> now;
        try {
            now = read.get();
        } catch (SettingsException e) {
            onTrouble(String.valueOf(e.getMessage()));
            return;
        }
        trouble = "";
        byte[] digest = digest(now);
        boolean isSeen = Arrays.equals(digest, seen);
        seen = NOTHING;
        if (Arrays.equals(digest, current)) {
            refused = NOTHING;
        } else if (isSeen) {
            onChange(now, digest);
        } else if (!Arrays.equals(digest, refused)) {
            seen = digest;
        }
    }

    private void onTrouble(String why) {
        seen = NOTHING;
        if (!why.equals(trouble)) {
            trouble = why;
            refuse(why);
        }
    }

    private void onChange(List<byte[]> contents, byte[] digest) {
        try {
            take.accept(contents);
        } catch (SettingsException e) {
            refused = digest;
            refuse(String.valueOf(e.getMessage()));
            return;
        }
        current = digest;
        refused = NOTHING;
        log.info("{}: files have changed and were taken", what);
        listener.onChange(what, true);
    }

    private void refuse(String why) {
        log.warn("{}: files have changed and are no good, what was there before stays: {}", what, why);
        listener.onChange(what, false);
    }

    private static byte[] digest(List<byte[]> contents) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            for (byte[] content : contents) {
                sha.update(MessageDigest.getInstance("SHA-256").digest(content));
            }
            return sha.digest();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
