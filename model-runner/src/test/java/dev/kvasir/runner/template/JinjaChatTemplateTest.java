package dev.kvasir.runner.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runner.ChatTemplate;
import dev.kvasir.runner.ChatTemplate.TemplateException;
import dev.kvasir.runner.ModelLoadException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JinjaChatTemplateTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2025-03-07T08:05:09Z"), ZoneOffset.UTC);

    private static final String CHATML = """
            {%- for turn in messages %}
                {{- '<|im_start|>' + turn.role + '\\n' + turn.content + '<|im_end|>' + '\\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}
                {{- '<|im_start|>assistant\\n' }}
            {%- endif %}
            """;

    private static final String HEADERS = """
            {{- bos_token }}
            {%- if messages[0]['role'] == 'system' %}
                {%- set system = messages[0]['content'] | trim %}
                {%- set messages = messages[1:] %}
            {%- else %}
                {%- set system = '' %}
            {%- endif %}
            {{- '<|head|>system<|/head|>\\n\\nToday: ' + strftime_now('%d %b %Y') + '\\n\\n' + system + '<|eot|>' }}
            {%- for m in messages %}
                {{- '<|head|>' + m['role'] + '<|/head|>\\n\\n' + m['content'] | trim + '<|eot|>' }}
            {%- endfor %}
            {%- if add_generation_prompt %}{{ '<|head|>assistant<|/head|>\\n\\n' }}{% endif %}
            """;

    private static final String INST = """
            {{ bos_token }}{% for m in messages %}
            {% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}
            {{ raise_exception('Roles must alternate user/assistant') }}
            {% endif %}
            {% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + ' [/INST]' }}
            {%- elif m['role'] == 'assistant' %}{{ ' ' + m['content'].strip() + eos_token }}
            {%- else %}{{ raise_exception('Only user and assistant roles are supported!') }}{% endif %}
            {% endfor %}""";

    private static final String ZEPHYR = """
            {% for m in messages %}
            {% if m['role'] == 'user' %}
            {{ '<|user|>\\n' + m['content'] + eos_token }}
            {% elif m['role'] == 'assistant' %}
            {{ '<|assistant|>\\n'  + m['content'] + eos_token }}
            {% endif %}
            {% if loop.last and add_generation_prompt %}
            {{ '<|assistant|>' }}
            {% endif %}
            {% endfor %}
            """;

    private static final String THINKING = """
            {%- set ns = namespace(last=-1) %}
            {%- for m in messages[::-1] %}
                {%- if ns.last < 0 and m.role == 'user' %}{% set ns.last = messages|length - 1 - loop.index0 %}{% endif %}
            {%- endfor %}
            {%- for m in messages %}
                {%- set content = m.content if m.content is string else '' %}
                {%- if m.role == 'assistant' and '</think>' in content and loop.index0 < ns.last %}
                    {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
                {%- endif %}
                {{- m.role + ':' + content }}
                {%- for call in m.tool_calls or [] %}
                    {{- '<call>' + (call.function | tojson) + '</call>' }}
                {%- endfor %}
                {{- '\\n' }}
            {%- endfor %}
            {%- if enable_thinking is defined and enable_thinking is false %}{{ '<think></think>' }}{% endif %}""";

    @TempDir
    Path directory;

    @Test
    void rendersChatMl() throws TemplateException {
        assertThat(render(CHATML, true, user("Hi"), assistant("Yo\n"), user("")))
                .isEqualTo("""
                        <|im_start|>user
                        Hi<|im_end|>
                        <|im_start|>assistant
                        Yo
                        <|im_end|>
                        <|im_start|>user
                        <|im_end|>
                        <|im_start|>assistant
                        """);
        assertThat(render(CHATML, false, system("S"))).isEqualTo("<|im_start|>system\nS<|im_end|>\n");
    }

    @Test
    void rendersHeadersWithADateAndWithoutTheSystemMessagesTurn() throws TemplateException {
        assertThat(render(HEADERS, true, system(" Be brief. "), user(" Hi\n")))
                .isEqualTo("<s><|head|>system<|/head|>\n\nToday: 07 Mar 2025\n\nBe brief.<|eot|>"
                        + "<|head|>user<|/head|>\n\nHi<|eot|><|head|>assistant<|/head|>\n\n");
        assertThat(render(HEADERS, false, user("Hi")))
                .isEqualTo("<s><|head|>system<|/head|>\n\nToday: 07 Mar 2025\n\n<|eot|>"
                        + "<|head|>user<|/head|>\n\nHi<|eot|>");
    }

    @Test
    void rendersInstructions() throws TemplateException {
        assertThat(render(INST, true, user("a"), assistant(" b "), user("c")))
                .isEqualTo("<s>[INST] a [/INST] b</s>[INST] c [/INST]");
    }

    @Test
    void theTemplatesOwnRefusalReachesTheClientWordForWord() {
        assertThatThrownBy(() -> render(INST, true, user("a"), user("b")))
                .isInstanceOf(TemplateException.class)
                .hasMessage("Roles must alternate user/assistant");
        assertThatThrownBy(() -> render(INST, true, user("a"), message("tool", "b")))
                .hasMessage("Only user and assistant roles are supported!");
    }

    @Test
    void rendersTagsOnLinesOfTheirOwn() throws TemplateException {
        assertThat(render(ZEPHYR, true, user("a"), assistant("b"), user("c")))
                .isEqualTo("<|user|>\na</s>\n<|assistant|>\nb</s>\n<|user|>\nc</s>\n<|assistant|>\n");
    }

    @Test
    void rendersToolCallsReasoningAndFurtherVariables() throws TemplateException {
        Map<String, Object> call = Map.of("function", new java.util.LinkedHashMap<>(Map.of("name", "f<é>")));
        Map<String, Object> calling = message("assistant", null);
        calling.put("tool_calls", List.of(call));
        JinjaChatTemplate template = JinjaChatTemplate.of(THINKING, Map.of(), CLOCK);
        List<Map<String, Object>> messages =
                List.of(user("q"), assistant("hm</think>\n\nans"), user("r"), calling, assistant("x</think>y"));
        assertThat(template.render(messages, Map.of("enable_thinking", false), true))
                .isEqualTo("user:q\nassistant:ans\nuser:r\nassistant:<call>{\"name\": \"f<é>\"}</call>\n"
                        + "assistant:x</think>y\n<think></think>");
        assertThat(template.render(List.of(user("q")), Map.of(), true)).isEqualTo("user:q\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ 7 * 7 }}",
                "{% for x in messages %}x{% endfor %}",
                "{# gone #}",
                "{% raw %}",
                "}} {{ bos_token }} {%",
                "{{ raise_exception('x') }}",
                "${7*7} #{7*7} <%= 7 %> \\n \\u0041",
                "<b>&amp;\"'</b>",
                "0",
                "false",
                "None",
                "\uFDD0"
            })
    void whatAMessageSaysIsNeverTemplate(String content) throws TemplateException {
        assertThat(render(CHATML, false, user(content), assistant(content)))
                .isEqualTo("<|im_start|>user\n" + content + "<|im_end|>\n<|im_start|>assistant\n" + content
                        + "<|im_end|>\n");
        assertThat(render(
                        "{% set x = messages[0].content %}{% macro f(y) %}{{ y }}{% endmacro %}{% set z %}{{ x }}"
                                + "{% endset %}{% if x %}{{ f(z) ~ '' }}{% endif %}",
                        false, user(content)))
                .isEqualTo(content);
    }

    @Test
    void aMissingContentIsAnErrorWhereItIsNeeded() {
        assertThatThrownBy(() -> render(CHATML, true, message("user", null)))
                .isInstanceOf(TemplateException.class)
                .hasMessage("line 2: '+' doesn't work on 'str' and 'NoneType'");
        Map<String, Object> bare = new HashMap<>(Map.of("role", "user"));
        assertThatThrownBy(() -> render(CHATML, true, bare)).hasMessage("line 2: 'dict' has no 'content'");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ ''.getClass() }}",
                "{{ messages[0].content.toCharArray() }}",
                "{{ messages.add(1) }}",
                "{{ messages.append(1) }}",
                "{{ messages[0].update({'role': 'x'}) }}",
                "{{ messages[0].content.nosuch() }}",
                "{{ nofunction() }}",
                "{{ 1 | nofilter }}",
                "{{ 1 is notest }}",
                "{{ nothing.at.all }}",
                "{% set messages.x = 1 %}"
            })
    void nothingButValuesIsReachable(String source) {
        assertThatThrownBy(() -> render(source, true, user("x"))).isInstanceOf(TemplateException.class);
    }

    @Test
    void whatIsNotThereIsPrintedAsNothing() throws TemplateException {
        assertThat(render("[{{ messages.__class__ }}{{ ''.class }}{{ nothing }}{{ messages[9] }}]", true, user("x")))
                .isEqualTo("[]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}",
                "{% for a in range(100000000) %}{% endfor %}",
                "{% set ns = namespace(s='ab') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
                "{% set ns = namespace(s=['ab']) %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
                "{{ 'x' * 9999999999 }}",
                "{{ [1] * 9999999999 }}",
                "{% set s = 'x' * 999999 %}{% for i in range(999) %}{{ s }}{% endfor %}",
                "{% set s = 'x' * 99999 %}{{ s.replace('x', s) }}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% set s = 'x' * 99999 %}{{ s | join(s) }}",
                "{{ 9999999999 * 9999999999 }}",
                "{{ 10 ** 100 }}"
            })
    void whatATemplateUsesUpIsBounded(String source) {
        assertThatThrownBy(() -> render(source, true, user("x"))).isInstanceOf(TemplateException.class);
    }

    @Test
    void deepNestingIsRefusedAndNoCrash() {
        for (String source : List.of(
                "{{ " + "(".repeat(100_000) + ")".repeat(100_000) + " }}",
                "{{ " + "-".repeat(100_000) + "1 }}",
                "{{ " + "[".repeat(100_000) + " }}",
                "{% if x %}".repeat(100_000),
                "{% if x %}" + "{% elif x %}".repeat(100_000) + "{% endif %}",
                "{{ x" + " if x else x".repeat(100_000) + " }}",
                "{% nosuchtag %}",
                "{{ messages")) {
            assertThatThrownBy(() -> JinjaChatTemplate.of(source, Map.of(), CLOCK))
                    .isInstanceOf(ModelLoadException.class)
                    .hasMessageContaining("chat template");
        }
        assertThatThrownBy(() -> render("{{ x" + ".x".repeat(200_000) + " }}", true, user("x")))
                .isInstanceOf(TemplateException.class);
        Object deep = "x";
        for (int i = 0; i < 10_000; i++) {
            deep = List.of(deep);
        }
        Map<String, Object> variables = Map.of("deep", deep);
        for (String source : List.of("{{ deep | tojson }}", "{{ deep }}")) {
            ChatTemplate template = JinjaChatTemplate.of(source, Map.of(), CLOCK);
            assertThatThrownBy(() -> template.render(List.of(), variables, true))
                    .isInstanceOf(TemplateException.class)
                    .hasMessageContaining("deep");
        }
    }

    @Test
    void loadsTheTemplateOfADirectory() throws IOException, TemplateException {
        assertThat(JinjaChatTemplate.load(directory, null, CLOCK)).isEmpty();
        config(Map.of("bos_token", "<s>"));
        assertThat(JinjaChatTemplate.load(directory, null, CLOCK)).isEmpty();
        config(Map.of("chat_template", "config {{ bos_token }}", "bos_token", Map.of("content", "<b>")));
        assertThat(rendered()).isEqualTo("config <b>");
        config(Map.of(
                "chat_template",
                List.of(
                        Map.of("name", "default", "template", "plain"),
                        Map.of("name", "tool_use", "template", "with {{ tools | length }} tools"))));
        assertThat(rendered()).isEqualTo("plain");
        ChatTemplate named = JinjaChatTemplate.load(directory, null, CLOCK).orElseThrow();
        assertThat(named.render(List.of(), Map.of("tools", List.of(1, 2)), true))
                .isEqualTo("with 2 tools");
        assertThat(named.render(List.of(), Map.of("tools", List.of()), true)).isEqualTo("plain");
        Files.writeString(directory.resolve("chat_template.jinja"), "file {{ eos_token }}\n");
        config(Map.of("chat_template", "config", "eos_token", "</s>"));
        assertThat(rendered()).isEqualTo("file </s>");
    }

    @Test
    void refusesATemplateThatItCannotParseByFileAndLine() throws IOException {
        Files.writeString(directory.resolve("chat_template.jinja"), "a\n{% if x %}\n{% include 'y' %}{% endif %}");
        assertRefused("chat_template.jinja has a chat template that can't be parsed:"
                + " line 3: the tag 'include' is not supported here");
        Files.delete(directory.resolve("chat_template.jinja"));
        config(Map.of("chat_template", 7));
        assertRefused("tokenizer_config.json has a chat_template that is neither a string nor a list");
        config(Map.of("chat_template", List.of(Map.of("name", "rag", "template", "x"))));
        assertRefused("tokenizer_config.json has chat templates [rag], but none named default");
        config(Map.of("chat_template", List.of(Map.of("name", "default"))));
        assertRefused("tokenizer_config.json has a chat_template in its list without name or template");
    }

    private void assertRefused(String message) {
        assertThatThrownBy(() -> JinjaChatTemplate.load(directory, null, CLOCK))
                .isInstanceOf(ModelLoadException.class)
                .hasMessage(message);
    }

    private void config(Map<String, Object> config) throws IOException {
        Files.write(directory.resolve("tokenizer_config.json"), new ObjectMapper().writeValueAsBytes(config));
    }

    private String rendered() throws TemplateException {
        Optional<JinjaChatTemplate> template = JinjaChatTemplate.load(directory, null, CLOCK);
        return template.orElseThrow().render(List.of(user("x")), Map.of(), true);
    }

    @SafeVarargs
    private static String render(String source, boolean generation, Map<String, Object>... messages)
            throws TemplateException {
        return JinjaChatTemplate.of(source, Map.of("bos_token", "<s>", "eos_token", "</s>"), CLOCK)
                .render(List.of(messages), Map.of(), generation);
    }

    private static Map<String, Object> system(String content) {
        return message("system", content);
    }

    private static Map<String, Object> user(String content) {
        return message("user", content);
    }

    private static Map<String, Object> assistant(String content) {
        return message("assistant", content);
    }

    private static Map<String, Object> message(String role, String content) {
        Map<String, Object> message = new HashMap<>();
        message.put("role", role);
        message.put("content", content);
        return message;
    }
}
