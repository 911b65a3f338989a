package dev.kvasir.engine.compatibility;

import static dev.kvasir.engine.compatibility.Field.ignored;
import static dev.kvasir.engine.compatibility.Field.refused;
import static dev.kvasir.engine.compatibility.Field.supported;

import java.util.List;

/** Responses. */
final class ResponsesFields {
    /** Stands for the id of a stored response. */
    static final String PREVIOUS = "$PREVIOUS";

    private static final String CALLS = "\"input\":\"" + OpenAiFields.CALL + OpenAiFields.CALL + "\"";
    private static final String TOOL = "\"tools\":[{\"type\":\"function\",\"name\":\"f\"}]";

    static final Endpoint RESPONSES = new Endpoint(
            "/v1/responses",
            "ResponsesRequest",
            "com.openai.models.responses.ResponseCreateParams$Body",
            "\"model\":\"parrot\",\"seed\":7,\"max_output_tokens\":400,\"input\":\"tell me of the sea\"",
            Endpoint.fields(
                    List.of(
                            supported("model", "\"bird\""),
                            supported("input", "[{\"role\":\"user\",\"content\":\"and of the hills\"}]"),
                            supported("instructions", "\"Be kind.\""),
                            supported("previous_response_id", "\"" + PREVIOUS + "\""),
                            supported("store", "false"),
                            supported("background", "true"),
                            supported("max_output_tokens", "3"),
                            supported("metadata", "{\"a\":\"b\"}"),
                            supported("include", "[\"message.output_text.logprobs\"]"),
                            supported("top_logprobs", "2"),
                            supported("stop", "\"me\""),
                            supported("text", "{\"format\":{\"type\":\"json_object\"}}")
                                    .as("text.format"),
                            supported("tools", "[{\"type\":\"function\",\"name\":\"f\"}]"),
                            supported("tool_choice", "\"none\"").with(TOOL + "," + CALLS),
                            supported("parallel_tool_calls", "false").with(TOOL + "," + CALLS),
                            supported("chat_template_kwargs", "{\"mood\":\"good\"}"),
                            ignored("text", "{\"verbosity\":\"low\"}").as("text.verbosity"),
                            ignored("reasoning", "{\"effort\":\"low\"}"),
                            ignored("max_tool_calls", "3"),
                            ignored("service_tier", "\"auto\""),
                            ignored("user", "\"me\""),
                            ignored("safety_identifier", "\"x\""),
                            ignored("prompt_cache_key", "\"x\""),
                            ignored("prompt_cache_options", "{}"),
                            ignored("prompt_cache_retention", "\"24h\""),
                            ignored("stream_options", "{\"include_obfuscation\":false}"),
                            ignored("nobody_knows", "[1]"),
                            refused("tools", "[{\"type\":\"web_search\"}]").as("tools.web_search"),
                            refused("truncation", "\"auto\""),
                            refused("conversation", "\"conv_1\""),
                            refused("prompt", "{\"id\":\"pmpt_1\"}"),
                            refused("context_management", "[{\"type\":\"compaction\"}]"),
                            refused("access_programs", "[{}]"),
                            refused("image", "{\"a\":1}"),
                            refused("moderation", "{\"model\":\"x\"}"),
                            refused("response_format", "{\"type\":\"json_object\"}"),
                            refused("guided_json", "{\"const\":1}"),
                            refused("guided_regex", "\"a\""),
                            refused("guided_choice", "[\"a\"]"),
                            refused("guided_grammar", "\"root ::= \\\"x\\\"\""),
                            refused("echo", "true"),
                            refused("audio", "{\"voice\":\"x\"}"),
                            refused("modalities", "[\"text\",\"audio\"]"),
                            refused("best_of", "3")),
                    Endpoint.SAMPLING));

    private ResponsesFields() {}
}
