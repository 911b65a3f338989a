package dev.kvasir.engine.fuzz;

import java.util.List;
import java.util.Map;

/** Right requests to begin with. A route that has none of its own is asked with everything that others know. */
final class Seeds {
    private static final String MESSAGES = "\"messages\":[{\"role\":\"system\",\"content\":\"be brief\"},"
            + "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"say é 🦜\"}]}]";
    private static final String TOOL = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":"
            + "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}}}}}]";
    private static final String SAMPLING = "\"temperature\":0.7,\"top_p\":0.9,\"top_k\":5,\"min_p\":0.1,\"seed\":7,"
            + "\"presence_penalty\":0.5,\"frequency_penalty\":-0.5,\"repetition_penalty\":1.1,\"stop\":[\"zz\",\"yy\"],"
            + "\"stop_token_ids\":[7],\"logit_bias\":{\"5\":-3},\"min_tokens\":1,\"ignore_eos\":false,"
            + "\"cache_salt\":\"s\",\"user\":\"me\",\"priority\":1,\"kvasir\":{\"deadline_ms\":20000}";

    private static final Map<String, List<String>> BY_PATH = Map.of(
            "/v1/completions",
                    List.of(
                            "{\"model\":\"parrot\",\"prompt\":\"hello there\",\"max_tokens\":5,\"n\":2,\"best_of\":2,"
                                    + "\"echo\":true,\"logprobs\":2,\"return_token_ids\":true,\"prompt_logprobs\":1,"
                                    + SAMPLING + "}",
                            "{\"model\":\"bird\",\"prompt\":[\"one\",[116,119]],\"max_tokens\":4,\"stream\":true,"
                                    + "\"stream_options\":{\"include_usage\":true}}",
                            "{\"model\":\"parrot\",\"prompt\":\"x\",\"guided_regex\":\"[ab]{1,4}\",\"max_tokens\":6}",
                            "{\"model\":\"parrot\",\"prompt\":\"x\",\"guided_choice\":[\"yes\",\"no\"]}"),
            "/v1/chat/completions",
                    List.of(
                            "{\"model\":\"parrot\"," + MESSAGES + ",\"max_completion_tokens\":6,\"logprobs\":true,"
                                    + "\"top_logprobs\":3,\"return_token_ids\":true," + SAMPLING + "}",
                            "{\"model\":\"parrot\"," + MESSAGES + ",\"stream\":true,\"max_tokens\":8,\"n\":2}",
                            "{\"model\":\"parrot\"," + MESSAGES + "," + TOOL
                                    + ",\"tool_choice\":\"none\",\"max_tokens\":8}",
                            "{\"model\":\"parrot\"," + MESSAGES + ",\"max_tokens\":20,\"response_format\":{\"type\":"
                                    + "\"json_schema\",\"json_schema\":{\"name\":\"n\",\"schema\":{\"type\":\"object\","
                                    + "\"properties\":{\"a\":{\"type\":\"string\"}}}}}}"),
            "/v1/responses",
                    List.of(
                            "{\"model\":\"parrot\",\"input\":\"hello\",\"max_output_tokens\":6}",
                            "{\"model\":\"parrot\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\","
                                    + "\"text\":\"hi\"}]}],\"stream\":true,\"max_output_tokens\":6,\"store\":true}",
                            "{\"model\":\"parrot\",\"input\":\"later\",\"background\":true,\"max_output_tokens\":6}"),
            "/v1/messages",
                    List.of(
                            "{\"model\":\"parrot\",\"max_tokens\":6,\"system\":\"be brief\",\"messages\":[{\"role\":\"user\","
                                    + "\"content\":[{\"type\":\"text\",\"text\":\"hi\"}]}],\"stream\":true}"),
            "/v1/embeddings",
                    List.of("{\"model\":\"parrot\",\"input\":[\"one\",\"two\"],\"encoding_format\":\"base64\","
                            + "\"dimensions\":2}"),
            "/tokenize",
                    List.of(
                            "{\"model\":\"parrot\",\"prompt\":\"hello\",\"add_special_tokens\":true}",
                            "{" + MESSAGES + ",\"add_generation_prompt\":true,\"chat_template_kwargs\":{\"a\":1}}"),
            "/detokenize", List.of("{\"tokens\":[104,105,259],\"skip_special_tokens\":true}"),
            "/v1/kvasir/pool/evict",
                    List.of("{\"tier\":\"device\",\"segments\":2}", "{\"tier\":\"device\",\"all\":true}"));

    private static final List<String> ANY = List.of(
            "{\"model\":\"parrot\",\"input\":\"hello\",\"prompt\":\"hello\"," + MESSAGES + ",\"max_tokens\":6,"
                    + "\"max_output_tokens\":6,\"stream\":false,\"id\":\"x\",\"tokens\":[1,2]}",
            "{}");

    private Seeds() {}

    /** Returns bodies for a path. */
    static List<String> of(String path) {
        return BY_PATH.getOrDefault(path, ANY);
    }

    /** Returns whether the path has bodies of its own, which are right. */
    static boolean knows(String path) {
        return BY_PATH.containsKey(path);
    }
}
