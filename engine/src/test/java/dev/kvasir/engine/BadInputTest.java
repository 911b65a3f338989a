package dev.kvasir.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.engine.testkit.TestServer;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused, with which status and code. The same table is in docs/api.md. */
class BadInputTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String COMPLETE = "/v1/completions";
    private static final Path API_DOC = Path.of("..", "docs", "api.md");

    /**
     * A request that is refused.
     *
     * @param what as it stands in the docs
     * @param param the field that the error names, {@code -} for none
     * @param code the error's code, {@code -} for none
     * @param told what the error's text has, where the API's errors name no field
     */
    record Bad(String what, String path, byte[] body, int status, String param, String code, String told) {
        Bad(String what, String path, byte[] body, int status, String param, String code) {
            this(what, path, body, status, param, code, "");
        }

        static Bad response(String what, String fields, String param, String code) {
            return new Bad(what, "/v1/responses", utf8("{" + MODEL + "," + fields + "}"), 400, param, code);
        }

        static Bad toldMessage(String what, String fields, String param, String told) {
            return new Bad(what, "/v1/messages", utf8("{" + MODEL + "," + fields + "}"), 400, param, "-", told);
        }

        static Bad chat(String what, String fields, int status, String param, String code) {
            return new Bad(what, CHAT, utf8("{" + fields + "}"), status, param, code);
        }

        /** A conversation that is right but for one field. */
        static Bad field(String what, String field, String param) {
            return field(what, field, param, "-");
        }

        static Bad field(String what, String field, String param, String code) {
            return chat(what, MODEL + "," + HELLO + "," + field, 400, param, code);
        }

        static Bad prompt(String what, String fields, String param) {
            return new Bad(what, COMPLETE, utf8("{" + MODEL + "," + fields + "}"), 400, param, "-");
        }

        static Bad eviction(String what, String body, String param) {
            return new Bad(what, "/v1/kvasir/pool/evict", utf8(body), 400, param, "-");
        }

        /** A text to embed that is right but for one field. */
        static Bad embedding(String what, String fields, String param) {
            return new Bad(what, "/v1/embeddings", utf8("{" + MODEL + "," + fields + "}"), 400, param, "-");
        }

        static Bad batch(String what, String fields, String param) {
            return new Bad(what, "/v1/batches", utf8("{" + fields + "}"), 400, param, "-");
        }

        String row() {
            return "| " + what + " | " + status + " | " + (param.equals("-") ? "" : "`" + param + "`") + " | "
                    + (code.equals("-") ? "" : "`" + code + "`") + " |";
        }

        @Override
        public String toString() {
            return what;
        }
    }

    private static final String MODEL = "\"model\":\"parrot\"";
    private static final String TOOL = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]";
    private static final String HELLO = "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]";

    private static final String BATCH = "\"input_file_id\":\"file-1\",\"endpoint\":\"/v1/completions\"";

    private static TestServer server;
    private static final AtomicInteger tokenized = new AtomicInteger();

    @BeforeAll
    static void start() {
        server = TestServer.start("http.maxBodyBytes=1MiB");
        server.tokenizer.onEncode(tokenized::incrementAndGet);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Bad> table() {
        return Stream.of(
                new Bad("a body that is not JSON", CHAT, utf8("{\"model\":"), 400, "-", "-"),
                new Bad("an empty body", CHAT, new byte[0], 400, "-", "-"),
                new Bad("a body with something behind the object", CHAT, utf8("{} {}"), 400, "-", "-"),
                new Bad("a body that is not UTF-8", CHAT, invalidUtf8(), 400, "-", "-"),
                new Bad("a body that is an array", CHAT, utf8("[]"), 400, "-", "-"),
                new Bad("a body that is a string", COMPLETE, utf8("\"hello\""), 400, "-", "-"),
                new Bad("nesting of 100,000 levels", CHAT, utf8("[".repeat(100_000)), 400, "-", "-"),
                new Bad(
                        "nesting of 100,000 levels in an ignored field",
                        CHAT,
                        utf8("{\"metadata\":" + "{\"a\":".repeat(100_000)),
                        400,
                        "-",
                        "-"),
                new Bad("more than 500,000 values", COMPLETE, utf8("[" + "0,".repeat(500_000) + "0]"), 400, "-", "-"),
                new Bad(
                        "a number of more than 100 digits",
                        CHAT,
                        utf8("{\"n\":" + "1".repeat(1001) + "}"),
                        400,
                        "-",
                        "-"),
                Bad.chat("no `model`", HELLO, 400, "model", "-"),
                Bad.chat("`model` that is a number", "\"model\":1," + HELLO, 400, "model", "-"),
                Bad.chat("`model` that is not served", "\"model\":\"gpt\"," + HELLO, 404, "model", "model_not_found"),
                Bad.chat("no `messages`", MODEL, 400, "messages", "-"),
                Bad.chat("`messages` that are empty", MODEL + ",\"messages\":[]", 400, "messages", "-"),
                Bad.chat("`messages` that are a string", MODEL + ",\"messages\":\"hi\"", 400, "messages", "-"),
                message("a message that is a string", "\"hi\"", "messages[0]"),
                message("a message without `role`", "{\"content\":\"hi\"}", "messages[0].role"),
                message("an unknown role", "{\"role\":\"king\",\"content\":\"hi\"}", "messages[0].role"),
                message("a role that is a number", "{\"role\":1,\"content\":\"hi\"}", "messages[0].role"),
                message("a message without `content`", "{\"role\":\"user\"}", "messages[0].content"),
                message("`content` that is a number", "{\"role\":\"user\",\"content\":1}", "messages[0].content"),
                message(
                        "`content` that is an empty array",
                        "{\"role\":\"user\",\"content\":[]}",
                        "messages[0].content"),
                message(
                        "half a surrogate pair in a text",
                        "{\"role\":\"user\",\"content\":\"a\\ud800b\"}",
                        "messages[0].content"),
                unsupported("the role of a function", "{\"role\":\"function\",\"content\":\"hi\"}", "messages[0].role"),
                message(
                        "a tool's result without `tool_call_id`",
                        "{\"role\":\"tool\",\"content\":\"hi\"}",
                        "messages[0].tool_call_id"),
                unsupported(
                        "a part that is an image",
                        "{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}]}",
                        "messages[0].content[0].type"),
                message(
                        "a tool call without `function`",
                        "{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{}]}",
                        "messages[0].tool_calls[0].function"),
                message(
                        "tool calls of a user",
                        "{\"role\":\"user\",\"content\":\"a\",\"tool_calls\":[{}]}",
                        "messages[0].tool_calls"),
                Bad.field("`temperature` -1", "\"temperature\":-1", "temperature"),
                Bad.field("`temperature` 2.1", "\"temperature\":2.1", "temperature"),
                Bad.field("`temperature` that is a string", "\"temperature\":\"1\"", "temperature"),
                Bad.field("`temperature` that is a boolean", "\"temperature\":true", "temperature"),
                Bad.field("`temperature` 1e999", "\"temperature\":1e999", "temperature"),
                Bad.field("`top_p` 5", "\"top_p\":5", "top_p"),
                Bad.field("`top_k` -2", "\"top_k\":-2", "top_k"),
                Bad.field("`min_p` 1.5", "\"min_p\":1.5", "min_p"),
                Bad.field("`presence_penalty` 3", "\"presence_penalty\":3", "presence_penalty"),
                Bad.field("`frequency_penalty` -3", "\"frequency_penalty\":-3", "frequency_penalty"),
                Bad.field("`repetition_penalty` 0", "\"repetition_penalty\":0", "repetition_penalty"),
                Bad.field("`max_tokens` 0", "\"max_tokens\":0", "max_tokens"),
                Bad.field("`max_tokens` -5", "\"max_tokens\":-5", "max_tokens"),
                Bad.field("`max_tokens` 1.5", "\"max_tokens\":1.5", "max_tokens"),
                Bad.field("`max_tokens` 1e30", "\"max_tokens\":1e30", "max_tokens"),
                Bad.field("`max_tokens` that is a boolean", "\"max_tokens\":true", "max_tokens"),
                Bad.field("`max_completion_tokens` 0", "\"max_completion_tokens\":0", "max_completion_tokens"),
                Bad.field("`min_tokens` above `max_tokens`", "\"min_tokens\":5,\"max_tokens\":4", "min_tokens"),
                Bad.field("`n` 0", "\"n\":0", "n"),
                Bad.field("`n` 1000", "\"n\":1000", "n"),
                Bad.field("`seed` 1.5", "\"seed\":1.5", "seed"),
                Bad.field("`seed` beyond 64 bits", "\"seed\":99999999999999999999", "seed"),
                Bad.field("`stream` that is a string", "\"stream\":\"yes\"", "stream"),
                Bad.field("`stream_options` without `stream`", "\"stream_options\":{}", "stream_options"),
                Bad.field("10,000 stop strings", "\"stop\":[" + "\"a\",".repeat(9_999) + "\"a\"]", "stop"),
                Bad.field("a stop string that is empty", "\"stop\":\"\"", "stop"),
                Bad.field("a stop string that is a number", "\"stop\":[1]", "stop[0]"),
                Bad.field("a stop string of 1,025 characters", "\"stop\":\"" + "a".repeat(1025) + "\"", "stop"),
                Bad.field("`logit_bias` of 101", "\"logit_bias\":{\"5\":101}", "logit_bias.5"),
                Bad.field("`logit_bias` for a token that there isn't", "\"logit_bias\":{\"260\":1}", "logit_bias"),
                Bad.field("`logit_bias` for something that is no token", "\"logit_bias\":{\"a\":1}", "logit_bias"),
                Bad.field("`logit_bias` of more than 1,024 entries", "\"logit_bias\":{" + biases() + "}", "logit_bias"),
                Bad.field("`logit_bias` that is an array", "\"logit_bias\":[]", "logit_bias"),
                Bad.field("`logprobs` that is a number", "\"logprobs\":3", "logprobs"),
                Bad.field("`top_logprobs` 21", "\"logprobs\":true,\"top_logprobs\":21", "top_logprobs"),
                Bad.field("`top_logprobs` without `logprobs`", "\"top_logprobs\":2", "top_logprobs"),
                Bad.field("`priority` 1001", "\"priority\":1001", "priority"),
                Bad.field("`priority` 0.5", "\"priority\":0.5", "priority"),
                Bad.field("`kvasir` that is a number", "\"kvasir\":1", "kvasir"),
                Bad.field("`kvasir.deadline_ms` 0", "\"kvasir\":{\"deadline_ms\":0}", "kvasir.deadline_ms"),
                Bad.field(
                        "`kvasir.deadline_ms` of more than a day",
                        "\"kvasir\":{\"deadline_ms\":86400001}",
                        "kvasir.deadline_ms"),
                Bad.field("an unknown field of `kvasir`", "\"kvasir\":{\"deadline\":5}", "kvasir.deadline"),
                Bad.field("`return_token_ids` that is a number", "\"return_token_ids\":1", "return_token_ids"),
                Bad.field("`prompt_logprobs` 21", "\"prompt_logprobs\":21", "prompt_logprobs"),
                Bad.field("`prompt_logprobs` in a stream", "\"prompt_logprobs\":1,\"stream\":true", "prompt_logprobs"),
                Bad.field("`cache_salt` that is empty", "\"cache_salt\":\"\"", "cache_salt"),
                Bad.field("`tools` that are an object", "\"tools\":{}", "tools"),
                Bad.field("a tool without `type`", "\"tools\":[{}]", "tools[0].type"),
                Bad.field(
                        "a tool that is no function",
                        "\"tools\":[{\"type\":\"web\"}]",
                        "tools[0].type",
                        "unsupported_parameter"),
                Bad.field(
                        "a tool with a space in its name",
                        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"a b\"}}]",
                        "tools[0].function.name"),
                Bad.field("129 tools", "\"tools\":[" + "1,".repeat(128) + "1]", "tools"),
                Bad.field("`tools` for a chat template that has none", TOOL, "tools"),
                Bad.field("`tool_choice` that there isn't", TOOL + ",\"tool_choice\":\"any\"", "tool_choice"),
                Bad.field(
                        "`tool_choice` of a tool that isn't offered",
                        TOOL + ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"g\"}}",
                        "tool_choice.function.name"),
                Bad.field("`tool_choice` `required` without `tools`", "\"tool_choice\":\"required\"", "tool_choice"),
                Bad.field("`functions`", "\"functions\":[{}]", "functions", "unsupported_parameter"),
                Bad.field(
                        "`response_format` of no known type",
                        "\"response_format\":{\"type\":\"xml\"}",
                        "response_format.type"),
                Bad.field(
                        "`response_format` without its schema",
                        "\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{}}",
                        "response_format.json_schema.schema"),
                Bad.field(
                        "`response_format` and `guided_regex`",
                        "\"response_format\":{\"type\":\"json_object\"},\"guided_regex\":\"a\"",
                        "guided_regex"),
                Bad.field("`guided_choice` that is empty", "\"guided_choice\":[]", "guided_choice"),
                Bad.field("`guided_json` that isn't JSON", "\"guided_json\":\"{\"", "guided_json"),
                Bad.field("`audio`", "\"audio\":{\"voice\":\"x\"}", "audio", "unsupported_parameter"),
                Bad.field(
                        "`chat_template_kwargs` that replace what the server sets",
                        "\"chat_template_kwargs\":{\"messages\":1}",
                        "chat_template_kwargs.messages"),
                new Bad(
                        "`tools` for a completion",
                        COMPLETE,
                        utf8("{" + MODEL + ",\"prompt\":\"a\"," + TOOL + "}"),
                        400,
                        "tools",
                        "unsupported_parameter"),
                Bad.prompt("no `prompt`", "\"n\":1", "prompt"),
                Bad.prompt("`prompt` that is an empty array", "\"prompt\":[]", "prompt"),
                Bad.prompt("`prompt` that is an object", "\"prompt\":{}", "prompt"),
                Bad.prompt("a prompt with a token that there isn't", "\"prompt\":[1,260]", "prompt[1]"),
                Bad.prompt("a prompt of 65 texts", "\"prompt\":[" + "\"a\",".repeat(64) + "\"a\"]", "prompt"),
                Bad.prompt(
                        "prompts times `n` above 128",
                        "\"n\":16,\"prompt\":[\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\"]",
                        "n"),
                Bad.prompt("`logprobs` 21 for a completion", "\"prompt\":\"a\",\"logprobs\":21", "logprobs"),
                new Bad(
                        "`best_of` other than `n`",
                        COMPLETE,
                        utf8("{" + MODEL + ",\"prompt\":\"a\",\"best_of\":3}"),
                        400,
                        "best_of",
                        "unsupported_parameter"),
                new Bad(
                        "`suffix`",
                        COMPLETE,
                        utf8("{" + MODEL + ",\"prompt\":\"a\",\"suffix\":\"b\"}"),
                        400,
                        "suffix",
                        "unsupported_parameter"),
                new Bad(
                        "a text that can't fit the context, whatever its tokens",
                        COMPLETE,
                        utf8("{" + MODEL + ",\"prompt\":\"" + "a".repeat(100_000) + "\"}"),
                        400,
                        "prompt",
                        "context_length_exceeded"),
                new Bad(
                        "a token-id prompt longer than the context",
                        COMPLETE,
                        utf8("{" + MODEL + ",\"prompt\":[" + "1,".repeat(600) + "1]}"),
                        400,
                        "prompt",
                        "context_length_exceeded"),
                new Bad(
                        "a token-id prompt that fits with a `max_tokens` that doesn't",
                        COMPLETE,
                        utf8("{" + MODEL + ",\"prompt\":[1,2,3],\"max_tokens\":510}"),
                        400,
                        "prompt",
                        "context_length_exceeded"),
                Bad.response("a response to no `input`", "\"store\":false", "input", "-"),
                Bad.response("`input` that is a number", "\"input\":1", "input", "-"),
                Bad.response("`input` that is empty", "\"input\":[]", "input", "-"),
                Bad.response("an item that is a string", "\"input\":[\"hi\"]", "input[0]", "-"),
                Bad.response("an item without `type`", "\"input\":[{}]", "input[0].type", "-"),
                Bad.response(
                        "an item of another kind",
                        "\"input\":[{\"type\":\"computer_call\"}]",
                        "input[0].type",
                        "unsupported_parameter"),
                Bad.response(
                        "an item of an unknown role",
                        "\"input\":[{\"role\":\"king\",\"content\":\"hi\"}]",
                        "input[0].role",
                        "-"),
                Bad.response(
                        "an item that is an image",
                        "\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_image\"}]}]",
                        "input[0].content[0].type",
                        "unsupported_parameter"),
                Bad.response(
                        "a call without `call_id`",
                        "\"input\":[{\"type\":\"function_call\",\"name\":\"f\"}]",
                        "input[0].call_id",
                        "-"),
                Bad.response(
                        "a call's result without `output`",
                        "\"input\":[{\"type\":\"function_call_output\",\"call_id\":\"c\"}]",
                        "input[0].output",
                        "-"),
                Bad.response(
                        "`previous_response_id` that isn't stored",
                        "\"input\":\"hi\",\"previous_response_id\":\"resp_1\"",
                        "previous_response_id",
                        "previous_response_not_found"),
                Bad.response(
                        "`background` in a stream",
                        "\"input\":\"hi\",\"background\":true,\"stream\":true",
                        "background",
                        "unsupported_parameter"),
                Bad.response(
                        "`background` that isn't to be stored",
                        "\"input\":\"hi\",\"background\":true,\"store\":false",
                        "background",
                        "-"),
                Bad.response(
                        "`max_output_tokens` 0", "\"input\":\"hi\",\"max_output_tokens\":0", "max_output_tokens", "-"),
                Bad.response("a response in several choices", "\"input\":\"hi\",\"n\":2", "n", "-"),
                Bad.response("`metadata` with a number", "\"input\":\"hi\",\"metadata\":{\"a\":1}", "metadata.a", "-"),
                Bad.response(
                        "`text.format` of no known type",
                        "\"input\":\"hi\",\"text\":{\"format\":{\"type\":\"xml\"}}",
                        "text.format.type",
                        "-"),
                Bad.response(
                        "`text.format` without its name",
                        "\"input\":\"hi\",\"text\":{\"format\":{\"type\":\"json_schema\",\"schema\":{}}}",
                        "text.format.name",
                        "-"),
                Bad.response(
                        "a tool that the server would run",
                        "\"input\":\"hi\",\"tools\":[{\"type\":\"web_search\"}]",
                        "tools[0].type",
                        "unsupported_parameter"),
                Bad.response(
                        "`tool_choice` of a response that isn't offered",
                        "\"input\":\"hi\",\"tool_choice\":{\"type\":\"function\",\"name\":\"f\"}",
                        "tool_choice.name",
                        "-"),
                Bad.response(
                        "`allowed_tools` that are none",
                        "\"input\":\"hi\",\"tool_choice\":{\"type\":\"allowed_tools\",\"tools\":[]}",
                        "tool_choice.tools",
                        "-"),
                Bad.response(
                        "`include` of what there isn't",
                        "\"input\":\"hi\",\"include\":[\"file_search_call.results\"]",
                        "include",
                        "unsupported_parameter"),
                Bad.response(
                        "`truncation` `auto`",
                        "\"input\":\"hi\",\"truncation\":\"auto\"",
                        "truncation",
                        "unsupported_parameter"),
                Bad.toldMessage("a message's `max_tokens` left out", HELLO, "max_tokens", "'max_tokens'"),
                Bad.toldMessage(
                        "`max_tokens` 0 for a message", "\"max_tokens\":0," + HELLO, "max_tokens", "'max_tokens'"),
                Bad.toldMessage("a message to nothing", "\"max_tokens\":5", "messages", "'messages'"),
                Bad.toldMessage(
                        "a message of an unknown role",
                        "\"max_tokens\":5,\"messages\":[{\"role\":\"king\",\"content\":\"hi\"}]",
                        "messages[0].role",
                        "'messages[0].role'"),
                Bad.toldMessage(
                        "a content block without `type`",
                        "\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":[{}]}]",
                        "messages[0].content[0].type",
                        "'messages[0].content[0].type'"),
                Bad.toldMessage(
                        "a content block that is an image",
                        "\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\"}]}]",
                        "messages[0].content[0].type",
                        "Content blocks of type 'image'"),
                Bad.toldMessage(
                        "a call of the user's",
                        "\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}}]}]",
                        "messages[0].content[0].type",
                        "Content blocks of this type"),
                Bad.toldMessage(
                        "an answer that is begun",
                        "\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"Well,\"}]",
                        "messages",
                        "The last message must be"),
                Bad.toldMessage(
                        "`system` that is a number", "\"max_tokens\":5,\"system\":1," + HELLO, "system", "'system'"),
                Bad.toldMessage(
                        "a tool without `input_schema`",
                        "\"max_tokens\":5,\"tools\":[{\"name\":\"f\"}]," + HELLO,
                        "tools[0].input_schema",
                        "'tools[0].input_schema'"),
                Bad.toldMessage(
                        "a tool of Anthropic's",
                        "\"max_tokens\":5,\"tools\":[{\"type\":\"bash_20250124\",\"name\":\"bash\"}]," + HELLO,
                        "tools[0].type",
                        "Tools of type 'bash_20250124'"),
                Bad.toldMessage(
                        "`tool_choice` `any` without `tools`",
                        "\"max_tokens\":5,\"tool_choice\":{\"type\":\"any\"}," + HELLO,
                        "tool_choice.type",
                        "'tool_choice' is 'any'"),
                Bad.toldMessage(
                        "`thinking` of no known type",
                        "\"max_tokens\":5,\"thinking\":{\"type\":\"hard\"}," + HELLO,
                        "thinking.type",
                        "'thinking.type'"),
                Bad.toldMessage(
                        "17 `stop_sequences`",
                        "\"max_tokens\":5,\"stop_sequences\":[\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\",\"a\"],"
                                + HELLO,
                        "stop_sequences",
                        "'stop_sequences'"),
                Bad.toldMessage(
                        "`temperature` 3 for a message",
                        "\"max_tokens\":5,\"temperature\":3," + HELLO,
                        "temperature",
                        "'temperature'"),
                Bad.toldMessage("a message in several choices", "\"max_tokens\":5,\"n\":2," + HELLO, "n", "'n'"),
                new Bad("no `tokens` to detokenize", "/detokenize", utf8("{}"), 400, "tokens", "-"),
                new Bad(
                        "`prompt` and `messages` to tokenize",
                        "/tokenize",
                        utf8("{\"prompt\":\"a\"," + HELLO + "}"),
                        400,
                        "prompt",
                        "-"),
                Bad.embedding("no `input` to embed", "\"dimensions\":1", "input"),
                Bad.embedding("an empty text to embed", "\"input\":\"\"", "input"),
                Bad.embedding("`input` that is an empty array", "\"input\":[]", "input"),
                Bad.embedding("`input` that is an object", "\"input\":{}", "input"),
                Bad.embedding("`input` with an empty list of token ids", "\"input\":[[1],[]]", "input[1]"),
                Bad.embedding("`input` with a token that there isn't", "\"input\":[[1,260]]", "input[0][1]"),
                Bad.embedding("`input` of texts and numbers", "\"input\":[\"a\",1]", "input[1]"),
                Bad.embedding("`input` of 2,049 texts", "\"input\":[" + "\"a\",".repeat(2048) + "\"a\"]", "input"),
                Bad.embedding("`dimensions` 0", "\"input\":\"a\",\"dimensions\":0", "dimensions"),
                Bad.embedding("`dimensions` beyond the model's", "\"input\":\"a\",\"dimensions\":3", "dimensions"),
                Bad.embedding(
                        "`encoding_format` that there isn't",
                        "\"input\":\"a\",\"encoding_format\":\"hex\"",
                        "encoding_format"),
                Bad.embedding("`pooling` that there isn't", "\"input\":\"a\",\"pooling\":\"max\"", "pooling"),
                new Bad(
                        "a token-id list to embed that is longer than the context",
                        "/v1/embeddings",
                        utf8("{" + MODEL + ",\"input\":[" + "1,".repeat(512) + "1]}"),
                        400,
                        "input",
                        "context_length_exceeded"),
                Bad.batch("a batch without `input_file_id`", "\"completion_window\":\"24h\"", "input_file_id"),
                Bad.batch("a batch without `endpoint`", "\"input_file_id\":\"file-1\"", "endpoint"),
                Bad.batch(
                        "a batch of an endpoint that has none",
                        "\"input_file_id\":\"file-1\",\"endpoint\":\"/tokenize\"",
                        "endpoint"),
                Bad.batch("a batch without `completion_window`", BATCH, "completion_window"),
                Bad.batch("`completion_window` 0h", BATCH + ",\"completion_window\":\"0h\"", "completion_window"),
                Bad.batch("`completion_window` 31d", BATCH + ",\"completion_window\":\"31d\"", "completion_window"),
                Bad.batch(
                        "`completion_window` that is a number",
                        BATCH + ",\"completion_window\":24",
                        "completion_window"),
                Bad.batch(
                        "`metadata` of a batch that is an array",
                        BATCH + ",\"completion_window\":\"24h\",\"metadata\":[]",
                        "metadata"),
                Bad.batch(
                        "`metadata` of a batch with a number",
                        BATCH + ",\"completion_window\":\"24h\",\"metadata\":{\"a\":1}",
                        "metadata"),
                new Bad(
                        "a batch of a file that there isn't",
                        "/v1/batches",
                        utf8("{" + BATCH + ",\"completion_window\":\"24h\"}"),
                        404,
                        "-",
                        "not_found"),
                new Bad(
                        "a batch to cancel that there isn't",
                        "/v1/batches/batch_1/cancel",
                        utf8("{}"),
                        404,
                        "-",
                        "not_found"),
                new Bad("a file that is uploaded as JSON", "/v1/files", utf8("{}"), 415, "-", "unsupported_media_type"),
                Bad.eviction("eviction from no `tier`", "{\"segments\":1}", "tier"),
                Bad.eviction("eviction from a tier that there isn't", "{\"tier\":\"host\",\"segments\":1}", "tier"),
                Bad.eviction("eviction of no `segments`", "{\"tier\":\"device\"}", "segments"),
                Bad.eviction("eviction of 0 `segments`", "{\"tier\":\"device\",\"segments\":0}", "segments"),
                Bad.eviction(
                        "eviction of `segments` and `all`", "{\"tier\":\"device\",\"segments\":1,\"all\":true}", "all"),
                Bad.eviction(
                        "eviction with an unknown field",
                        "{\"tier\":\"device\",\"all\":true,\"tenant\":\"me\"}",
                        "tenant"),
                new Bad(
                        "a body longer than `http.maxBodyBytes`",
                        CHAT,
                        new byte[(1 << 20) + 1],
                        413,
                        "-",
                        "request_too_large"),
                new Bad("a path that there isn't", "/v1/nothing", utf8("{}"), 404, "-", "unknown_url"));
    }

    @ParameterizedTest
    @MethodSource("table")
    void isRefusedBeforeAnythingIsTokenized(Bad bad) throws Exception {
        int before = tokenized.get();
        HttpResponse<String> response = server.client.send(
                HttpRequest.newBuilder(server.uri(bad.path()))
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofByteArray(bad.body()))
                        .build(),
                BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(bad.status());
        assertThat(response.headers().firstValue("content-type")).contains("application/json");
        JsonNode error = TestServer.json(response.body()).path("error");
        assertThat(error.path("message").asText()).isNotBlank().hasSizeLessThan(500);
        assertThat(error.path("type").asText()).isEqualTo("invalid_request_error");
        assertThat(tokenized.get()).isEqualTo(before);
        assertThat(server.scheduler().hasWork()).isFalse();
        if (!bad.told().isEmpty()) {
            assertThat(error.path("message").asText()).contains(bad.told());
            return;
        }
        assertThat(error.get("param").isNull() ? "-" : error.path("param").asText())
                .isEqualTo(bad.param());
        assertThat(error.get("code").isNull() ? "-" : error.path("code").asText())
                .isEqualTo(bad.code());
    }

    @Test
    void theTableIsInTheDocs() throws Exception {
        String doc = Files.readString(API_DOC);
        String section = doc.substring(doc.indexOf("## Bad input"));
        List<String> rows = table().map(Bad::row).toList();
        assertThat(section.lines().filter(line -> line.startsWith("| ")).skip(1))
                .containsExactlyElementsOf(rows);
    }

    @Test
    void aPromptLongerThanTheContextIsToldBothNumbers() throws Exception {
        HttpResponse<String> response =
                server.post(COMPLETE, "{" + MODEL + ",\"prompt\":\"" + "a".repeat(600) + "\",\"max_tokens\":7}");
        JsonNode error = TestServer.json(response.body()).path("error");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(error.path("code").asText()).isEqualTo("context_length_exceeded");
        assertThat(error.path("message").asText())
                .contains("512")
                .contains("608")
                .contains("601")
                .contains("7");
        HttpResponse<String> exact =
                server.post(COMPLETE, "{" + MODEL + ",\"prompt\":\"" + "a".repeat(504) + "\",\"max_tokens\":7}");
        assertThat(exact.statusCode()).isEqualTo(200);
    }

    @Test
    void aConversationWithoutAChatTemplateIsToldTheRemedy() throws Exception {
        try (TestServer plain = TestServer.start(TestServer.CONTEXT, null)) {
            HttpResponse<String> response = plain.post(CHAT, "{" + MODEL + "," + HELLO + "}");
            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(response.body()).contains("/v1/completions").contains("model.chatTemplate");
        }
    }

    @Test
    void whatTheTemplateRefusesIsTheClientsFault() throws Exception {
        HttpResponse<String> response =
                server.post(CHAT, "{" + MODEL + ",\"messages\":[{\"role\":\"user\",\"content\":\"refuse me\"}]}");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("it said to");
    }

    @Test
    void theWrongMethodIsToldTheRightOne() throws Exception {
        for (String path : List.of(CHAT, COMPLETE, "/tokenize", "/detokenize")) {
            HttpResponse<String> response = server.get(path);
            assertThat(response.statusCode()).isEqualTo(405);
            assertThat(response.headers().firstValue("allow")).contains("POST");
            assertThat(TestServer.json(response.body())
                            .path("error")
                            .path("code")
                            .asText())
                    .isEqualTo("method_not_allowed");
        }
        HttpResponse<String> posted = server.post("/v1/models", "{}");
        assertThat(posted.statusCode()).isEqualTo(405);
        assertThat(posted.headers().firstValue("allow")).contains("GET");
    }

    @Test
    void aFormIsNotJson() throws Exception {
        HttpResponse<String> response = server.client.send(
                HttpRequest.newBuilder(server.uri(CHAT))
                        .header("content-type", "application/x-www-form-urlencoded")
                        .POST(BodyPublishers.ofString("{}"))
                        .build(),
                BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(415);
    }

    @Test
    void valuesThatClientLibrariesSendUnaskedAreLetThrough() throws Exception {
        server.ok(
                CHAT,
                "{" + MODEL + "," + HELLO
                        + ",\"tools\":[],\"tool_choice\":\"none\",\"response_format\":{\"type\":\"text\"},"
                        + "\"modalities\":[\"text\"],\"stop\":null,\"user\":\"me\",\"metadata\":{\"a\":\"b\"},\"store\":false,"
                        + "\"logit_bias\":{},\"n\":1.0,\"top_p\":0,\"parallel_tool_calls\":true,\"nobody_knows\":[1]}");
    }

    @Test
    void aStepThatBreaksIsTheServersFault() throws Exception {
        HttpResponse<String> response = server.post(COMPLETE, "{" + MODEL + ",\"prompt\":[1,255]}");
        assertThat(response.statusCode()).isEqualTo(500);
        JsonNode error = TestServer.json(response.body()).path("error");
        assertThat(error.path("type").asText()).isEqualTo("server_error");
        assertThat(error.path("message").asText()).doesNotContain("broke");
        server.ok(COMPLETE, "{" + MODEL + ",\"prompt\":\"still here\"}");
    }

    private static Bad message(String what, String message, String param) {
        return Bad.chat(what, MODEL + ",\"messages\":[" + message + "]", 400, param, "-");
    }

    private static Bad unsupported(String what, String message, String param) {
        return Bad.chat(what, MODEL + ",\"messages\":[" + message + "]", 400, param, "unsupported_parameter");
    }

    private static String biases() {
        StringBuilder biases = new StringBuilder("\"0\":1");
        for (int i = 1; i <= 1024; i++) {
            biases.append(",\"").append(i).append("\":1");
        }
        return biases.toString();
    }

    private static byte[] invalidUtf8() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(utf8("{\"model\":\""));
        out.write(0xc3);
        out.writeBytes(utf8("\"}"));
        return out.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
