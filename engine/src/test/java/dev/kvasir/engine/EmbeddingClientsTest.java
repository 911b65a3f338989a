package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.BadRequestException;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams.EncodingFormat;
import dev.kvasir.engine.testkit.TestServer;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Embeddings by the clients that people use, unmodified. */
class EmbeddingClientsTest {
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

    private static EmbeddingCreateParams.Builder params() {
        return EmbeddingCreateParams.builder().model("parrot").inputOfArrayOfStrings(List.of("hello", "you"));
    }

    @Test
    void openaiEmbedsInEitherEncoding() {
        CreateEmbeddingResponse plain = openai.embeddings().create(params().build());
        plain.validate();
        assertThat(plain.data()).hasSize(2);
        assertThat(plain.data().get(1).index()).isEqualTo(1);
        List<Float> numbers = plain.data().get(0).embedding();
        assertThat(numbers).hasSize(2);
        assertThat(Math.hypot(numbers.get(0), numbers.get(1))).isCloseTo(1, within(1e-6));
        assertThat(plain.usage().promptTokens()).isPositive();
        for (EncodingFormat format : List.of(EncodingFormat.FLOAT, EncodingFormat.BASE64)) {
            CreateEmbeddingResponse answer =
                    openai.embeddings().create(params().encodingFormat(format).build());
            assertThat(answer.data().get(0).embedding()).isEqualTo(numbers);
        }
    }

    @Test
    void openaiSeesWhatIsWrong() {
        assertThatThrownBy(
                        () -> openai.embeddings().create(params().dimensions(3).build()))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("dimensions");
    }

    @Test
    void langchain4jEmbeds() {
        OpenAiEmbeddingModel model = OpenAiEmbeddingModel.builder()
                .baseUrl(server.server.address() + "/v1")
                .apiKey("none")
                .modelName("parrot")
                .maxRetries(0)
                .build();
        var response = model.embedAll(List.of(TextSegment.from("hello"), TextSegment.from("you")));
        assertThat(response.content()).hasSize(2);
        assertThat(response.content().get(0).vector()).hasSize(2);
        assertThat(response.tokenUsage().inputTokenCount()).isPositive();
    }
}
