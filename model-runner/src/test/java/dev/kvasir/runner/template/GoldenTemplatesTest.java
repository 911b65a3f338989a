package dev.kvasir.runner.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runner.ChatTemplate.TemplateException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds the interpreter against Hugging Face's own, {@code @huggingface/jinja}, byte for byte: templates of this repository, and published ones of Llama, Mistral
 * and Qwen, which are looked for in the folder that {@code kvasir.test.templates} or {@code KVASIR_TEST_TEMPLATES} names.
 * {@code golden-templates.json} is made, and that folder filled, by {@code npm install && npm run golden -- FOLDER} in {@code src/test/js}.
 */
class GoldenTemplatesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TestFactory
    Stream<DynamicContainer> templatesGiveWhatHuggingFacesInterpreterGives() throws IOException {
        JsonNode golden = JSON.readTree(resource("golden-templates.json"));
        return golden.get("templates").properties().stream().map(template -> {
            JsonNode rendered = template.getValue().get("rendered");
            return DynamicContainer.dynamicContainer(
                    template.getKey(),
                    StreamSupport.stream(rendered.properties().spliterator(), false)
                            .map(each -> DynamicTest.dynamicTest(
                                    each.getKey(),
                                    () -> check(golden, template.getKey(), template.getValue(), each.getKey()))));
        });
    }

    private static void check(JsonNode golden, String name, JsonNode template, String title) throws Exception {
        String source = source(name);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(source.getBytes(StandardCharsets.UTF_8));
        assertThat(HexFormat.of().formatHex(digest))
                .as("SHA-256 of the template")
                .isEqualTo(template.get("sha256").asText());
        Map<String, String> special = new LinkedHashMap<>();
        template.get("special")
                .properties()
                .forEach(each -> special.put(each.getKey(), each.getValue().asText()));
        JinjaChatTemplate jinja = JinjaChatTemplate.of(
                source, special, Clock.fixed(Instant.parse(golden.get("clock").asText()), ZoneOffset.UTC));
        Map<String, Object> variables =
                JSON.convertValue(golden.get("conversations").get(title), new TypeReference<>() {});
        @SuppressWarnings("unchecked")
        List<Map<String, Object>> messages =
                (List<Map<String, Object>>) Objects.requireNonNull(variables.remove("messages"));
        boolean prompt = !Boolean.FALSE.equals(variables.remove("add_generation_prompt"));
        JsonNode expected = template.get("rendered").get(title);
        if (expected.has("text")) {
            assertThat(jinja.render(messages, variables, prompt))
                    .isEqualTo(expected.get("text").asText());
        } else {
            assertThatThrownBy(() -> jinja.render(messages, variables, prompt))
                    .isInstanceOf(TemplateException.class)
                    .hasMessage(expected.get("refused").asText());
        }
    }

    private static String source(String name) throws IOException {
        if (name.startsWith("own/")) {
            return resource("golden/" + name.substring("own/".length()) + ".jinja");
        }
        if (name.equals("kvasir-mini")) {
            return JSON.readTree(Path.of("../models/kvasir-mini/tokenizer_config.json")
                            .toFile())
                    .get("chat_template")
                    .asText();
        }
        String folder = System.getProperty("kvasir.test.templates", System.getenv("KVASIR_TEST_TEMPLATES"));
        Path file = folder == null ? null : Path.of(folder, name + ".jinja");
        Assumptions.assumeTrue(
                file != null && Files.exists(file),
                "no " + name + ".jinja under kvasir.test.templates or KVASIR_TEST_TEMPLATES");
        return Files.readString(Objects.requireNonNull(file));
    }

    private static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(GoldenTemplatesTest.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
