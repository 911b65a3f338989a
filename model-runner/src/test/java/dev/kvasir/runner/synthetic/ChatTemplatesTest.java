package dev.kvasir.runner.synthetic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.runner.ChatTemplate.TemplateException;
import dev.kvasir.runner.template.JinjaChatTemplate;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ChatTemplatesTest {
    private static final Clock NOON = Clock.fixed(Instant.parse("2026-01-01T12:00:00Z"), ZoneOffset.UTC);

    private static String render(
            String template,
            List<Map<String, Object>> messages,
            Map<String, Object> variables,
            boolean addGenerationPrompt)
            throws TemplateException {
        Map<String, String> tokens = Map.of("bos_token", "<s>", "eos_token", "</s>");
        return JinjaChatTemplate.of(template, tokens, NOON).render(messages, variables, addGenerationPrompt);
    }

    @Test
    void chatMlMarksEveryTurn() throws TemplateException {
        String prompt = render(
                ChatTemplates.CHAT_ML,
                List.of(
                        Map.of("role", "system", "content", "Be brief."),
                        Map.of("role", "user", "content", "Hi\n  there"),
                        Map.of("role", "assistant", "content", ""),
                        Map.of("role", "tool", "content", "4")),
                Map.of(),
                true);
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
    void chatMlListsToolsAndCalls() throws TemplateException {
        Map<String, Object> function = Map.of("name", "add");
        String prompt = render(
                ChatTemplates.CHAT_ML,
                List.of(Map.of("role", "assistant", "tool_calls", List.of(Map.of("function", function)))),
                Map.of("tools", List.of(function)),
                false);
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
    void instructionsAreBracketed() throws TemplateException {
        String prompt = render(
                ChatTemplates.INSTRUCTIONS,
                List.of(
                        Map.of("role", "user", "content", "Hi"),
                        Map.of("role", "assistant", "content", "Hello"),
                        Map.of("role", "user", "content", "Bye")),
                Map.of(),
                false);
        assertThat(prompt).isEqualTo("<s>[INST] Hi [/INST] Hello</s>[INST] Bye [/INST]");
    }
}
