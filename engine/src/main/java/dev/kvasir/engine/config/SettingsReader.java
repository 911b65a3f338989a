package dev.kvasir.engine.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** Merges defaults, the file, {@code --set} and flags into {@link Settings}. */
public final class SettingsReader {
    private static final int FILE_BYTES = 1 << 20;

    private final Map<String, Object> values = SettingKeys.defaults();
    private final Map<String, String> sources = new HashMap<>(); // of what isn't a default

    /** Reads a file: sections of keys, or dotted keys. */
    public SettingsReader file(Path file) {
        String text;
        try {
            if (Files.size(file) > FILE_BYTES) {
                throw new SettingsException(file + " is longer than " + FILE_BYTES + " bytes");
            }
            text = Files.readString(file);
        } catch (IOException e) {
            throw new SettingsException("can't read " + file + ": " + e.getMessage());
        }
        flatten(parse(text, file.toString())).forEach((key, value) -> put(key, value, "file"));
        return this;
    }

    /** Takes assignments {@code key=value}; a list is written {@code [a, b]} or as one value. */
    public SettingsReader set(List<String> assignments) {
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw new SettingsException("--set wants key=value, not " + SettingValues.quoted(assignment));
            }
            String key = assignment.substring(0, equals).strip();
            SettingKeys.check(key);
            put(key, parse(assignment.substring(equals + 1), key), "set");
        }
        return this;
    }

    /** Takes one value as it is written; null changes nothing. */
    public SettingsReader flag(String key, @Nullable String value) {
        if (value != null) {
            put(key, value, "flag");
        }
        return this;
    }

    /** Returns every setting as it is, with who says so, in the order of {@code conf/kvasir.yaml}; no secret is among them. */
    public List<EffectiveSetting> effective() {
        return values.entrySet().stream()
                .map(entry -> new EffectiveSetting(
                        entry.getKey(),
                        SettingKeys.shown(entry.getKey(), entry.getValue()),
                        sources.getOrDefault(entry.getKey(), "default")))
                .toList();
    }

    /** Returns the settings, checked. */
    public Settings read() {
        return Settings.of(new SettingValues(values));
    }

    /** Returns a file's values by dotted key, for a check that file and code say the same. */
    static Map<String, Object> valuesIn(Path file) throws IOException {
        return flatten(parse(Files.readString(file), file.toString()));
    }

    private void put(String key, @Nullable Object value, String source) {
        SettingKeys.check(key);
        // A file that spells the default out says no more than the default does.
        Object before = values.get(key);
        Object known = value == null ? SettingKeys.UNSET : value;
        if (SettingKeys.isList(key)) {
            values.put(key, items(key, known));
        } else if (known instanceof String text) {
            values.put(key, text.strip());
        } else {
            throw new SettingsException(key + " must be one value, not a list or a section");
        }
        if (!Objects.equals(before, values.get(key)) || !source.equals("file")) {
            sources.put(key, source);
        }
    }

    private static List<String> items(String key, Object value) {
        if (value instanceof String text) {
            return text.isBlank() ? List.of() : List.of(text.strip());
        }
        if (value instanceof List<?> list) {
            List<String> items = new ArrayList<>();
            for (Object item : list) {
                if (!(item instanceof String text) || text.isBlank()) {
                    throw new SettingsException(key + " must be a list of texts");
                }
                items.add(text.strip());
            }
            return List.copyOf(items);
        }
        throw new SettingsException(key + " must be a list of texts");
    }

    private static Map<String, Object> flatten(@Nullable Object document) {
        Map<String, Object> flat = new LinkedHashMap<>();
        if (document == null || "".equals(document)) {
            return flat;
        }
        if (!(document instanceof Map<?, ?> sections)) {
            throw new SettingsException(
                    "the settings file must hold sections of keys, such as http: and port: below it");
        }
        flatten("", sections, flat);
        return flat;
    }

    private static void flatten(String prefix, Map<?, ?> section, Map<String, Object> flat) {
        section.forEach((name, value) -> {
            String key = prefix + name;
            if (value instanceof Map<?, ?> inner && !SettingKeys.all().contains(key)) {
                flatten(key + ".", inner, flat);
            } else {
                flat.put(key, value == null ? SettingKeys.UNSET : value);
            }
        });
    }

    private static @Nullable Object parse(String yaml, String where) {
        LoaderOptions limits = new LoaderOptions();
        limits.setCodePointLimit(FILE_BYTES);
        limits.setNestingDepthLimit(8);
        limits.setMaxAliasesForCollections(0);
        limits.setAllowDuplicateKeys(false);
        limits.setAllowRecursiveKeys(false);
        DumperOptions dumper = new DumperOptions();
        try {
            return new Yaml(new SafeConstructor(limits), new Representer(dumper), dumper, limits, new TextResolver())
                    .load(yaml);
        } catch (YAMLException e) {
            String reason = String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
            throw new SettingsException(where + " is no YAML: " + reason);
        }
    }

    /** Leaves every scalar the text it was written as: a key of 0123 must not become 83, nor a name of "no" false. */
    private static final class TextResolver extends Resolver {
        @Override
        protected void addImplicitResolvers() {
            // None.
        }
    }
}
