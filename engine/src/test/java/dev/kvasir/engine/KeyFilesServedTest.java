package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.kvasir.engine.testkit.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A server whose keys stand in files: what it serves to whom, while they change. */
@TestMethodOrder(MethodOrderer.MethodName.class)
class KeyFilesServedTest {
    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        write("clients", "alice:alice-key-1\n");
        write("admins", "root:root-key-1\n");
        server = TestServer.start(
                "http.apiKeysFile=" + folder.resolve("clients"),
                "http.adminKeysFile=" + folder.resolve("admins"),
                "http.host=0.0.0.0");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void keysComeAndGoWithTheirFile() throws Exception {
        assertThat(models("alice-key-1")).isEqualTo(200);
        assertThat(models("bob-key-12")).isEqualTo(401);
        write("clients", "# alice has left\nbob:bob-key-12\n");
        lookTwice();
        assertThat(models("alice-key-1")).isEqualTo(401);
        assertThat(models("bob-key-12")).isEqualTo(200);
        assertThat(models("root-key-1")).isEqualTo(200);
        assertThat(drain("bob-key-12")).isEqualTo(403);
        assertThat(reloads("taken")).isEqualTo(1);

        write("clients", "");
        lookTwice();
        assertThat(models("bob-key-12")).isEqualTo(200);
        assertThat(server.get("/v1/models").statusCode()).isEqualTo(401);
        Files.delete(folder.resolve("clients"));
        lookTwice();
        assertThat(models("bob-key-12")).isEqualTo(200);
        assertThat(reloads("refused")).isEqualTo(2);

        write("clients", "alice:alice-key-1\n");
        write("admins", "root:root-key-2\n");
        lookTwice();
        assertThat(models("alice-key-1")).isEqualTo(200);
        assertThat(models("root-key-1")).isEqualTo(401);
        assertThat(pool("root-key-2")).isEqualTo(200);
        assertThat(pool("alice-key-1")).isEqualTo(403);
        write("admins", "root:root-key-1\n");
        lookTwice();
    }

    @Test
    void whatAdministratorsDoIsWrittenDown() throws Exception {
        Logger audit = (Logger) LoggerFactory.getLogger("kvasir.audit");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        lines.start();
        audit.addAppender(lines);
        audit.setLevel(Level.INFO);
        try {
            String body = "{\"tier\":\"device\",\"segments\":3}";
            server.post("/v1/kvasir/pool/evict", body, "authorization", "Bearer root-key-1", "x-request-id", "r-1");
            server.post("/v1/kvasir/pool/evict", body, "authorization", "Bearer alice-key-1", "x-request-id", "r-2");
            server.post("/v1/kvasir/pool/evict", body, "x-request-id", "r-3");
            models("alice-key-1");
            TestServer.await("three lines", () -> written(lines).size() == 3);
        } finally {
            audit.detachAppender(lines);
            audit.setLevel(null);
        }
        List<String> written = written(lines);
        assertThat(written)
                .filteredOn(line -> line.contains("request=\"r-1\""))
                .singleElement(STRING)
                .contains("from=\"127.0.0.1\"", "tenant=\"root\"", "/v1/kvasir/pool/evict", "status=\"200\"")
                .contains("tier=\"DEVICE\"", "segments=\"3\"");
        assertThat(written)
                .filteredOn(line -> line.contains("request=\"r-2\""))
                .singleElement(STRING)
                .contains("tenant=\"-\"", "status=\"403\"");
        assertThat(written)
                .filteredOn(line -> line.contains("request=\"r-3\""))
                .singleElement(STRING)
                .contains("tenant=\"-\"", "status=\"401\"");
        assertThat(written.toString()).doesNotContain("key-1");
    }

    private static List<String> written(ListAppender<ILoggingEvent> lines) {
        synchronized (lines) { // as it does itself when it appends
            return lines.list.stream()
                    .map(line -> String.valueOf(line.getKeyValuePairs()))
                    .toList();
        }
    }

    @Test
    void pagesAreGuardedAndOpen() throws Exception {
        for (String path : List.of("/", "/ui/app.css")) {
            var page = server.get(path);
            assertThat(page.statusCode()).isEqualTo(200);
            assertThat(page.headers().firstValue("content-security-policy").orElse(""))
                    .contains("default-src 'none'", "frame-ancestors 'none'")
                    .doesNotContain("unsafe");
            assertThat(page.headers().firstValue("x-content-type-options")).contains("nosniff");
            assertThat(page.headers().firstValue("x-frame-options")).contains("DENY");
            assertThat(page.headers().firstValue("referrer-policy")).contains("no-referrer");
            assertThat(page.body()).doesNotContain("<style", "<script>", "style=", "onclick=");
        }
    }

    private static int models(String key) throws Exception {
        return server.get("/v1/models", "authorization", "Bearer " + key).statusCode();
    }

    private static int pool(String key) throws Exception {
        return server.get("/v1/kvasir/pool", "authorization", "Bearer " + key).statusCode();
    }

    private static int drain(String key) throws Exception {
        return server.post("/admin/drain", "{}", "authorization", "Bearer " + key)
                .statusCode();
    }

    private static void lookTwice() {
        server.server.door().lookAtFiles();
        server.server.door().lookAtFiles();
    }

    private static long reloads(String result) throws Exception {
        return server.get("/metrics", "authorization", "Bearer root-key-1")
                .body()
                .lines()
                .filter(line -> line.startsWith("kvasir_reloads_total{result=\"" + result + "\",what=\"keys\"}"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Replaces a file as one should: written beside it, then moved over it. */
    private static void write(String name, String contents) throws IOException {
        Path next = Files.writeString(folder.resolve(name + ".next"), contents);
        Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-------"));
        Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
