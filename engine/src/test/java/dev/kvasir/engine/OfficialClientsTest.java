package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.RequestOptions;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import dev.kvasir.engine.testkit.TestServer;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiLanguageModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The clients that people use, unmodified. */
class OfficialClientsTest {
    private static final String KEY = "client-key-1";
    private static final String ANSWER = "user\nhello\nassistant\n";

    private static TestServer server;
    private static OpenAIClient openai;

    @BeforeAll
    static void start() {
        server = TestServer.start("http.apiKeys=[" + KEY + "]");
        openai = openai(KEY);
    }

    @AfterAll
    static void stop() {
        openai.close();
        server.close();
    }

    @AfterEach
    void nothingIsLeft() {
        server.runner.resume();
        server.awaitIdle();
    }

    @Test
    void openaiChats() {
        ChatCompletion answer =
                openai.chat().completions().create(chat("parrot").build());
        answer.validate();
        assertThat(answer.choices().get(0).message().content()).contains(ANSWER);
        assertThat(answer.choices().get(0).finishReason().asString()).isEqualTo("stop");
        assertThat(answer.usage().orElseThrow().completionTokens()).isEqualTo(ANSWER.length());
        assertThat(answer.usage()
                        .orElseThrow()
                        .promptTokensDetails()
                        .orElseThrow()
                        .cachedTokens())
                .isPresent();
    }

    @Test
    void openaiStreams() {
        StringBuilder text = new StringBuilder();
        List<Long> completionTokens = new ArrayList<>();
        ChatCompletionCreateParams params = chat("parrot")
                .streamOptions(
                        ChatCompletionStreamOptions.builder().includeUsage(true).build())
                .build();
        try (StreamResponse<ChatCompletionChunk> stream =
                openai.chat().completions().createStreaming(params)) {
            stream.stream().forEach(chunk -> {
                chunk.validate();
                chunk.choices().forEach(choice -> choice.delta().content().ifPresent(text::append));
                chunk.usage().ifPresent(usage -> completionTokens.add(usage.completionTokens()));
            });
        }
        assertThat(text.toString()).isEqualTo(ANSWER);
        assertThat(completionTokens).containsExactly((long) ANSWER.length());
    }

    @Test
    void openaiCompletes() {
        CompletionCreateParams params = CompletionCreateParams.builder()
                .model("parrot")
                .prompt("hello")
                .logprobs(2)
                .build();
        Completion answer = openai.completions().create(params);
        answer.validate();
        assertThat(answer.choices().get(0).text()).isEqualTo("hello");
        assertThat(answer.choices().get(0).logprobs().orElseThrow().tokens().orElseThrow())
                .hasSize(5);
        StringBuilder text = new StringBuilder();
        // The schema that this client would check against has no finish_reason of null, which OpenAI itself streams.
        RequestOptions asItComes =
                RequestOptions.builder().responseValidation(false).build();
        try (StreamResponse<Completion> stream = openai.completions().createStreaming(params, asItComes)) {
            stream.stream().forEach(chunk -> chunk.choices().forEach(choice -> text.append(choice.text())));
        }
        assertThat(text.toString()).isEqualTo("hello");
    }

    @Test
    void openaiListsModels() {
        assertThat(openai.models().list().data().stream().map(model -> model.id()))
                .containsExactly("parrot", "bird");
        assertThat(openai.models().retrieve("parrot").isValid()).isTrue();
    }

    @Test
    void openaiKnowsOurErrors() {
        assertThatThrownBy(() -> openai.chat().completions().create(chat("gpt").build()))
                .isInstanceOfSatisfying(
                        NotFoundException.class, e -> assertThat(e.code()).contains("model_not_found"));
        assertThatThrownBy(() -> openai.chat()
                        .completions()
                        .create(chat("parrot").temperature(9).build()))
                .isInstanceOfSatisfying(
                        BadRequestException.class, e -> assertThat(e.param()).contains("temperature"));
        OpenAIClient stranger = openai("wrong-key-1");
        assertThatThrownBy(() ->
                        stranger.chat().completions().create(chat("parrot").build()))
                .isInstanceOf(UnauthorizedException.class);
        stranger.close();
    }

