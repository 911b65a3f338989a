package dev.kvasir.engine.compatibility;

import static dev.kvasir.engine.compatibility.Field.ignored;
import static dev.kvasir.engine.compatibility.Field.refused;
import static dev.kvasir.engine.compatibility.Field.supported;

import java.util.List;

/** Completions, chats and embeddings. */
final class OpenAiFields {
    static final String SAID = "\"messages\":[{\"role\":\"user\",\"content\":\"tell me of the sea\"}]";
    static final String CALL = "<tool_call>{\\\"name\\\":\\\"f\\\",\\\"arguments\\\":{}}</tool_call>";
    private static final String CALLS = "\"messages\":[{\"role\":\"user\",\"content\":\"" + CALL + CALL + "\"}]";
    private static final String TOOL = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]";
    private static final String STREAM = "\"stream\":true";

    private static final List<Field> BOTH = List.of(
            supported("model", "\"bird\""),
            supported("max_tokens", "3"),
            supported("max_completion_tokens", "3"),
            supported("n", "2"),
            supported("stop", "\"me\""),
            supported("stream_options", "{\"include_usage\":true}")
                    .as("stream_options.include_usage")
                    .with(STREAM),
            supported("response_format", "{\"type\":\"json_object\"}"),
            supported("guided_json", "{\"const\":1}"),
            supported("guided_regex", "\"[0-9]{3}\""),
            supported("guided_choice", "[\"yes\",\"no\"]"),
            supported("guided_grammar", "\"root ::= \\\"x\\\"\""),
            supported("return_token_ids", "true"),
            supported("prompt_logprobs", "1"),
            ignored("user", "\"me\""),
            ignored("metadata", "{\"a\":\"b\"}"),
            ignored("store", "true"),
            ignored("service_tier", "\"auto\""),
            ignored("nobody_knows", "[1]"),
            refused("best_of", "3"),
            refused("functions", "[{\"name\":\"f\"}]"),
            refused("function_call", "{\"name\":\"f\"}"),
            refused("audio", "{\"voice\":\"x\"}"),
            refused("modalities", "[\"text\",\"audio\"]"),
            refused("moderation", "{\"model\":\"x\"}"),
            refused("prediction", "{\"type\":\"content\",\"content\":\"x\"}"),
            refused("web_search_options", "{\"search_context_size\":\"low\"}"),
            refused("suffix", "\"x\""),
            refused("prompt_embeds", "\"x\""),
            refused("use_beam_search", "true"));

    static final Endpoint CHAT = new Endpoint(
            "/v1/chat/completions",
            "ChatRequest",
            "com.openai.models.chat.completions.ChatCompletionCreateParams$Body",
            "\"model\":\"parrot\",\"seed\":7,\"max_tokens\":400," + SAID,
            Endpoint.fields(
                    List.of(
                            supported("messages", "[{\"role\":\"user\",\"content\":\"and of the hills\"}]"),
                            supported("tools", "[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]"),
                            supported("tool_choice", "\"none\"").with(TOOL + "," + CALLS),
                            supported("parallel_tool_calls", "false").with(TOOL + "," + CALLS),
                            supported("logprobs", "true"),
                            supported("top_logprobs", "2").with("\"logprobs\":true"),
                            supported("chat_template_kwargs", "{\"mood\":\"good\"}"),
                            ignored("reasoning_effort", "\"low\""),
                            ignored("verbosity", "\"low\""),
                            ignored("safety_identifier", "\"x\""),
                            ignored("prompt_cache_key", "\"x\""),
                            ignored("prompt_cache_options", "{}"),
                            ignored("prompt_cache_retention", "\"24h\""),
                            refused("echo", "true")),
                    Endpoint.SAMPLING,
                    BOTH));

    static final Endpoint COMPLETION = new Endpoint(
            "/v1/completions",
            "CompletionRequest",
            "com.openai.models.completions.CompletionCreateParams$Body",
            "\"model\":\"parrot\",\"seed\":7,\"max_tokens\":400,\"prompt\":\"tell me of the sea and of the hills\"",
            Endpoint.fields(
                    List.of(
                            supported("prompt", "[104,105]"),
                            supported("logprobs", "2"),
                            supported("echo", "true"),
                            refused("tools", "[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]"),
                            refused("tool_choice", "\"required\"")),
                    Endpoint.SAMPLING,
                    BOTH));

    static final Endpoint EMBEDDINGS = new Endpoint(
            "/v1/embeddings",
            "EmbeddingRequest",
            "com.openai.models.embeddings.EmbeddingCreateParams$Body",
            "\"model\":\"parrot\",\"input\":\"tell me of the sea and of the hills\"",
            List.of(
                    supported("model", "\"bird\""),
                    supported("input", "[104,105]"),
                    supported("dimensions", "1"),
                    supported("encoding_format", "\"base64\""),
                    supported("pooling", "\"mean\""),
                    supported("cache_salt", "\"pepper\""),
                    ignored("user", "\"me\""),
                    ignored("nobody_knows", "[1]")));

    private OpenAiFields() {}
}
