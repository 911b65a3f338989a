package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.MultipartField;
import com.openai.errors.NotFoundException;
import com.openai.models.batches.Batch;
import com.openai.models.batches.BatchCreateParams;
import com.openai.models.files.FileCreateParams;
import com.openai.models.files.FileObject;
import com.openai.models.files.FilePurpose;
import dev.kvasir.engine.testkit.TestServer;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Files and batches by OpenAI's client for Java, unmodified. */
class BatchClientsTest {
    private static TestServer server;
    private static OpenAIClient openai;

    @BeforeAll
    static void start() {
        server = TestServer.start();
        openai = OpenAIOkHttpClient.builder()
                .baseUrl(server.server.address() + "/v1")
                .apiKey("none")
                .maxRetries(0)
                .responseValidation(true)
                .build();
    }

    @AfterAll
    static void stop() {
        openai.close();
        server.close();
    }

    private static FileObject upload(String content) {
        return openai.files()
                .create(FileCreateParams.builder()
                        .purpose(FilePurpose.BATCH)
                        .file(MultipartField.<InputStream>builder()
                                .value(new ByteArrayInputStream(content.getBytes(StandardCharsets.UTF_8)))
                                .filename("requests.jsonl")
                                .build())
                        .build());
    }

    private static BatchCreateParams params(String file) {
        return BatchCreateParams.builder()
                .inputFileId(file)
                .endpoint(BatchCreateParams.Endpoint.V1_CHAT_COMPLETIONS)
                .completionWindow(BatchCreateParams.CompletionWindow._24H)
                .build();
    }

    private static String line(String id) {
        return "{\"custom_id\":\"" + id + "\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{"
                + "\"model\":\"parrot\",\"messages\":[{\"role\":\"user\",\"content\":\"" + id + "\"}]}}\n";
    }

    @Test
    void aBatchIsUploadedRunAndRead() throws Exception {
        FileObject file = upload(line("one") + line("two"));
        file.validate();
        Batch created = openai.batches().create(params(file.id()));
        created.validate();
        AtomicReference<Batch> last = new AtomicReference<>(created);
        TestServer.await("the batch", () -> {
            last.set(openai.batches().retrieve(created.id()));
            return last.get().status().equals(Batch.Status.COMPLETED);
        });
        last.get().validate();
        assertThat(last.get().requestCounts().orElseThrow().completed()).isEqualTo(2);
        String output = last.get().outputFileId().orElseThrow();
        try (var content = openai.files().content(output)) {
            List<String> lines = new String(content.body().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            assertThat(lines).hasSize(2);
            assertThat(TestServer.json(lines.get(1)).path("custom_id").asText()).isEqualTo("two");
        }
        assertThat(openai.batches().list().data().stream().map(Batch::id)).contains(created.id());
        assertThat(openai.files().list().data().stream().map(FileObject::id)).contains(file.id(), output);
        assertThat(openai.files().delete(file.id()).deleted()).isTrue();
        assertThatThrownBy(() -> openai.files().retrieve(file.id())).isInstanceOf(NotFoundException.class);
    }

    @Test
    void aBatchIsCancelled() {
        server.runner.pause();
        Batch created = openai.batches().create(params(upload(line("x")).id()));
        Batch cancelled = openai.batches().cancel(created.id());
        cancelled.validate();
        server.runner.resume();
        TestServer.await(
                "the end",
                () -> openai.batches().retrieve(created.id()).status().equals(Batch.Status.CANCELLED));
    }
}
