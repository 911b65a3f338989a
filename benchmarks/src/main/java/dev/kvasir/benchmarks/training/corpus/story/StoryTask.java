package dev.kvasir.benchmarks.training.corpus.story;

import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Pick;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Task;
import dev.kvasir.benchmarks.training.corpus.Template;
import dev.kvasir.benchmarks.training.corpus.Turn;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Short stories on request, how they go on, and questions about them. */
public final class StoryTask implements Task {
    private static final List<String> SYSTEM = List.of(
            "You are a helpful assistant.",
            "You tell stories to children.",
            "You are a friendly storyteller.",
            "You tell short stories.");

    @Override
    public String name() {
        return "story";
    }

    @Override
    public Conversation next(RandomGenerator random, Split split) {
        List<Turn> turns = new ArrayList<>();
        if (Pick.chance(random, 30)) {
            turns.add(Turn.of(Role.SYSTEM, Pick.one(random, SYSTEM)));
        }
        Story story = Story.tell(random, split);
        Turn.exchange(turns, Wish.request(story, false, random, split), story.text());
        if (Pick.chance(random, 50)) {
            goOn(turns, story, random, split);
        }
        return Conversation.of(name(), turns);
    }

    private static void goOn(List<Turn> turns, Story told, RandomGenerator random, Split split) {
        Story story = told;
        Set<String> asked = new HashSet<>();
        boolean continued = false;
        int exchanges = 1 + random.nextInt(3);
        for (int i = 0; i < exchanges; i++) {
            int form = random.nextInt(100);
            if (form < 25 && !continued) {
                continued = true;
                Turn.exchange(
                        turns,
                        Template.fill(
                                "What happened next? | What happened then? | And then? | Please go on. | How does the story go on?",
                                Map.of(),
                                random),
                        story.sequel(random));
            } else if (form < 35) {
                story = Story.tell(random, split);
                continued = false;
                asked.clear();
                Turn.exchange(turns, Wish.request(story, true, random, split), story.text());
            } else if (form < 42 || continued) {
                // After a sequel a question could be about either part.
                Turn.exchange(
                        turns,
                        Template.fill(
                                "Thank you. | Thanks! | Thank you for the story. | I like this story.",
                                Map.of(),
                                random),
                        Template.fill(
                                "You are welcome. | You are welcome! Do you want to hear another story? | I am glad that you like my story.",
                                Map.of(),
                                random));
                return;
            } else {
                ask(turns, story, asked, random);
            }
        }
    }

    private static void ask(List<Turn> turns, Story story, Set<String> asked, RandomGenerator random) {
        while (true) {
            Optional<Plot.Question> question = story.question(random);
            // A question asked before may have another wording as its answer: asking it again would be odd, not wrong.
            if (question.isPresent() && asked.add(question.get().asked())) {
                Turn.exchange(turns, question.get().asked(), question.get().answer());
                return;
            }
        }
    }
}
