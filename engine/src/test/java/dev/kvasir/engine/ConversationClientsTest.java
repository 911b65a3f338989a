package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.anthropic.models.messages.ToolUseBlock;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.responses.FunctionTool;
import com.openai.models.responses.Response;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseFunctionToolCall;
import com.openai.models.responses.ResponseInputItem;
import com.openai.models.responses.ResponseStatus;
import com.openai.models.responses.ResponseStreamEvent;
import dev.kvasir.engine.testkit.EchoTemplate;
import dev.kvasir.engine.testkit.TestServer;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesChatModel;
import dev.langchain4j.model.openai.OpenAiResponsesStreamingChatModel;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Responses and messages through the official clients, unmodified, and what clients do when the server is busy. The model says the last message again. */
class ConversationClientsTest {
    private static final String KEY = "client-key-1";
    private static final String CALL =
            "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": 2}}</tool_call>";

    private static TestServer server;
    private static OpenAIClient openai;
    private static AnthropicClient anthropic;

    @BeforeAll
    static void start() {
        server = TestServer.start(
                4096,
                new EchoTemplate("tools <tool_call> </think>"),
                "http.apiKeys=[" + KEY + "]",
                "scheduler.maxSequences=1",
                "scheduler.maxQueued=1");
        openai = openai(KEY, 0);
        anthropic = anthropic(KEY, 0);
    }

    @AfterAll
    static void stop() {
        openai.close();
        anthropic.close();
        server.close();
    }

    @AfterEach
    void nothingIsLeft() {
        server.runner.resume();
        server.awaitIdle();
    }

    private static OpenAIClient openai(String key, int retries) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(server.server.address() + "/v1")
                .apiKey(key)
                .maxRetries(retries)
                .responseValidation(true)
                .build();
    }

    private static AnthropicClient anthropic(String key, int retries) {
        return AnthropicOkHttpClient.builder()
                .baseUrl(server.server.address())
                .apiKey(key)
                .maxRetries(retries)
                .responseValidation(true)
                .build();
    }

    private static MessageCreateParams.Builder message(String said) {
        return MessageCreateParams.builder().model("parrot").maxTokens(500).addUserMessage(said);
    }

    private static MessageCreateParams.Builder withTool(String said) {
        com.anthropic.core.JsonValue integer = com.anthropic.core.JsonValue.from(java.util.Map.of("type", "integer"));
        return message(said)
                .addTool(Tool.builder()
                        .name("add")
                        .description("Adds two numbers.")
                        .inputSchema(Tool.InputSchema.builder()
                                .properties(Tool.InputSchema.Properties.builder()
                                        .putAdditionalProperty("a", integer)
                                        .putAdditionalProperty("b", integer)
                                        .build())
                                .addRequired("a")
                                .addRequired("b")
                                .build())
                        .build());
    }

    private static String text(Message message) {
        StringBuilder text = new StringBuilder();
        message.content().forEach(block -> block.text().ifPresent(part -> text.append(part.text())));
        return text.toString();
    }

    @Test
    void anthropicAnswersAndCounts() {
        Message answer =
                anthropic.messages().create(message("hello").system("Be kind.").build());
        answer.validate();
        assertThat(text(answer)).isEqualTo("hello");
        assertThat(answer.stopReason()).contains(StopReason.END_TURN);
        assertThat(answer.usage().outputTokens()).isEqualTo(5);
        assertThat(anthropic
                        .messages()
                        .countTokens(MessageCountTokensParams.builder()
                                .model("parrot")
                                .addUserMessage("hello")
                                .build())
                        .inputTokens())
                .isEqualTo(5);
    }

    @Test
    void anthropicStreamsAThoughtAndACall() {
        MessageAccumulator whole = MessageAccumulator.create();
        try (com.anthropic.core.http.StreamResponse<RawMessageStreamEvent> stream = anthropic
                .messages()
                .createStreaming(withTool("<think>Hm.</think>So: " + CALL).build())) {
            stream.stream().forEach(whole::accumulate);
        }
        Message answer = whole.message();
        assertThat(answer.content().get(0).thinking().orElseThrow().thinking()).isEqualTo("Hm.");
        assertThat(text(answer)).isEqualTo("So:");
        assertThat(answer.stopReason()).contains(StopReason.TOOL_USE);
        assertThat(answer.content().get(2).toolUse().orElseThrow()._input().toString())
                .contains("a=1", "b=2");
    }

    @Test
    void anthropicUsesTheResultOfATool() {
        MessageCreateParams.Builder conversation = withTool(CALL);
        Message asked = anthropic.messages().create(conversation.build());
        ToolUseBlock call = asked.content().get(0).toolUse().orElseThrow();
        assertThat(call.name()).isEqualTo("add");
        conversation.addMessage(asked);
        conversation.addUserMessageOfContentBlockParams(
                List.of(ContentBlockParam.ofToolResult(ToolResultBlockParam.builder()
                        .toolUseId(call.id())
                        .content("It is 3.")
                        .build())));
        assertThat(text(anthropic.messages().create(conversation.build()))).isEqualTo("It is 3.");
    }

    @Test
    void anthropicKnowsOurErrors() {
        assertThatThrownBy(() -> anthropic
                        .messages()
                        .create(message("hi").model("claude").build()))
                .isInstanceOf(com.anthropic.errors.NotFoundException.class);
        assertThatThrownBy(() ->
                        anthropic.messages().create(message("hi").maxTokens(0).build()))
                .isInstanceOf(com.anthropic.errors.BadRequestException.class)
                .hasMessageContaining("max_tokens");
        AnthropicClient stranger = anthropic("wrong-key-1", 0);
        assertThatThrownBy(() -> stranger.messages().create(message("hi").build()))
                .isInstanceOf(com.anthropic.errors.UnauthorizedException.class);
        stranger.close();
    }

    @Test
    void anthropicLeaves() {
        server.runner.pause();
        server.runner.allow(5);
        MessageCreateParams endless = message("hello")
                .putAdditionalBodyProperty("ignore_eos", com.anthropic.core.JsonValue.from(true))
                .build();
        try (com.anthropic.core.http.StreamResponse<RawMessageStreamEvent> stream =
                anthropic.messages().createStreaming(endless)) {
            Iterator<RawMessageStreamEvent> events = stream.stream().iterator();
            assertThat(events.next().isMessageStart()).isTrue();
        }
        theRequestEnds();
    }

    private static ResponseCreateParams.Builder response(String said) {
        return ResponseCreateParams.builder().model("parrot").input(said);
    }

    private static String text(Response response) {
        StringBuilder text = new StringBuilder();
        response.output().forEach(item -> item.message().ifPresent(message -> message.content()
                .forEach(part -> part.outputText().ifPresent(said -> text.append(said.text())))));
        return text.toString();
    }

    private static FunctionTool add() {
        return FunctionTool.builder()
                .name("add")
                .strict(false)
                .parameters(FunctionTool.Parameters.builder()
                        .putAdditionalProperty("type", com.openai.core.JsonValue.from("object"))
                        .build())
                .build();
    }

    @Test
    void openaiResponds() {
        Response first = openai.responses()
                .create(response("hello").instructions("Be kind.").build());
        first.validate();
        assertThat(text(first)).isEqualTo("hello");
        assertThat(first.status()).contains(ResponseStatus.COMPLETED);
        assertThat(first.usage().orElseThrow().outputTokens()).isEqualTo(5);
        assertThat(text(openai.responses().retrieve(first.id()).validate())).isEqualTo("hello");
        Response next = openai.responses()
                .create(response("and?").previousResponseId(first.id()).build());
        assertThat(next.previousResponseId()).contains(first.id());
        assertThat(openai.responses().inputItems().list(next.id()).data()).hasSize(1);
        openai.responses().delete(first.id());
        assertThatThrownBy(() -> openai.responses().retrieve(first.id()))
                .isInstanceOf(com.openai.errors.NotFoundException.class);
        assertThatThrownBy(() -> openai.responses()
                        .create(response("and?").previousResponseId(next.id()).build()))
                .isInstanceOf(com.openai.errors.BadRequestException.class);
    }

    @Test
    void openaiStreamsAResponse() {
        StringBuilder text = new StringBuilder();
        List<Response> ended = new ArrayList<>();
        try (com.openai.core.http.StreamResponse<ResponseStreamEvent> stream = openai.responses()
                .createStreaming(response("<think>Hm.</think>hello").build())) {
            stream.stream().forEach(event -> {
                event.validate();
                event.outputTextDelta().ifPresent(delta -> text.append(delta.delta()));
                event.completed().ifPresent(end -> ended.add(end.response()));
            });
        }
        assertThat(text.toString()).isEqualTo("hello");
        assertThat(text(ended.get(0))).isEqualTo("hello");
    }

    @Test
    void openaiCallsAToolInAResponse() {
        Response asked = openai.responses().create(response(CALL).addTool(add()).build());
        ResponseFunctionToolCall call = asked.output().get(0).asFunctionCall();
        assertThat(call.arguments().replace(" ", "")).isEqualTo("{\"a\":1,\"b\":2}");
        Response answer = openai.responses()
                .create(ResponseCreateParams.builder()
                        .model("parrot")
                        .addTool(add())
                        .previousResponseId(asked.id())
                        .inputOfResponse(List.of(
                                ResponseInputItem.ofFunctionCallOutput(ResponseInputItem.FunctionCallOutput.builder()
                                        .callId(call.callId())
                                        .output("It is 3.")
                                        .build())))
                        .build());
        assertThat(text(answer)).isEqualTo("It is 3.");
    }

    @Test
    void langchain4jResponds() throws Exception {
        OpenAiResponsesChatModel model = OpenAiResponsesChatModel.builder()
                .baseUrl(server.server.address() + "/v1")
                .apiKey(KEY)
                .modelName("parrot")
                .build();
        assertThat(model.chat("hello")).isEqualTo("hello");
        CompletableFuture<ChatResponse> whole = new CompletableFuture<>();
        StringBuilder pieces = new StringBuilder();
        OpenAiResponsesStreamingChatModel.builder()
                .baseUrl(server.server.address() + "/v1")
                .apiKey(KEY)
                .modelName("parrot")
                .build()
                .chat("hello", new StreamingChatResponseHandler() {
                    @Override
                    public void onPartialResponse(String piece) {
                        pieces.append(piece);
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
        assertThat(whole.get(60, TimeUnit.SECONDS).aiMessage().text()).isEqualTo("hello");
        assertThat(pieces.toString()).isEqualTo("hello");
    }

    @Test
    void openaiRespondsInTheBackground() {
        server.runner.pause();
        Response queued =
                openai.responses().create(response("hello").background(true).build());
        assertThat(queued.status()).contains(ResponseStatus.QUEUED);
        Response cancelled = openai.responses().cancel(queued.id());
        assertThat(cancelled.status()).contains(ResponseStatus.CANCELLED);
        server.runner.resume();
        server.awaitIdle();
    }

    @Test
    void openaiEmbeds() {
        var answer = openai.embeddings()
                .create(EmbeddingCreateParams.builder()
                        .model("parrot")
                        .inputOfArrayOfStrings(List.of("one", "two"))
                        .build());
        answer.validate();
        assertThat(answer.data()).hasSize(2);
        assertThat(answer.data().get(0).embedding()).isNotEmpty();
    }

    /** Each client tries again by itself when it is told that the server is busy. */
    @Test
    void everyClientTriesAgainWhenTheServerIsBusy() throws Exception {
        server.runner.pause();
        occupy();
        TestServer.await("the one that runs", server.runner::isHolding);
        occupy();
        TestServer.await("a full queue", () -> server.scheduler().stats().waiting() == 1);
        double before = refusals();
        AnthropicClient patient = anthropic(KEY, 8);
        OpenAIClient stubborn = openai(KEY, 8);
        OpenAiChatModel langchain = OpenAiChatModel.builder()
                .baseUrl(server.server.address() + "/v1")
                .apiKey(KEY)
                .modelName("parrot")
                .maxRetries(8)
                .build();
        List<Callable<String>> asking = List.of(
                () -> text(patient.messages().create(message("a").build())),
                () -> text(stubborn.responses().create(response("b").build())),
                () -> stubborn.chat()
                        .completions()
                        .create(ChatCompletionCreateParams.builder()
                                .model("parrot")
                                .addUserMessage("c")
                                .build())
                        .choices()
                        .get(0)
                        .message()
                        .content()
                        .orElseThrow(),
                () -> langchain.chat("d"));
        ExecutorService threads = Executors.newFixedThreadPool(asking.size());
        List<Future<String>> answers = new ArrayList<>();
        asking.forEach(one -> answers.add(threads.submit(one)));
        TestServer.await("four refusals", () -> refusals() >= before + 4);
        server.runner.resume();
        List<String> said = new ArrayList<>();
        for (Future<String> answer : answers) {
            said.add(answer.get(60, TimeUnit.SECONDS));
        }
        assertThat(said).containsExactly("a", "b", "c", "d");
        threads.shutdown();
        patient.close();
        stubborn.close();
    }

    private static void occupy() {
        var unused = server.client.sendAsync(
                server.postRequest(
                        "/v1/completions",
                        "{\"model\":\"parrot\",\"prompt\":\"busy\"}",
                        "authorization",
                        "Bearer " + KEY),
                BodyHandlers.ofString());
    }

    private static double refusals() {
        try {
            return server.get("/metrics", "x-api-key", KEY)
                    .body()
                    .lines()
                    .filter(line -> line.startsWith("kvasir_http_requests_total") && line.contains("\"429\""))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                    .sum();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** One step is running and held; it may end, and then nothing of the rest is computed any more. */
    private static void theRequestEnds() {
        TestServer.await("the exchange's end", () -> server.server.door().exchanges() == 0);
        server.runner.allow(1);
        server.awaitIdle();
    }
}
