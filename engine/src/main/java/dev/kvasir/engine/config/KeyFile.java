package dev.kvasir.engine.config;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A file of keys: one a line, written as in the settings; empty lines and those that begin with {@code #} are none. Messages name lines and never what
 * stands there.
 *
 * @param setting that names it
 */
record KeyFile(String setting, Path path) {
    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_KEYS = 4096;

    /**
     * Reads it.
     *
     * @throws SettingsException if it can't be read, others may read it, or it's too long
     */
    byte[] read() {
        byte[] bytes = SecretFile.read(setting, path, MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            throw new SettingsException(setting + " " + path + " is longer than " + MOST_BYTES + " bytes");
        }
        return bytes;
    }

    /**
     * Returns the keys in it.
     *
     * @param contents as {@link #read} gave it
     * @throws SettingsException if there is none, too many, one twice, or a line that is none
     */
    List<ApiKey> parse(byte[] contents) {
        List<ApiKey> keys = new ArrayList<>();
        Map<ApiKey, Integer> lines = new HashMap<>();
        int number = 0;
        // What isn't ASCII is no key, whatever the encoding.
        for (String line :
                new String(contents, StandardCharsets.ISO_8859_1).lines().toList()) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            ApiKey key = ApiKey.parse("line " + number + " of " + setting, text);
            Integer before = lines.put(key, number);
            if (before != null) {
                throw new SettingsException("lines " + before + " and " + number + " of " + setting + " are one key");
            }
            if (keys.size() == MOST_KEYS) {
                throw new SettingsException(setting + " " + path + " holds more than " + MOST_KEYS + " keys");
            }
            keys.add(key);
        }
        if (keys.isEmpty()) {
            // An empty file must not let everybody in.
            throw new SettingsException(setting + " " + path + " holds no key");
        }
        return keys;
    }
}
