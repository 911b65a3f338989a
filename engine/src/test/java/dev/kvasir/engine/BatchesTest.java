package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.testkit.TestServer;
import dev.kvasir.engine.testkit.Uploads;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code /v1/files} and {@code /v1/batches} on the parrot. */
class BatchesTest {
    private static final Path FOLDER = TestServer.temporary();
    private static final String COMPLETIONS = "/v1/completions";

    private static TestServer server;
    private static Uploads mine;
    private static Uploads others;

    @BeforeAll
    static void start() {
        server = TestServer.start(
                "http.apiKeys=[me:my-key-000,you:your-key-00]",
                "http.maxBodyBytes=64KiB",
                "batches.dir=" + FOLDER,
                "batches.maxFileBytes=1MiB",
                "batches.tenantBytes=3MiB",
                "batches.maxLines=100",
                "batches.tenantOpen=3",
                "batches.inFlight=2",
                "scheduler.maxSequences=3");
        mine = new Uploads(server.server.address(), "my-key-000");
        others = new Uploads(server.server.address(), "your-key-00");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        server.runner.resume();
        for (JsonNode batch : mine.json("/v1/batches").path("data")) {
            mine.await(batch.path("id").asText());
        }
        server.awaitIdle();
        for (JsonNode file : mine.json("/v1/files").path("data")) {
            assertThat(mine.send("DELETE", "/v1/files/" + file.path("id").asText(), "", "")
                            .statusCode())
                    .isEqualTo(200);
        }
        try (Stream<Path> left = Files.list(FOLDER.resolve("files"))) {
            assertThat(left).isEmpty();
        }
    }

    private static String line(String id, String url, String body) {
        return "{\"custom_id\":\"" + id + "\",\"method\":\"POST\",\"url\":\"" + url + "\",\"body\":" + body + "}\n";
    }

    private static String completion(String id, String prompt) {
        return line(id, COMPLETIONS, "{\"model\":\"parrot\",\"prompt\":\"" + prompt + "\",\"max_tokens\":100}");
    }

