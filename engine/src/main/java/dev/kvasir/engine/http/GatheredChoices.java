package dev.kvasir.engine.http;

import dev.kvasir.engine.openai.AnswerFormat;
import dev.kvasir.engine.serving.Generation;
import dev.kvasir.engine.serving.TextDelta;
import dev.kvasir.engine.serving.TextDelta.TokenAt;
import java.util.ArrayList;
import java.util.List;

/** Choices as far as they have come. Confined to their call's thread. */
final class GatheredChoices {
    private final List<Gathered> choices = new ArrayList<>();

    private static final class Gathered {
        final StringBuilder text = new StringBuilder();
        final List<TokenAt> logprobs = new ArrayList<>();
        Generation.End end = Generation.End.STOP;
    }

    GatheredChoices(Prepared prepared) {
        int count = prepared.prompts().size() * prepared.options().choices();
        for (int i = 0; i < count; i++) {
            choices.add(new Gathered());
        }
    }

    void add(int choice, TextDelta delta) {
        Gathered gathered = choices.get(choice);
        gathered.text.append(delta.text());
        gathered.logprobs.addAll(delta.logprobs());
    }

    void end(int choice, Generation.End end) {
        choices.get(choice).end = end;
    }

    void clear() {
        choices.clear();
    }

    List<AnswerFormat.Choice> list() {
        return choices.stream()
                .map(c -> new AnswerFormat.Choice(c.text.toString(), c.logprobs, c.end))
                .toList();
    }
}
