package dev.kvasir.runner.template;

import dev.kvasir.runner.ChatTemplate;
import dev.kvasir.runner.ModelLoadException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The chat template of a Hugging Face model directory. */
public final class JinjaChatTemplate implements ChatTemplate {
    /** More than any template needs for a context of a million tokens, and a second of work at most. */
    private static final long MAX_STEPS = 5_000_000;

    private static final int MAX_CHARS = 16 << 20;
    private static final int MAX_RANGE = 100_000;

    private final Statement template;
    private final @Nullable Statement toolTemplate;
    private final String source; // of all
    private final Map<String, String> specialTokens;
    private final Clock clock;

    private JinjaChatTemplate(
            Statement template,
            @Nullable Statement toolTemplate,
            String source,
            Map<String, String> specialTokens,
            Clock clock) {
        this.template = template;
        this.toolTemplate = toolTemplate;
        this.source = source;
        this.specialTokens = Map.copyOf(specialTokens);
        this.clock = clock;
    }

    /**
     * Loads the template of a model directory: {@code chat_template.jinja}, or {@code chat_template} in
     * {@code tokenizer_config.json}; of named ones {@code default}, and {@code tool_use} when tools are given.
     *
     * @param replacement a template file to use instead of the directory's own, or null
     * @param clock what {@code strftime_now} reads, with its zone
     * @return empty if the model has none
     * @throws ModelLoadException if the template can't be parsed
     */
    public static Optional<JinjaChatTemplate> load(Path directory, @Nullable Path replacement, Clock clock) {
        TemplateFiles own = TemplateFiles.read(directory);
        TemplateFiles files = replacement == null ? own : own.replacedBy(replacement);
        if (files.template() == null) {
            return Optional.empty();
        }
        String tool = files.toolTemplate();
        return Optional.of(new JinjaChatTemplate(
                parse(files.template(), files.name()),
                tool == null ? null : parse(tool, files.name()),
                tool == null ? files.template() : files.template() + tool,
                files.specialTokens(),
                clock));
    }

    /**
     * Parses a template.
     *
     * @param specialTokens variables such as {@code bos_token}
     * @throws ModelLoadException if it can't be parsed
     */
    public static JinjaChatTemplate of(String source, Map<String, String> specialTokens, Clock clock) {
        return new JinjaChatTemplate(parse(source, "the chat template"), null, source, specialTokens, clock);
    }

    private static Statement parse(String source, String file) {
        try {
            return TemplateParser.parse(source);
        } catch (JinjaException e) {
            throw new ModelLoadException(file + " has a chat template that can't be parsed: " + e.getMessage(), e);
        } catch (StackOverflowError e) {
            throw new ModelLoadException(file + " has a chat template that is nested too deeply", e);
        }
    }

    @Override
    public String render(List<Map<String, Object>> messages, Map<String, Object> variables, boolean addGenerationPrompt)
            throws TemplateException {
        Scope scope = new Scope(new Scope.Budget(MAX_STEPS, MAX_CHARS));
        defineFunctions(scope);
        specialTokens.forEach(scope::set);
        scope.set("tools", None.NONE);
        scope.set("documents", None.NONE);
        variables.forEach((name, value) -> scope.set(name, Values.of(value)));
        scope.set("messages", messages);
        scope.set("add_generation_prompt", addGenerationPrompt);
        Statement chosen = toolTemplate != null && Values.isTrue(scope.get("tools")) ? toolTemplate : template;
        StringBuilder prompt = new StringBuilder();
        try {
            chosen.run(scope, prompt);
        } catch (JinjaException e) {
            throw new TemplateException(String.valueOf(e.getMessage()));
        } catch (StackOverflowError e) {
            throw new TemplateException("the messages or the chat template are nested too deeply");
        }
        return prompt.toString();
    }

    @Override
    public String source() {
        return source;
    }

    private void defineFunctions(Scope scope) {
        scope.set("raise_exception", (Callable) arguments -> {
            throw JinjaException.refusal(Values.text(arguments.required(0, "message")));
        });
        scope.set("strftime_now", (Callable)
                arguments -> Strftime.format(arguments.text(0, "format"), ZonedDateTime.now(clock)));
        scope.set("range", (Callable) JinjaChatTemplate::range);
        scope.set("dict", (Callable) arguments -> new HashMap<Object, Object>(arguments.named()));
        scope.set("namespace", (Callable) arguments -> {
            Attributes.Namespace namespace = new Attributes.Namespace();
            for (Object initial : arguments.positional()) {
                if (initial instanceof Map<?, ?> map) {
                    map.forEach((name, value) -> namespace.set(String.valueOf(name), Values.of(value)));
                }
            }
            arguments.named().forEach(namespace::set);
            return namespace;
        });
    }

    private static Object range(Callable.Arguments arguments) {
        boolean one = arguments.positional().size() == 1;
        long start = one ? 0 : arguments.integer(0, "start", 0);
        long stop = arguments.integer(one ? 0 : 1, "stop", 0);
        long step = arguments.integer(2, "step", 1);
        if (step == 0) {
            throw new JinjaException("a range needs a step other than 0");
        }
        if (Math.abs(stop - start) / Math.abs(step) > MAX_RANGE) {
            throw new JinjaException("a range has more than " + MAX_RANGE + " numbers");
        }
        List<Object> numbers = new ArrayList<>();
        for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
            numbers.add(i);
        }
        return numbers;
    }
}
