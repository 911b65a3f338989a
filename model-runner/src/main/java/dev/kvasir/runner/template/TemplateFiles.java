package dev.kvasir.runner.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.ModelLoadException;
import dev.kvasir.runner.checkpoint.JsonFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model directory's files say about its chat template.
 *
 * @param name the file that the template stands in
 * @param template null if there is none
 * @param toolTemplate the one for requests with tools, if it is another
 * @param specialTokens variable to text: {@code bos_token} and its like
 */
record TemplateFiles(
        String name, @Nullable String template, @Nullable String toolTemplate, Map<String, String> specialTokens) {
    private static final String CONFIG = "tokenizer_config.json";
    private static final String JINJA = "chat_template.jinja";
    private static final int MAX_TEMPLATE_BYTES = 1 << 20;
    private static final List<String> TOKENS = List.of("bos_token", "eos_token", "unk_token", "pad_token");

    static TemplateFiles read(Path directory) {
        Path configFile = directory.resolve(CONFIG);
        @Nullable
        ObjectNode config =
                Files.exists(configFile) ? JsonFile.readObject(configFile, JsonFile.MAX_CONFIG_BYTES) : null;
        Map<String, String> tokens = config == null ? Map.of() : specialTokens(config);
        Path jinja = directory.resolve(JINJA);
        if (Files.exists(jinja)) {
            return new TemplateFiles(JINJA, JsonFile.readText(jinja, MAX_TEMPLATE_BYTES), null, tokens);
        }
        @Nullable JsonNode template = config == null ? null : config.get("chat_template");
        if (template == null || template.isNull()) {
            return new TemplateFiles(CONFIG, null, null, tokens);
        }
        if (template.isTextual()) {
            return new TemplateFiles(CONFIG, template.textValue(), null, tokens);
        }
        if (!template.isArray()) {
            throw new ModelLoadException(CONFIG + " has a chat_template that is neither a string nor a list");
        }
        Map<String, String> named = new HashMap<>();
        for (JsonNode entry : template) {
            if (!entry.path("name").isTextual() || !entry.path("template").isTextual()) {
                throw new ModelLoadException(CONFIG + " has a chat_template in its list without name or template");
            }
            named.put(entry.get("name").textValue(), entry.get("template").textValue());
        }
        @Nullable String byDefault = named.get("default");
        if (byDefault == null) {
            throw new ModelLoadException(CONFIG + " has chat templates " + named.keySet() + ", but none named default");
        }
        return new TemplateFiles(CONFIG, byDefault, named.get("tool_use"), tokens);
    }

    /** Returns the same with the template of another file instead of the directory's own. */
    TemplateFiles replacedBy(Path file) {
        return new TemplateFiles(file.toString(), JsonFile.readText(file, MAX_TEMPLATE_BYTES), null, specialTokens);
    }

    /** A token is a string, or an object with its text as content. */
    private static Map<String, String> specialTokens(ObjectNode config) {
        Map<String, String> tokens = new HashMap<>();
        for (String name : TOKENS) {
            JsonNode value = config.path(name);
            JsonNode text = value.isObject() ? value.path("content") : value;
            if (text.isTextual()) {
                tokens.put(name, text.textValue());
            }
        }
        return tokens;
    }
}
