package dev.kvasir.engine.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys in files. */
class KeySourcesTest {
    @TempDir
    private Path folder;

    @Test
    void keysOfSettingsAndFilesAreOneList() throws Exception {
        Path clients = file("clients", "# ours\n\nalice:alice-key-1\r\n   nameless-key  \n");
        Path admins = file("admins", "root:root-key-1");
        KeySources sources = new SettingsReader()
                .set(List.of(
                        "http.apiKeys=[bob:bob-key-12]",
                        "http.apiKeysFile=" + clients,
                        "http.adminKeysFile=" + admins,
                        "http.host=0.0.0.0"))
                .read()
                .http()
                .keys();
        Keys keys = sources.parse(sources.read());
        assertThat(keys.clients())
                .extracting(ApiKey::tenant)
                .startsWith("bob", "alice")
                .hasSize(3);
        assertThat(keys.clients().get(2).matches(ApiKey.sha256("nameless-key"))).isTrue();
        assertThat(keys.admins()).extracting(ApiKey::tenant).containsExactly("root");
        assertThat(keys.admin(ApiKey.sha256("alice-key-1"))).isNull();
        assertThat(keys.client(ApiKey.sha256("bob-key-12"))).isNotNull();
        assertThat(keys.client(ApiKey.sha256("bob-key-1"))).isNull();
        assertThat(sources.toString() + keys).doesNotContain("key-1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|holds no key",
                "'# nothing\n\n'|holds no key",
                "'alice:alice-key-1\nshort'|line 2 of http.apiKeysFile holds a key that isn't 8 to 512",
                "'alice:alice-key-1\nbad/name:alice-key-2'|line 2 of http.apiKeysFile holds a name",
                "'alice:alice-key-1\nnot a-key-at-all'|line 2 of http.apiKeysFile holds a key that isn't",
                "'a:equal-key-1\nb:other-key\na:equal-key-1'|lines 1 and 3 of http.apiKeysFile are one key",
                "'a:equal-key-1\nb:equal-key-1'|lines 1 and 2 of http.apiKeysFile are one key",
                "'a:equal-key-1 requests=-1'|line 1 of http.apiKeysFile has something behind a key",
                "'a:equal-key-1 tokens=1 tokens=2'|each once at most",
                "'a:equal-key-1 equal-key-2'|line 1 of http.apiKeysFile has something behind a key",
                "'a:schlüssel'|line 1 of http.apiKeysFile holds a key that isn't"
            })
    void aFileThatIsNoneIsToldByLineAndNeverByKey(String contents, String sentence) throws Exception {
        KeySources sources = sources(file("keys", contents));
        assertThatThrownBy(() -> sources.parse(sources.read()))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(sentence)
                .hasMessageNotContaining("alice")
                .hasMessageNotContaining("equal-key")
                .hasMessageNotContaining("\n");
    }

    @Test
    void aKeyMayHaveLimitsOfItsOwn() throws Exception {
        KeySources sources =
                sources(file("limits", "a:aaaaaaaa requests=60\ttokens=0\nb:bbbbbbbb\nc:cccccccc concurrent=2"));
        List<ApiKey> keys = sources.parse(sources.read()).clients();
        KeyLimits defaults = new KeyLimits(1, 2, 3);
        assertThat(keys)
                .extracting(key -> key.limits().or(defaults))
                .containsExactly(new KeyLimits(60, 0, 3), defaults, new KeyLimits(1, 2, 2));
    }

    @Test
    void aFileIsBoundedAndItsOwnersAlone() throws Exception {
        KeySources tooMany = sources(file(
                "many",
                IntStream.range(0, 4097).mapToObj(i -> "key-number-" + i).collect(Collectors.joining("\n"))));
        assertThatThrownBy(() -> tooMany.parse(tooMany.read())).hasMessageContaining("more than 4096 keys");
        Path file = file("long", "#".repeat((1 << 20) + 1));
        assertThatThrownBy(() -> sources(file).read()).hasMessageContaining("longer than 1048576 bytes");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> sources(file).read()).hasMessageContaining("is open to others");
        assertThatThrownBy(() -> sources(folder.resolve("none")).read())
                .hasMessageContaining("can't read http.apiKeysFile");
    }

    private Path file(String name, String contents) throws IOException {
        Path file = Files.writeString(folder.resolve(name), contents);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static KeySources sources(Path file) {
        return new KeySources(List.of(), file, List.of(), null);
    }
}
