package dev.kvasir.engine.testkit;

import dev.kvasir.runner.ChatTemplate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Renders everything that it is given: variables and messages in full, so that the parrot says all of it again and nothing goes by unseen. */
public final class TalkTemplate implements ChatTemplate {
    @Override
    public String render(
            List<Map<String, Object>> messages, Map<String, Object> variables, boolean addGenerationPrompt) {
        StringBuilder prompt = new StringBuilder();
        new TreeMap<>(variables)
                .forEach((name, value) ->
                        prompt.append(name).append('=').append(value).append('\n'));
        for (Map<String, Object> message : messages) {
            Map<String, Object> rest = new TreeMap<>(message);
            Object content = rest.remove("content");
            prompt.append(rest).append('\n').append(content).append('\n');
        }
        return addGenerationPrompt ? prompt + ">" : prompt.toString();
    }

    @Override
    public String source() {
        return "tools <tool_call>";
    }
}
