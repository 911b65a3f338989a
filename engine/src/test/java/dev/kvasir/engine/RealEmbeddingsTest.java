package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.testkit.RealServer;
import dev.kvasir.runner.ModelConfig;
import dev.kvasir.runner.ModelConfig.Family;
import dev.kvasir.runner.checkpoint.ModelDirectory;
import dev.kvasir.runner.reference.ReferenceModel;
import dev.kvasir.runner.reference.TestCheckpoint;
import dev.kvasir.runner.synthetic.SyntheticModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Embeddings of a real model, in chunks, together and after a cached prefix, against a float64 forward pass. */
class RealEmbeddingsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double TOLERANCE = 1e-4;

    @TempDir
    private static Path home;

    private static ReferenceModel reference;
    private static ModelConfig config;
    private static RealServer server;

    @BeforeAll
    static void start() throws Exception {
        Path model = SyntheticModel.tiny(Family.QWEN3).seed(31).write(home.resolve("tiny"));
        config = ModelDirectory.open(model).config();
        reference = new ReferenceModel(config, TestCheckpoint.read(model));
        server = new RealServer(
                model, Wiring::load, "model.dtype=float32", "model.pooling=mean", "scheduler.prefillChunk=32");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static JsonNode embed(List<int[]> inputs, String pooling, int dimensions) throws Exception {
        ObjectNode body = JSON.createObjectNode().put("model", "tiny");
        if (pooling != null) {
            body.put("pooling", pooling);
        }
        if (dimensions > 0) {
            body.put("dimensions", dimensions);
        }
        ArrayNode all = body.putArray("input");
        for (int[] input : inputs) {
            ArrayNode ids = all.addArray();
            for (int id : input) {
                ids.add(id);
            }
        }
        return server.ok("/v1/embeddings", body).path("data");
    }

    private static double[] expected(int[] tokens, boolean mean, int dimensions) {
        double[][] states = reference.hiddenStates(tokens);
        double[] pooled = new double[dimensions];
        for (int t = mean ? 0 : states.length - 1; t < states.length; t++) {
            for (int i = 0; i < dimensions; i++) {
                pooled[i] += states[t][i];
            }
        }
        double squares = 0;
        for (double value : pooled) {
            squares += value * value;
        }
        for (int i = 0; i < dimensions; i++) {
            pooled[i] /= Math.sqrt(squares);
        }
        return pooled;
    }

    private static void assertEmbedding(JsonNode got, double[] expected) {
        assertThat(got.path("embedding")).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(got.path("embedding").get(i).asDouble()).isCloseTo(expected[i], within(TOLERANCE));
        }
    }

    @Test
    void agreeWithTheReferenceAloneAndTogether() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        List<int[]> inputs = new ArrayList<>();
        for (int length : new int[] {1, 2, 31, 33, 64, 150}) {
            inputs.add(random.ints(length, 0, config.vocab()).toArray());
        }
        for (String pooling : new String[] {"last", null}) { // without one: the setting's
            JsonNode together = embed(inputs, pooling, 0);
            for (int i = 0; i < inputs.size(); i++) {
                double[] expected = expected(inputs.get(i), pooling == null, config.hidden());
                assertEmbedding(together.get(i), expected);
                // Now behind what is cached of it.
                assertEmbedding(embed(List.of(inputs.get(i)), pooling, 0).get(0), expected);
            }
        }
    }

    @Test
    void fewerDimensionsAreTheFirstOfAllAtLengthOne() throws Exception {
        int[] tokens = new SplittableRandom(2).ints(70, 0, config.vocab()).toArray();
        assertEmbedding(embed(List.of(tokens), "mean", 5).get(0), expected(tokens, true, 5));
    }
}