    private static String completions(int count) {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append(completion("id-" + i, "hello " + i));
        }
        return lines.toString();
    }

    @Test
    void allIsAnsweredInTheOrderOfTheLinesAndWhatIsWrongIsInTheErrorFile() throws Exception {
        String input = completion("a", "one")
                + "\r\n  \n"
                + line("b", COMPLETIONS, "{\"model\":\"parrot\"}")
                + completion("c", "two")
                + line("d", COMPLETIONS, "{\"model\":\"nobody\",\"prompt\":\"x\"}")
                + completion("e", "three").strip();
        String file = mine.upload(input);
        JsonNode batch = mine.await(mine.create(file, COMPLETIONS, "24h"));
        assertThat(batch.path("status").asText()).as(batch.toString()).isEqualTo("completed");
        assertThat(batch.path("object").asText()).isEqualTo("batch");
        assertThat(batch.at("/request_counts/total").asInt()).isEqualTo(5);
        assertThat(batch.at("/request_counts/completed").asInt()).isEqualTo(3);
        assertThat(batch.at("/request_counts/failed").asInt()).isEqualTo(2);
        assertThat(batch.at("/metadata/a").asText()).isEqualTo("b");
        assertThat(batch.path("completed_at").asLong())
                .isGreaterThanOrEqualTo(batch.path("in_progress_at").asLong());
        assertThat(batch.path("expires_at").asLong() - batch.path("created_at").asLong())
                .isEqualTo(86_400);
        List<JsonNode> output = mine.lines(batch, "output_file_id");
        assertThat(output.stream().map(line -> line.path("custom_id").asText())).containsExactly("a", "c", "e");
        assertThat(output.stream()
                        .map(line -> line.at("/response/body/choices/0/text").asText()))
                .containsExactly("one", "two", "three");
        assertThat(output.get(0).at("/response/status_code").asInt()).isEqualTo(200);
        assertThat(output.get(0).at("/response/request_id").asText()).isNotBlank();
        assertThat(output.get(0).path("error").isNull()).isTrue();
        List<JsonNode> errors = mine.lines(batch, "error_file_id");
        assertThat(errors.stream().map(line -> line.at("/response/status_code").asInt()))
                .containsExactly(400, 404);
        assertThat(errors.get(0).at("/response/body/error/param").asText()).isEqualTo("prompt");
        assertThat(FOLDER.resolve("batches").resolve(batch.path("id").asText() + ".journal"))
                .doesNotExist();
    }

    @Test
    void chatsAndEmbeddingsAreAnsweredToo() throws Exception {
        String chat = "/v1/chat/completions";
        String chats = line("a", chat, "{\"model\":\"parrot\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")
                + line(
                        "b",
                        chat,
                        "{\"model\":\"parrot\",\"messages\":[{\"role\":\"user\",\"content\":\"12\"}],"
                                + "\"guided_regex\":\"[0-9]{2}\"}");
        JsonNode batch = mine.await(mine.create(mine.upload(chats), chat, "1h"));
        List<JsonNode> output = mine.lines(batch, "output_file_id");
        assertThat(output.get(0).at("/response/body/choices/0/message/content").asText())
                .isEqualTo("user\nhi\nassistant\n");
        assertThat(output.get(1).at("/response/body/choices/0/message/content").asText())
                .matches("[0-9]{2}");
        String embeddings = "/v1/embeddings";
        batch = mine.await(mine.create(
                mine.upload(line("e", embeddings, "{\"model\":\"parrot\",\"input\":[3,4]}")), embeddings, "1h"));
        assertThat(mine.lines(batch, "output_file_id").get(0).at("/response/body/data/0/embedding"))
                .hasSize(2);
    }

    @Test
    void aFileIsListedGotReadAndDeletedByItsOwnerAlone() throws Exception {
        String content = completions(3);
        String id = mine.upload(content);
        JsonNode file = mine.json("/v1/files/" + id);
        assertThat(file.path("object").asText()).isEqualTo("file");
        assertThat(file.path("bytes").asInt()).isEqualTo(content.length());
        assertThat(file.path("filename").asText()).isEqualTo("input.jsonl");
        assertThat(file.path("purpose").asText()).isEqualTo("batch");
        assertThat(mine.get("/v1/files/" + id + "/content").body()).isEqualTo(content);
        assertThat(mine.json("/v1/files?purpose=batch").path("data")).hasSize(1);
        assertThat(mine.json("/v1/files?purpose=batch_output").path("data")).isEmpty();
        assertThat(others.json("/v1/files").path("data")).isEmpty();
        String body =
                "{\"input_file_id\":\"" + id + "\",\"endpoint\":\"" + COMPLETIONS + "\",\"completion_window\":\"24h\"}";
        for (HttpResponse<String> response : List.of(
                others.get("/v1/files/" + id),
                others.get("/v1/files/" + id + "/content"),
                others.send("DELETE", "/v1/files/" + id, "", ""),
                others.post("/v1/batches", body))) {
            assertThat(response.statusCode()).as(response.body()).isEqualTo(404);
        }
        HttpResponse<String> deleted = mine.send("DELETE", "/v1/files/" + id, "", "");
        assertThat(TestServer.json(deleted.body()).path("deleted").asBoolean()).isTrue();
        assertThat(mine.get("/v1/files/" + id).statusCode()).isEqualTo(404);
        assertThat(mine.get("/v1/files/" + id + "/content").statusCode()).isEqualTo(404);
        assertThat(mine.send("DELETE", "/v1/files/" + id, "", "").statusCode()).isEqualTo(404);
    }

    @Test
    void aPathIsNoId() throws Exception {
        String id = mine.upload("x");
        for (String path : List.of(
                "..%2F..%2Flock",
                "%2e%2e%2flock", "..%2fbatches", id + "%00", id + ".json", "%2Fetc%2Fpasswd", "lock")) {
            for (String what : List.of("", "/content")) {
                HttpResponse<String> response = mine.get("/v1/files/" + path + what);
                assertThat(response.statusCode()).as(path + what).isIn(400, 404);
                assertThat(response.body()).contains("error");
            }
            assertThat(mine.send("DELETE", "/v1/files/" + path, "", "").statusCode())
                    .isIn(400, 404);
            assertThat(mine.get("/v1/batches/" + path).statusCode()).isIn(400, 404);
        }
        HttpResponse<String> named = mine.sendForm(Uploads.form("../../../evil\u0001.jsonl", "x", "batch"));
        assertThat(TestServer.json(named.body()).path("filename").asText()).doesNotContain("\u0001");
        assertThat(FOLDER.resolve("../../../evil").normalize()).doesNotExist();
    }

    @Test
    void aBatchIsItsOwnersAlone() throws Exception {
        server.runner.pause();
        String batch = mine.create(mine.upload(completions(2)), COMPLETIONS, "24h");
        assertThat(others.get("/v1/batches/" + batch).statusCode()).isEqualTo(404);
        assertThat(others.post("/v1/batches/" + batch + "/cancel", "").statusCode())
                .isEqualTo(404);
        assertThat(others.json("/v1/batches").path("data")).isEmpty();
        assertThat(mine.json("/v1/batches?limit=1")
                        .path("data")
                        .get(0)
                        .path("id")
                        .asText())
                .isEqualTo(batch);
        server.runner.resume();
        JsonNode over = mine.await(batch);
        String output = over.path("output_file_id").asText();
        assertThat(others.get("/v1/files/" + output + "/content").statusCode()).isEqualTo(404);
        assertThat(mine.post("/v1/batches/" + batch + "/cancel", "").statusCode())
                .isEqualTo(409);
    }

    @Test
    void whatIsWrongWithAnInputIsSaidLineByLine() throws Exception {
        String input = completion("a", "x")
                + "no json\n"
                + completion("a", "y")
                + line("b", "/v1/embeddings", "{}")
                + "{\"custom_id\":\"c\",\"method\":\"GET\",\"url\":\"" + COMPLETIONS + "\",\"body\":{}}\n"
                + line("d", COMPLETIONS, "[]")
                + line("e", COMPLETIONS, "{\"stream\":true}");
        JsonNode batch = mine.await(mine.create(mine.upload(input), COMPLETIONS, "24h"));
        assertThat(batch.path("status").asText()).isEqualTo("failed");
        assertThat(batch.path("output_file_id").isNull()).isTrue();
        JsonNode problems = batch.at("/errors/data");
        assertThat(problems).hasSize(6);
        assertThat(problems.findValuesAsText("line")).containsExactly("2", "3", "4", "5", "6", "7");
        assertThat(problems.findValuesAsText("code"))
                .startsWith("invalid_json_line", "duplicate_custom_id", "invalid_request");
        for (String bad : List.of("\n \n", completions(101), completion("x", "a".repeat(70_000)))) {
            JsonNode failed = mine.await(mine.create(mine.upload(bad), COMPLETIONS, "24h"));
            assertThat(failed.path("status").asText()).isEqualTo("failed");
            assertThat(failed.at("/errors/data")).hasSize(1);
        }
    }

    @Test
    void aCancelledBatchKeepsWhatWasAnswered() throws Exception {
        server.runner.pause();
        String file = mine.upload(completions(50));
        String batch = mine.create(file, COMPLETIONS, "24h");
        TestServer.await("a step", server.runner::isHolding);
        assertThat(mine.send("DELETE", "/v1/files/" + file, "", "").statusCode())
                .as("a file that is read")
                .isEqualTo(409);
        server.runner.allow(30);
        TestServer.await("some answers", () -> completed(batch) >= 2);
        assertThat(mine.cancel(batch).path("status").asText()).isIn("cancelling", "cancelled");
        server.runner.resume();
        JsonNode over = mine.await(batch);
        assertThat(over.path("status").asText()).isEqualTo("cancelled");
        assertThat(over.path("cancelled_at").isNumber()).isTrue();
        int completed = over.at("/request_counts/completed").asInt();
        assertThat(completed).isBetween(2, 49);
        assertThat(mine.lines(over, "output_file_id")).hasSize(completed);
        assertThat(over.path("error_file_id").isNull()).isTrue();
    }

    private static int completed(String batch) {
        try {
            return mine.batch(batch).at("/request_counts/completed").asInt();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aBatchWhoseTimeIsOverSaysSoOfWhatIsMissing() throws Exception {
        server.runner.pause();
        String batch = mine.create(mine.upload(completions(4)), COMPLETIONS, "1s");
        JsonNode over = mine.await(batch);
        assertThat(over.path("status").asText()).isEqualTo("expired");
        assertThat(over.at("/request_counts/failed").asInt()).isEqualTo(4);
        List<JsonNode> errors = mine.lines(over, "error_file_id");
        assertThat(errors.stream().map(line -> line.path("custom_id").asText()))
                .containsExactly("id-0", "id-1", "id-2", "id-3");
        assertThat(errors.get(0).at("/error/code").asText()).isEqualTo("batch_expired");
    }

    @Test
    void limitsAreTold() throws Exception {
        server.runner.pause();
        String file = mine.upload(completions(1));
        for (int i = 0; i < 3; i++) {
            mine.create(file, COMPLETIONS, "24h");
        }
        HttpResponse<String> fourth = mine.post(
                "/v1/batches",
                "{\"input_file_id\":\"" + file + "\",\"endpoint\":\"" + COMPLETIONS
                        + "\",\"completion_window\":\"24h\"}");
        assertThat(fourth.statusCode()).as(fourth.body()).isEqualTo(429);
        server.runner.resume();
        HttpResponse<String> large = mine.sendForm(Uploads.form("f", "x".repeat(1 << 20 | 1), "batch"));
        assertThat(large.statusCode()).as(large.body()).isEqualTo(413);
        assertThat(large.body()).contains("file_too_large").contains("batches.maxFileBytes");
        for (int i = 0; i < 2; i++) {
            mine.upload("x".repeat(1 << 20));
        }
        HttpResponse<String> third = mine.sendForm(Uploads.form("f", "x".repeat(1 << 20), "batch"));
        assertThat(third.statusCode()).as(third.body()).isEqualTo(413);
        assertThat(third.body()).contains("batches.tenantBytes");
    }

    @Test
    void interactiveRequestsGoBeforeThoseOfBatches() throws Exception {
        server.runner.pause();
        String batch = mine.create(mine.upload(completions(100)), COMPLETIONS, "24h");
        TestServer.await("a step of the batch's", server.runner::isHolding);
        // Three sequences run at most, two of them a batch's: the third place is free for who comes, and behind them a
        // line may form.
        List<CompletableFuture<HttpResponse<String>>> asked = Stream.of("a", "b", "c", "d")
                .map(text -> server.client.sendAsync(
                        server.postRequest(
                                COMPLETIONS,
                                "{\"model\":\"parrot\",\"prompt\":\"" + text + "\"}",
                                "authorization",
                                "Bearer your-key-00"),
                        BodyHandlers.ofString()))
                .toList();
        TestServer.await("the line", () -> server.scheduler().stats().waiting() >= 4);
        int before = completed(batch);
        while (!asked.stream().allMatch(CompletableFuture::isDone)) {
            TestServer.await(
                    "a step", () -> server.runner.isHolding() || asked.stream().allMatch(CompletableFuture::isDone));
            server.runner.allow(1);
        }
        // While the line was there no request of the batch was handed over: only those two that ran may have ended.
        assertThat(completed(batch) - before).isLessThanOrEqualTo(2);
        for (CompletableFuture<HttpResponse<String>> answer : asked) {
            assertThat(answer.join().statusCode()).isEqualTo(200);
        }
    }

    @Test
    void asManyUploadsAreCutAsBeginAndNothingOfThemIsLeft() throws Exception {
        for (String form : List.of(
                Uploads.form("", "", "batch"),
                Uploads.form("f", "x", ""),
                Uploads.form("f", "x", "fine-tune"),
                Uploads.form("f", "", "batch"),
                Uploads.form("f", "x", "batch").replace("name=\"file\"", "name=\"other\""),
                Uploads.form("f", "x", "batch").substring(0, 120),
                "no form at all")) {
            HttpResponse<String> response = mine.sendForm(form);
            assertThat(response.statusCode()).as(form + response.body()).isEqualTo(400);
            assertThat(TestServer.json(response.body())
                            .path("error")
                            .path("message")
                            .asText())
                    .isNotBlank();
        }
        assertThat(mine.post("/v1/files", "{}").statusCode()).isEqualTo(415);
        TestServer.await("no file", () -> {
            try (Stream<Path> left = Files.list(FOLDER.resolve("files"))) {
                return left.findAny().isEmpty();
            } catch (java.io.IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void aSecondServerOnTheDirectoryKeepsNoFilesAndSaysWhy() throws Exception {
        try (TestServer second = TestServer.start("batches.dir=" + FOLDER)) {
            HttpResponse<String> response = second.get("/v1/files");
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.body()).contains("batches.dir");
            assertThat(second.get("/v1/batches").statusCode()).isEqualTo(503);
        }
    }
}
