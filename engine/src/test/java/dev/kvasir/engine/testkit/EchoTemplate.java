package dev.kvasir.engine.testkit;

import dev.kvasir.runner.ChatTemplate;
import java.util.List;
import java.util.Map;

/** Renders the last message's content and nothing else, so that the parrot says it again: a test writes the model's reply. */
public final class EchoTemplate implements ChatTemplate {
    private final String source;

    /** @param source what the template is taken to be, for the form of calls */
    public EchoTemplate(String source) {
        this.source = source;
    }

    @Override
    public String render(
            List<Map<String, Object>> messages, Map<String, Object> variables, boolean addGenerationPrompt) {
        return String.valueOf(messages.get(messages.size() - 1).get("content"));
    }

    @Override
    public String source() {
        return source;
    }
}
