package dev.kvasir.runner.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runner.ChatTemplate.TemplateException;
import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.testing.RandomizedTest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Holds the interpreter against what Jinja2 made of the same templates. */
class JinjaSemanticsTest {
    private static final Clock CLOCK = Clock.fixed(Instant.parse("2025-03-07T08:05:09Z"), ZoneOffset.UTC);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TestFactory
    Stream<DynamicTest> templatesGiveWhatJinja2Gives() throws IOException {
        JsonNode file = read();
        return StreamSupport.stream(file.path("cases").spliterator(), false)
                .map(example -> DynamicTest.dynamicTest("of " + example.path("template"), () -> check(file, example)));
    }

    private static void check(JsonNode file, JsonNode example) throws TemplateException {
        String source = example.path("template").asText();
        if (example.has("text")) {
            assertThat(render(source, file)).isEqualTo(example.path("text").asText());
        } else if (example.has("refused")) {
            assertThatThrownBy(() -> render(source, file))
                    .isInstanceOf(TemplateException.class)
                    .hasMessage(example.path("refused").asText());
        } else {
            assertThatThrownBy(() -> render(source, file))
                    .isInstanceOfAny(TemplateException.class, ModelLoadException.class)
                    .hasMessageContaining("line ");
        }
    }

    @RandomizedTest(300)
    void aDamagedTemplateRendersOrIsRefusedButNeverAnythingElse(SplittableRandom random) throws IOException {
        JsonNode file = read();
        JsonNode cases = file.path("cases");
        String one = cases.get(random.nextInt(cases.size())).path("template").asText();
        String two = cases.get(random.nextInt(cases.size())).path("template").asText();
        StringBuilder source = new StringBuilder(one + two);
        for (int i = random.nextInt(1, 4); i > 0 && source.length() > 0; i--) {
            int at = random.nextInt(source.length());
            if (random.nextBoolean()) {
                source.deleteCharAt(at);
            } else {
                source.insert(at, "{}%#-+()[]|.,'\"~ \\0a".charAt(random.nextInt(20)));
            }
        }
        try {
            assertThat(render(source.toString(), file)).isNotNull();
        } catch (TemplateException | ModelLoadException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }

    private static String render(String source, JsonNode file) throws TemplateException {
        return JinjaChatTemplate.of(source, Map.of("bos_token", "<s>"), CLOCK)
                .render(
                        JSON.convertValue(file.path("messages"), new TypeReference<List<Map<String, Object>>>() {}),
                        JSON.convertValue(file.path("variables"), new TypeReference<Map<String, Object>>() {}),
                        true);
    }

    private static JsonNode read() throws IOException {
        try (InputStream in = JinjaSemanticsTest.class.getResourceAsStream("jinja2-cases.json")) {
            return JSON.readTree(in);
        }
    }
}
