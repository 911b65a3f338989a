package dev.kvasir.engine.compatibility;

import static dev.kvasir.engine.compatibility.Field.checked;
import static dev.kvasir.engine.compatibility.Field.ignored;
import static dev.kvasir.engine.compatibility.Field.supported;

import java.util.List;

/** What asks the tokenizer alone. */
final class TokenizerFields {
    private static final String PROMPT = "\"messages\":null,\"prompt\":\"hello\"";

    static final Endpoint TOKENIZE = new Endpoint(
            "/tokenize",
            "TokenizeRequest",
            "",
            OpenAiFields.SAID,
            List.of(
                    checked("model", "\"bird\""),
                    supported("messages", "[{\"role\":\"user\",\"content\":\"and of the hills\"}]"),
                    supported("add_generation_prompt", "false"),
                    supported("chat_template_kwargs", "{\"mood\":\"good\"}"),
                    supported("prompt", "\"hi\"").with(PROMPT),
                    supported("add_special_tokens", "false").with(PROMPT),
                    ignored("nobody_knows", "[1]")));

    static final Endpoint DETOKENIZE = new Endpoint(
            "/detokenize",
            "DetokenizeRequest",
            "",
            "\"tokens\":[256,104,105]",
            List.of(
                    checked("model", "\"bird\""),
                    supported("tokens", "[104]"),
                    supported("skip_special_tokens", "true"),
                    ignored("nobody_knows", "[1]")));

    private TokenizerFields() {}
}
