package dev.kvasir.engine.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where keys stand: in the settings, in files, or both.
 *
 * @param apiKeys of clients, in the settings
 * @param apiKeysFile of clients, one a line
 * @param adminKeys of administrators, in the settings
 * @param adminKeysFile of administrators, one a line
 */
public record KeySources(
        List<ApiKey> apiKeys,
        @Nullable Path apiKeysFile,
        List<ApiKey> adminKeys,
        @Nullable Path adminKeysFile) {
    public KeySources {
        apiKeys = List.copyOf(apiKeys);
        adminKeys = List.copyOf(adminKeys);
    }

    static KeySources of(SettingValues values) {
        return new KeySources(
                keys(values, "http.apiKeys"),
                values.optionalPath("http.apiKeysFile"),
                keys(values, "http.adminKeys"),
                values.optionalPath("http.adminKeysFile"));
    }

    private static List<ApiKey> keys(SettingValues values, String setting) {
        return values.list(setting).stream()
                .map(text -> ApiKey.parse(setting, text))
                .toList();
    }

    /** Returns whether clients need a key: a file of keys has one at least. */
    public boolean areSet() {
        return !apiKeys.isEmpty() || apiKeysFile != null;
    }

    /** Returns whether keys stand in a file. */
    public boolean hasFiles() {
        return apiKeysFile != null || adminKeysFile != null;
    }

    /**
     * Returns what the files hold, the clients' first.
     *
     * @throws SettingsException if one can't be read, others may read it, or it's too long
     */
    public List<byte[]> read() {
        return files().stream().map(KeyFile::read).toList();
    }

    /**
     * Returns all keys.
     *
     * @param contents as {@link #read} gave it
     * @throws SettingsException if one holds no key, or something that is none
     */
    public Keys parse(List<byte[]> contents) {
        List<ApiKey> clients = new ArrayList<>(apiKeys);
        List<ApiKey> admins = new ArrayList<>(adminKeys);
        int next = 0;
        for (KeyFile file : files()) {
            (file.path().equals(apiKeysFile) ? clients : admins).addAll(file.parse(contents.get(next++)));
        }
        return new Keys(clients, admins);
    }

    private List<KeyFile> files() {
        List<KeyFile> files = new ArrayList<>();
        if (apiKeysFile != null) {
            files.add(new KeyFile("http.apiKeysFile", apiKeysFile));
        }
        if (adminKeysFile != null) {
            files.add(new KeyFile("http.adminKeysFile", adminKeysFile));
        }
        return files;
    }
}
