package dev.kvasir.engine.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kvasir.engine.config.ClusterSettings.Place;
import dev.kvasir.engine.config.Settings.Eviction;
import dev.kvasir.engine.config.Settings.PoolSettings;
import dev.kvasir.engine.config.Settings.Prefetch;
import dev.kvasir.engine.config.Settings.StoredDtype;
import dev.kvasir.engine.config.Settings.WritePolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    private static final String SECRET = "0123456789abcdef0123456789ABCDEF";
    private static final Path SHIPPED = Path.of("..", "conf", "kvasir.yaml");

    @Test
    void theShippedFileHasExactlyTheKnownKeysWithTheirDefaults() throws Exception {
        Map<String, Object> shipped = SettingsReader.valuesIn(SHIPPED);
        assertThat(shipped).containsExactlyEntriesOf(SettingKeys.defaults());
    }

    @Test
    void everyKeyOfTheShippedFileIsExplained() throws Exception {
        List<String> lines = Files.readAllLines(SHIPPED);
        for (int i = 1; i < lines.size(); i++) {
            if (lines.get(i).matches("  (  )?\\w+: .*")) {
                assertThat(lines.get(i - 1)).as(lines.get(i)).matches("  (  )?# .*");
            }
        }
    }

    @Test
    void theDefaultsAreUsable() {
        Settings settings = new SettingsReader().read();
        assertThat(settings.pool().deviceBytes()).isEqualTo(1L << 30);
        assertThat(settings.http().host()).isEqualTo("127.0.0.1");
        assertThat(settings.model().path()).isNull();
        assertThat(settings.model().stepThreads()).isPositive();
    }

    @Test
    void flagsWinOverSetOverTheFileOverDefaults(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("my.yaml");
        Files.writeString(
                file, "http:\n  port: 1\n  drainSeconds: 1\nmodel.name: dotted\nscheduler:\n  maxQueued: 1\n");
        Settings settings = new SettingsReader()
                .file(file)
                .set(List.of("http.port=2", "http.drainSeconds=2"))
                .flag("http.port", "3")
                .flag("http.host", null)
                .read();
        assertThat(settings.http().port()).isEqualTo(3);
        assertThat(settings.http().drainSeconds()).isEqualTo(2);
        assertThat(settings.scheduler().maxQueued()).isEqualTo(1);
        assertThat(settings.scheduler().maxSequences()).isEqualTo(32);
        assertThat(settings.model().name()).isEqualTo("dotted");
    }

    @Test
    void thePoolsSettingsAreTyped() {
        PoolSettings pool = new SettingsReader()
                .set(List.of(
                        "pool.hostBytes=2GiB",
                        "pool.diskBytes=20GiB",
                        "pool.diskPath=/var/kv",
                        "pool.eviction=tinylfu",
                        "pool.writePolicy=selective",
                        "pool.selectiveHits=3",
                        "pool.prefetch=best_effort",
                        "pool.prefetchMillis=250",
                        "pool.storedDtype=int8",
                        "pool.tenantQuota=0.25",
                        "pool.sharedSalts=[system, public docs]",
                        "pool.ioThreads=4"))
                .read()
                .pool();
        assertThat(pool)
                .isEqualTo(new PoolSettings(
                        1L << 30,
                        64,
                        2L << 30,
                        20L << 30,
                        Path.of("/var/kv"),
                        Eviction.TINYLFU,
                        WritePolicy.SELECTIVE,
                        3,
                        Prefetch.BEST_EFFORT,
                        250,
                        StoredDtype.INT8,
                        0.25,
                        List.of("system", "public docs"),
                        4));
    }

    @ParameterizedTest
    @CsvSource({"4MiB,4194304", "1GiB,1073741824", "512KiB,524288", "1024,1024", "2 mib,2097152", "7B,7"})
    void sizesHaveUnits(String text, long bytes) {
        assertThat(SettingValues.parseSize(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"4MB", "-1", "1.5GiB", "99999999999999TiB", "GiB", "''"})
    void otherSizesAreNone(String text) {
        assertThat(SettingValues.parseSize(text)).isEqualTo(-1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "http.prot=1|unknown setting http.prot; did you mean http.port?",
                "port=1|unknown setting port; did you mean http.port?",
                "scheduler.deviceBytes=1|unknown setting scheduler.deviceBytes; did you mean pool.deviceBytes?",
                "http.maxbodybytes=1|unknown setting http.maxbodybytes; did you mean http.maxBodyBytes?",
                "http.port|--set wants key=value, not 'http.port'",
                "http.port=no|http.port must be a whole number from 0 to 65535, not 'no'",
                "http.port=70000|http.port must be a whole number from 0 to 65535, not '70000'",
                "http.port=[1, 2]|http.port must be one value, not a list or a section",
                "pool.deviceBytes=4MB|pool.deviceBytes must be a size",
                "pool.segmentTokens=65|pool.segmentTokens must be a power of two from 16 to 512, not 65",
                "pool.hostBytes=-1|pool.hostBytes must be a size from 0",
                "pool.diskBytes=lots|pool.diskBytes must be a size from 0",
                "pool.eviction=fifo|pool.eviction must be one of lru, lfu, tinylfu, not 'fifo'",
                "pool.writePolicy=never|pool.writePolicy must be one of through, back, selective, not 'never'",
                "pool.selectiveHits=0|pool.selectiveHits must be a whole number from 1 to 1048576, not '0'",
                "pool.prefetch=no|pool.prefetch must be one of best_effort, wait, timeout, not 'no'",
                "pool.prefetchMillis=-1|pool.prefetchMillis must be a whole number from 0 to 600000, not '-1'",
                "pool.storedDtype=int4|pool.storedDtype must be one of model, int8, not 'int4'",
                "pool.tenantQuota=0|pool.tenantQuota must be a share above 0 and at most 1, written like 0.25, not '0'",
                "pool.tenantQuota=1.01|pool.tenantQuota must be a share above 0 and at most 1",
                "pool.tenantQuota=NaN|pool.tenantQuota must be a share above 0 and at most 1",
                "pool.tenantQuota=0x1p-1|pool.tenantQuota must be a share above 0 and at most 1",
                "pool.sharedSalts=['']|pool.sharedSalts must be a list of texts",
                "pool.sharedSalts=[a, b, a]|pool.sharedSalts has 'a' twice",
                "pool.sharedSalts={a: b}|pool.sharedSalts must be a list of texts",
                "pool.ioThreads=65|pool.ioThreads must be a whole number from 1 to 64, not '65'",
                "model.dtype=int8|model.dtype must be one of auto, float32, bfloat16, not 'int8'",
                "runner.plan=fast|runner.plan must be one of fused, layered, auto, not 'fast'",
                "runner.device=gpu|runner.device must be one of cpu, cuda, auto, not 'gpu'",
                "scheduler.maxStepTokens=8|scheduler.maxStepTokens 8 can't give each of scheduler.maxSequences 32",
                "http.apiKeys=short|http.apiKeys holds a key that isn't 8 to 512",
                "http.limits.requestsPerMinute=-1|http.limits.requestsPerMinute must be a whole number from 0",
                "http.corsOrigins=['*']|http.corsOrigins must be origins as browsers send them",
                "http.corsOrigins=[https://a.example/]|http.corsOrigins must be origins as browsers send them",
                "http.tls.key=/some/key|http.tls.cert and http.tls.key belong together",
                "http.apiKeys={a: b}|http.apiKeys must be a list of texts",
                "http.host=0.0.0.0|http.host 0.0.0.0 can be reached from other machines, which needs keys",
                "cluster.enabled=yes|cluster.enabled must be true or false, not 'yes'",
                "cluster.join=localhost|cluster.join must be places written host:port, not 'localhost'",
                "cluster.join=a:1,,b:2|cluster.join must be places written host:port, not ''",
                "cluster.join=a:70000|cluster.join must be places written host:port, not 'a:70000'",
                "cluster.busPort=-1|cluster.busPort must be",
                "cluster.dataPort=65536|cluster.dataPort must be",
                "cluster.role=prefill|cluster.role prefill isn't there yet",
                "cluster.role=decode|cluster.role decode isn't there yet",
                "cluster.role=boss|cluster.role must be one of mixed, pool, frontend, not 'boss'",
                "cluster.elastic=on|cluster.elastic must be one of off, auto, always",
                "cluster.elasticTokens=10|cluster.elasticTokens",
                "cluster.routing=cache_aware|cluster.routing must be one of pooled, cache-aware, least-loaded, round-robin",
                "cluster.name=a b|cluster.name must be 1 to 64 letters",
                "cluster.secret=short|cluster.secret must have 32 to 1024 visible ASCII characters",
                "cluster.tls.cert=/no/such/file|cluster.tls.cert '/no/such/file' is no file that can be read"
            })
    void whatCantBeUsedIsNamedInOneSentence(String assignment, String sentence) {
        assertThatThrownBy(() -> new SettingsReader().set(List.of(assignment)).read())
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(sentence)
                .hasMessageNotContaining("\n");
    }

    @Test
    void filesThatAreNoSettingsAreRefused(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("bad.yaml");
        for (String text : List.of(
                "- a\n", "http: {port: 1", "a: &x [*x]", "http:\n  port: 1\n  port: 2\n", "!!java.net.URL [a]")) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> new SettingsReader().file(file))
                    .isInstanceOf(SettingsException.class)
                    .hasMessageNotContaining("\n");
        }
        assertThatThrownBy(() -> new SettingsReader().file(folder.resolve("none.yaml")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("none.yaml");
    }

    @Test
    void keysNeverComeOutAgain() {
        Settings settings = new SettingsReader()
                .set(List.of("http.apiKeys=[alice:very-secret-1, very-secret-2]", "http.host=0.0.0.0"))
                .read();
        assertThat(settings.toString()).doesNotContain("very-secret").contains("alice");
        assertThat(settings.http().keys().apiKeys().get(0).matches(ApiKey.sha256("very-secret-1")))
                .isTrue();
        assertThat(settings.http().keys().apiKeys().get(1).tenant())
                .startsWith("key:")
                .doesNotContain("secret");
        assertThatThrownBy(() -> new SettingsReader()
                        .set(List.of("http.apiKeys=no good secret"))
                        .read())
                .hasMessageNotContaining("good");
    }

    @Test
    void aClustersSettingsAreTyped(@TempDir Path folder) throws Exception {
        Path pem = Files.writeString(folder.resolve("a.pem"), "");
        ClusterSettings cluster = new SettingsReader()
                .set(List.of(
                        "cluster.enabled=true",
                        "cluster.bind=0.0.0.0",
                        "cluster.role=pool",
                        "cluster.routing=least-loaded",
                        "cluster.elastic=always",
                        "cluster.elasticTokens=300",
                        "cluster.secret=" + SECRET,
                        "cluster.tls.cert=" + pem,
                        "cluster.tls.key=" + pem,
                        "cluster.tls.ca=" + pem))
                .flag("cluster.join", "one:5701, [::1]:5702,10.0.0.3:5703")
                .read()
                .cluster();
        assertThat(cluster.join())
                .containsExactly(new Place("one", 5701), new Place("::1", 5702), new Place("10.0.0.3", 5703));
        assertThat(cluster.role()).isEqualTo(ClusterSettings.Role.POOL);
        assertThat(cluster.routing()).isEqualTo(ClusterSettings.Routing.LEAST_LOADED);
        assertThat(cluster.elastic()).isEqualTo(new ClusterSettings.Elastic(ClusterSettings.ElasticMode.ALWAYS, 300));
        assertThat(cluster.isLoopback()).isFalse();
        assertThat(cluster.toString()).doesNotContain(SECRET).doesNotContain("0123");
    }

    @Test
    void anAddressThatOthersCanReachNeedsASecretAndCertificates(@TempDir Path folder) throws Exception {
        Path pem = Files.writeString(folder.resolve("a.pem"), "");
        List<String> reachable = List.of("cluster.enabled=true", "cluster.bind=0.0.0.0");
        assertRefused("needs a secret that all nodes share", reachable, List.of());
        assertRefused("needs certificates", reachable, List.of("cluster.secret=" + SECRET));
        assertRefused(
                "needs a secret that all nodes share",
                reachable,
                List.of("cluster.tls.cert=" + pem, "cluster.tls.key=" + pem, "cluster.tls.ca=" + pem));
        assertRefused("belong together", reachable, List.of("cluster.secret=" + SECRET, "cluster.tls.cert=" + pem));
        assertRefused("both set", List.of(), List.of("cluster.secret=" + SECRET, "cluster.secretFile=" + pem));
    }

    private static void assertRefused(String sentence, List<String> some, List<String> others) {
        assertThatThrownBy(() -> new SettingsReader().set(some).set(others).read())
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(sentence)
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void aSecretInAFileIsItsOwnersAlone(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("secret"), SECRET + "\nnot this\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> ClusterSecret.read(file)).hasMessageContaining("is open to others");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThat(ClusterSecret.read(file)).isEqualTo(ClusterSecret.parse("cluster.secret", SECRET));
        Files.writeString(file, "too short\n");
        assertThatThrownBy(() -> ClusterSecret.read(file))
                .hasMessageContaining("cluster.secretFile must have 32")
                .hasMessageNotContaining("too short");
        assertThatThrownBy(() -> ClusterSecret.read(folder.resolve("none"))).isInstanceOf(SettingsException.class);
    }

    @Test
    void eachPurposeHasAKeyOfItsOwn() {
        ClusterSecret secret = ClusterSecret.parse("cluster.secret", SECRET);
        assertThat(secret.derive("a")).isEqualTo(secret.derive("a")).isNotEqualTo(secret.derive("b"));
        assertThat(secret).hasToString("(a secret)");
    }
}
