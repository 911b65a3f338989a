package dev.kvasir.runner.synthetic;

import static org.assertj.core.api.Assertions.assertThat;

import com.hubspot.jinjava.Jinjava;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ChatTemplatesTest {
    private static String render(String template, List<Map<String, Object>> messages, Map<String, Object> variables) {
        Map<String, Object> context = new HashMap<>(variables);
        context.put("messages", messages);
        context.put("bos_token", "<s>");
        context.put("eos_token", "</s>");
        return new Jinjava().render(template, context);
    }

    @Test
    void chatMlMarksEveryTurn() {
        String prompt = render(
                ChatTemplates.CHAT_ML,
                List.of(
                        Map.of("role", "system", "content", "Be brief."),
                        Map.of("role", "user", "content", "Hi\n  there"),
                        Map.of("role", "assistant", "content", ""),
                        Map.of("role", "tool", "content", "4")),
                Map.of("add_generation_prompt", true));
        assertThat(prompt).isEqualTo("""
                        <|im_start|>system
                        Be brief.<|im_end|>
                        <|im_start|>user
                        Hi
                          there<|im_end|>
                        <|im_start|>assistant
                        <|im_end|>
                        <|im_start|>tool
                        4<|im_end|>
                        <|im_start|>assistant
                        """);
    }

    @Test
    void chatMlListsToolsAndCalls() {
        Map<String, Object> function = Map.of("name", "add");
        String prompt = render(
                ChatTemplates.CHAT_ML,
                List.of(Map.of("role", "assistant", "tool_calls", List.of(Map.of("function", function)))),
                Map.of("tools", List.of(function)));
        assertThat(prompt.replace(" ", "")).isEqualTo("""
                        <|im_start|>system
                        Youmaycallthesetools:
                        {"name":"add"}
                        <|im_end|>
                        <|im_start|>assistant

                        <tool_call>{"name":"add"}</tool_call><|im_end|>
                        """);
    }

    @Test
    void instructionsAreBracketed() {
        String prompt = render(
                ChatTemplates.INSTRUCTIONS,
                List.of(
                        Map.of("role", "user", "content", "Hi"),
                        Map.of("role", "assistant", "content", "Hello"),
                        Map.of("role", "user", "content", "Bye")),
                Map.of());
        assertThat(prompt).isEqualTo("<s>[INST] Hi [/INST] Hello</s>[INST] Bye [/INST]");
    }
}
