package dev.kvasir.engine.compatibility;

import static dev.kvasir.engine.compatibility.Field.checked;
import static dev.kvasir.engine.compatibility.Field.ignored;
import static dev.kvasir.engine.compatibility.Field.refused;
import static dev.kvasir.engine.compatibility.Field.supported;

import java.util.List;

/** Messages. */
final class MessagesFields {
    private static final String CALLS =
            "\"messages\":[{\"role\":\"user\",\"content\":\"" + OpenAiFields.CALL + OpenAiFields.CALL + "\"}]";
    private static final String TOOL = "[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}]";
    private static final String SCHEMA = "{\"type\":\"json_schema\",\"schema\":{\"const\":1}}";

    private static final List<Field> COUNTED = List.of(
            supported("messages", "[{\"role\":\"user\",\"content\":\"and of the hills and more\"}]"),
            supported("system", "\"Be kind.\""),
            supported("tools", TOOL),
            supported("chat_template_kwargs", "{\"mood\":\"good\"}"),
            supported("thinking", "{\"type\":\"enabled\",\"budget_tokens\":1024}"),
            ignored("cache_control", "{\"type\":\"ephemeral\"}"),
            ignored("metadata", "{\"user_id\":\"me\"}"),
            ignored("speed", "\"standard\""),
            ignored("nobody_knows", "[1]"),
            refused("tools", "[{\"type\":\"web_search_20250305\",\"name\":\"web_search\"}]")
                    .as("tools.web_search"),
            refused("container", "\"c_1\""),
            refused("context_management", "{\"edits\":[]}"),
            refused("mcp_servers", "[{}]"));

    static final Endpoint MESSAGES = new Endpoint(
            "/v1/messages",
            "MessagesRequest",
            "com.anthropic.models.messages.MessageCreateParams$Body",
            "\"model\":\"parrot\",\"seed\":7,\"max_tokens\":400," + OpenAiFields.SAID,
            Endpoint.fields(
                    List.of(
                            supported("model", "\"bird\""),
                            supported("max_tokens", "3"),
                            supported("stop_sequences", "[\"me\"]"),
                            supported("tool_choice", "{\"type\":\"none\"}").with("\"tools\":" + TOOL + "," + CALLS),
                            supported("output_config", "{\"format\":" + SCHEMA + "}")
                                    .as("output_config.format"),
                            supported("output_format", SCHEMA),
                            ignored("output_config", "{\"effort\":\"low\"}").as("output_config.effort"),
                            ignored("service_tier", "\"auto\""),
                            refused("diagnostics", "{\"a\":1}"),
                            refused("inference_geo", "\"eu\""),
                            refused("stop", "\"a\""),
                            refused("max_completion_tokens", "3"),
                            refused("response_format", "{\"type\":\"json_object\"}"),
                            refused("guided_json", "{\"const\":1}"),
                            refused("guided_regex", "\"a\""),
                            refused("guided_choice", "[\"a\"]"),
                            refused("guided_grammar", "\"root ::= \\\"x\\\"\""),
                            refused("logprobs", "true"),
                            refused("echo", "true"),
                            refused("best_of", "3")),
                    COUNTED,
                    Endpoint.SAMPLING));

    static final Endpoint COUNT = new Endpoint(
            "/v1/messages/count_tokens",
            "CountTokensRequest",
            "com.anthropic.models.messages.MessageCountTokensParams$Body",
            "\"model\":\"parrot\"," + OpenAiFields.SAID,
            Endpoint.fields(
                    List.of(
                            checked("model", "\"bird\""),
                            checked("tool_choice", "{\"type\":\"auto\"}"),
                            checked("output_config", "{\"effort\":\"low\"}"),
                            checked("output_format", SCHEMA)),
                    COUNTED));

    private MessagesFields() {}
}
