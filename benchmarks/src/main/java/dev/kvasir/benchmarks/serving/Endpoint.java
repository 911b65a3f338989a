package dev.kvasir.benchmarks.serving;

import com.fasterxml.jackson.databind.JsonNode;

/** Which of the two generating routes is measured, and where its chunks keep their text. */
enum Endpoint {
    CHAT("/v1/chat/completions"),
    COMPLETIONS("/v1/completions");

    private final String path;

    Endpoint(String path) {
        this.path = path;
    }

    String path() {
        return path;
    }

    /** Returns the text that one choice of a streamed chunk adds, maybe empty. Reasoning counts: somebody waits for it too. */
    String text(JsonNode choice) {
        if (this == COMPLETIONS) {
            return string(choice.path("text"));
        }
        JsonNode delta = choice.path("delta");
        String content = string(delta.path("content"));
        return content.isEmpty() ? string(delta.path("reasoning_content")) : content;
    }

    private static String string(JsonNode node) {
        return node.isTextual() ? node.asText() : "";
    }
}
