package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.engine.testkit.TestServer;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page that follows the feed, and a key that goes. */
class OpenPageTest {
    @TempDir
    Path folder;

    @Test
    void anOpenPageEndsWithItsKey() throws Exception {
        Path admins = Files.writeString(folder.resolve("admins"), "root:root-key-1\n");
        Files.setPosixFilePermissions(admins, PosixFilePermissions.fromString("rw-------"));
        try (TestServer server = TestServer.start("http.apiKeys=[client-key-1]", "http.adminKeysFile=" + admins)) {
            HttpResponse<InputStream> feed = server.client.send(
                    HttpRequest.newBuilder(server.uri("/v1/kvasir/feed"))
                            .header("authorization", "Bearer root-key-1")
                            .build(),
                    BodyHandlers.ofInputStream());
            assertThat(feed.statusCode()).isEqualTo(200);
            Files.writeString(admins, "root:root-key-2\n");
            for (int look = 0; look < 2; look++) { // a change is taken when two looks have found it
                server.server.door().lookAtFiles();
            }
            feed.body().readAllBytes(); // to its end, which comes with the next second
        }
    }
}
