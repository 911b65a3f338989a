package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionNamedToolChoice;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import dev.kvasir.engine.testkit.EchoTemplate;
import dev.kvasir.engine.testkit.TestServer;
import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.TokenStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tools through the clients that people use, unmodified. The model is a parrot that says the last message. */
class ToolClientsTest {
    private static final String CALL =
            "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": 2}}</tool_call>";
    private static final String OTHER =
            "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 3, \"b\": 4}}</tool_call>";

    private static TestServer server;
    private static OpenAIClient openai;

    @BeforeAll
    static void start() {
        server = TestServer.start(4096, new EchoTemplate("tools <tool_call>"));
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

    private static ChatCompletionCreateParams.Builder asking(String said) {
        Map<String, Object> integer = Map.of("type", "integer");
        FunctionDefinition add = FunctionDefinition.builder()
                .name("add")
                .description("Adds two numbers.")
                .parameters(FunctionParameters.builder()
                        .putAdditionalProperty("type", JsonValue.from("object"))
                        .putAdditionalProperty(
                                "properties", JsonValue.from(new TreeMap<>(Map.of("a", integer, "b", integer))))
                        .putAdditionalProperty("required", JsonValue.from(List.of("a", "b")))
                        .build())
                .build();
        return ChatCompletionCreateParams.builder()
                .model("parrot")
                .addUserMessage(said)
                .addTool(ChatCompletionFunctionTool.builder().function(add).build());
    }

    private static ChatCompletionMessageFunctionToolCall call(ChatCompletion answer, int index) {
        return answer.choices()
                .get(0)
                .message()
                .toolCalls()
                .orElseThrow()
                .get(index)
                .asFunction();
    }

    @Test
    void openaiCallsAToolAndGoesOn() {
        ChatCompletionCreateParams.Builder conversation = asking(CALL);
        ChatCompletion answer = openai.chat().completions().create(conversation.build());
        answer.validate();
        assertThat(answer.choices().get(0).finishReason().asString()).isEqualTo("tool_calls");
        ChatCompletionMessageFunctionToolCall call = call(answer, 0);
        assertThat(call.function().name()).isEqualTo("add");
        conversation.addMessage(answer.choices().get(0).message());
        conversation.addMessage(ChatCompletionToolMessageParam.builder()
                .toolCallId(call.id())
                .content("It is 3.")
                .build());
        ChatCompletion end = openai.chat().completions().create(conversation.build());
        assertThat(end.choices().get(0).message().content()).contains("It is 3.");
        assertThat(end.choices().get(0).finishReason().asString()).isEqualTo("stop");
    }

    @Test
    void openaiStreamsCalls() {
        ChatCompletionAccumulator whole = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> stream = openai.chat()
                .completions()
                .createStreaming(asking(CALL + "\n" + OTHER).build())) {
            stream.stream().forEach(whole::accumulate);
        }
        ChatCompletion answer = whole.chatCompletion();
        assertThat(call(answer, 0).function().arguments().replace(" ", "")).contains("\"a\":1", "\"b\":2");
        assertThat(call(answer, 1).function().arguments().replace(" ", "")).contains("\"a\":3", "\"b\":4");
        assertThat(call(answer, 0).id()).isNotEqualTo(call(answer, 1).id());
    }

    @Test
    void openaiForcesAToolAndRefusesOne() {
        ChatCompletion forced = openai.chat()
                .completions()
                .create(asking(CALL)
                        .toolChoice(ChatCompletionNamedToolChoice.builder()
                                .function(ChatCompletionNamedToolChoice.Function.builder()
                                        .name("add")
                                        .build())
                                .build())
                        .build());
        assertThat(call(forced, 0).function().name()).isEqualTo("add");
        ChatCompletion refused = openai.chat()
                .completions()
                .create(asking("I won't.")
                        .toolChoice(ChatCompletionToolChoiceOption.Auto.NONE)
                        .build());
        assertThat(refused.choices().get(0).message().content()).contains("I won't.");
        assertThat(refused.choices().get(0).message().toolCalls()).isEmpty();
    }

    /** A tool of LangChain4j. */
    static final class Calculator {
        int calls;

        @Tool("Adds two numbers.")
        int add(@P("the first") int a, @P("the second") int b) {
            calls++;
            return a + b;
        }
    }

    interface Assistant {
        String chat(String message);
    }

    interface StreamingAssistant {
        TokenStream chat(String message);
    }

    /** LangChain4j calls parameters as the compiler left them, so the parrot's call names those. */
    private static String withNames(String call) {
        var parameters = java.util.Arrays.stream(Calculator.class.getDeclaredMethods())
                .filter(method -> method.getName().equals("add"))
                .findFirst()
                .orElseThrow()
                .getParameters();
        return call.replace("\"a\"", '"' + parameters[0].getName() + '"')
                .replace("\"b\"", '"' + parameters[1].getName() + '"');
    }

    @Test
    void langchain4jRunsTheTool() {
        Calculator calculator = new Calculator();
        Assistant assistant = AiServices.builder(Assistant.class)
                .chatModel(OpenAiChatModel.builder()
                        .baseUrl(server.server.address() + "/v1")
                        .apiKey("none")
                        .modelName("parrot")
                        .maxRetries(0)
                        .build())
                .tools(calculator)
                .build();
        assertThat(assistant.chat(withNames(CALL))).isEqualTo("3");
        assertThat(calculator.calls).isEqualTo(1);
        assistant.chat(withNames(CALL + OTHER));
        assertThat(calculator.calls).isEqualTo(3);
        assertThat(assistant.chat("No, thank you.")).isEqualTo("No, thank you.");
        // A call of a tool that there isn't can't be written where calls are guided.
        assertThat(assistant.chat("{\"name\": \"nothing\"}")).isEqualTo("{\"name\": \"nothing\"}");
    }

    @Test
    void langchain4jRunsTheToolOfAStream() throws Exception {
        Calculator calculator = new Calculator();
        StreamingAssistant assistant = AiServices.builder(StreamingAssistant.class)
                .streamingChatModel(OpenAiStreamingChatModel.builder()
                        .baseUrl(server.server.address() + "/v1")
                        .apiKey("none")
                        .modelName("parrot")
                        .build())
                .tools(calculator)
                .build();
        CompletableFuture<String> end = new CompletableFuture<>();
        assistant
                .chat(withNames(CALL))
                .onPartialResponse(text -> {})
                .onCompleteResponse(
                        response -> end.complete(response.aiMessage().text()))
                .onError(end::completeExceptionally)
                .start();
        assertThat(end.get(30, TimeUnit.SECONDS)).isEqualTo("3");
        assertThat(calculator.calls).isEqualTo(1);
    }
}
