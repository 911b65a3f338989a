package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;
import dev.kvasir.engine.testkit.RealServer;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.synthetic.RandomSchemas;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random schemas for a model of random weights at temperature 1: what ends by itself validates, what is cut is the beginning of something that does. */
class RandomSchemasServedTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TOGETHER = 8;

    @TempDir
    private Path home;

    @Test
    void everyAnswerIsValid() throws Exception {
        ask(50);
    }

    @Test
    @Tag("nightly")
    void everyAnswerOfFiveHundredIsValid() throws Exception {
        ask(500);
    }

    private void ask(int schemas) throws Exception {
        Path model = Files.createDirectory(home.resolve("model"));
        SyntheticModel.tiny(Family.LLAMA).seed(5).write(model);
        ExecutorService clients = Executors.newFixedThreadPool(TOGETHER);
        try (RealServer server = new RealServer(model, Wiring::load)) {
            List<Future<String>> ends = new ArrayList<>();
            for (int seed = 1; seed <= schemas; seed++) {
                ObjectNode schema = new RandomSchemas(new SplittableRandom(seed)).next();
                int number = seed;
                ends.add(clients.submit(() -> ask(server, schema, number)));
            }
            int complete = 0;
            for (Future<String> end : ends) {
                complete += end.get().equals("stop") ? 1 : 0;
            }
            System.out.printf("random schemas: %d answers, %d of them complete%n", schemas, complete);
            assertThat(complete).isGreaterThan(schemas / 2);
        } finally {
            clients.shutdownNow();
        }
    }

    private static String ask(RealServer server, ObjectNode schema, int seed) throws Exception {
        ObjectNode body = JSON.createObjectNode()
                .put("model", "model")
                .put("prompt", "Once")
                .put("temperature", 1)
                .put("seed", seed)
                .put("max_tokens", 10 + seed % 5 * 100);
        ObjectNode format = body.putObject("response_format").put("type", "json_schema");
        format.putObject("json_schema")
                .put("name", "random")
                .put("strict", true)
                .set("schema", schema);
        // A machine with other things to do may take longer for a schema than it is given; what was compiled of it is
        // kept.
        for (int i = 0;
                i < 10 && server.post("/v1/completions", body.toString()).body().contains("longer than");
                i++) {
            Thread.onSpinWait();
        }
        JsonNode choice = server.ok("/v1/completions", body).get("choices").get(0);
        String text = choice.get("text").asText();
        String reason = choice.get("finish_reason").asText();
        if (reason.equals("stop")) {
            var errors = JsonSchemaFactory.getInstance(VersionFlag.V202012)
                    .getSchema(schema)
                    .validate(text, InputFormat.JSON, context -> context.getExecutionConfig()
                            .setFormatAssertionsEnabled(true));
            assertThat(errors).as("%d %s%n%s", seed, schema, text).isEmpty();
        } else {
            // That a prefix can always be completed is GuidedSchemasTest's; here, that it was cut and nothing else.
            assertThat(reason).isEqualTo("length");
        }
        return reason;
    }
}