    @Test
    void openaiLeaves() {
        long before = server.scheduler().stats().generatedTokens();
        server.runner.pause();
        server.runner.allow(5);
        ChatCompletionCreateParams endless = chat("parrot")
                .maxCompletionTokens(400)
                .putAdditionalBodyProperty("ignore_eos", com.openai.core.JsonValue.from(true))
                .build();
        try (StreamResponse<ChatCompletionChunk> stream =
                openai.chat().completions().createStreaming(endless)) {
            Iterator<ChatCompletionChunk> chunks = stream.stream().iterator();
            assertThat(chunks.next().choices()).isNotEmpty();
        }
        theRequestEnds(before);
    }

    @Test
    void langchain4jChats() {
        OpenAiChatModel model = OpenAiChatModel.builder()
                .baseUrl(server.server.address() + "/v1")
                .apiKey(KEY)
                .modelName("parrot")
                .build();
        ChatResponse answer = model.chat(UserMessage.from("hello"));
        assertThat(answer.aiMessage().text()).isEqualTo(ANSWER);
        assertThat(answer.tokenUsage()).isInstanceOfSatisfying(OpenAiTokenUsage.class, usage -> {
            assertThat(usage.outputTokenCount()).isEqualTo(ANSWER.length());
            assertThat(usage.inputTokensDetails().cachedTokens()).isNotNegative();
        });
    }

    @Test
    void langchain4jCompletes() {
        OpenAiLanguageModel model = OpenAiLanguageModel.builder()
                .baseUrl(server.server.address() + "/v1")
                .apiKey(KEY)
                .modelName("parrot")
                .build();
        assertThat(model.generate("hello").content()).isEqualTo("hello");
    }

    @Test
    void langchain4jStreams() throws Exception {
        CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
        StringBuilder text = new StringBuilder();
        streaming().chat("hello", new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String piece) {
                text.append(piece);
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                whole.complete(response);
            }

            @Override
            public void onError(Throwable error) {
                whole.completeExceptionally(error);
            }
        });
        ChatResponse response = whole.get(60, TimeUnit.SECONDS);
        assertThat(text.toString()).isEqualTo(ANSWER);
        assertThat(response.aiMessage().text()).isEqualTo(ANSWER);
        assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(ANSWER.length());
    }

    @Test
    void langchain4jLeaves() throws Exception {
        long before = server.scheduler().stats().generatedTokens();
        server.runner.pause();
        server.runner.allow(5);
        CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
        streaming().chat("x".repeat(300), new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
                context.streamingHandle().cancel();
                cancelled.complete(context.streamingHandle().isCancelled());
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
                cancelled.completeExceptionally(new AssertionError("it went on to the end"));
            }

            @Override
            public void onError(Throwable error) {
                cancelled.completeExceptionally(error);
            }
        });
        assertThat(cancelled.get(60, TimeUnit.SECONDS)).isTrue();
        theRequestEnds(before);
    }

    @Test
    void langchain4jKnowsOurErrors() {
        assertThatThrownBy(() -> OpenAiChatModel.builder()
                        .baseUrl(server.server.address() + "/v1")
                        .apiKey(KEY)
                        .modelName("gpt")
                        .maxRetries(0)
                        .build()
                        .chat("hello"))
                .isInstanceOf(ModelNotFoundException.class);
        assertThatThrownBy(() -> OpenAiChatModel.builder()
                        .baseUrl(server.server.address() + "/v1")
                        .apiKey(KEY)
                        .modelName("parrot")
                        .temperature(9.0)
                        .maxRetries(0)
                        .build()
                        .chat("hello"))
                .isInstanceOf(InvalidRequestException.class);
    }

    /** One step is running and held; it may end, and then nothing of the rest is computed any more. */
    private static void theRequestEnds(long before) {
        TestServer.await("the exchange's end", () -> server.server.door().exchanges() == 0);
        server.runner.allow(1);
        server.awaitIdle();
        assertThat(server.scheduler().stats().generatedTokens() - before).isLessThan(20);
    }

    private static ChatCompletionCreateParams.Builder chat(String model) {
        return ChatCompletionCreateParams.builder().model(model).addUserMessage("hello");
    }

    private static OpenAIClient openai(String key) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(server.server.address() + "/v1")
                .apiKey(key)
                .maxRetries(0)
                .responseValidation(true)
                .build();
    }

    private static OpenAiStreamingChatModel streaming() {
        return OpenAiStreamingChatModel.builder()
                .baseUrl(server.server.address() + "/v1")
                .apiKey(KEY)
                .modelName("parrot")
                .build();
    }
}
