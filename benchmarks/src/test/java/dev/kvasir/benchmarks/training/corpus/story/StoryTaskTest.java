package dev.kvasir.benchmarks.training.corpus.story;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kvasir.benchmarks.training.corpus.Conversation;
import dev.kvasir.benchmarks.training.corpus.Role;
import dev.kvasir.benchmarks.training.corpus.Split;
import dev.kvasir.benchmarks.training.corpus.Turn;
import dev.kvasir.benchmarks.training.corpus.Words;
import dev.kvasir.testing.RandomizedTest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;

class StoryTaskTest {
    private static final List<String> NAMES =
            Stream.of(Words.NAMES, Words.HELD_OUT_NAMES).flatMap(List::stream).toList();

    @RandomizedTest
    void storyHasWhatWasAskedFor(SplittableRandom random) {
        List<String> nouns = Stream.of(
                        Setting.CREATURES, Setting.THINGS, Setting.PLACE_NAMES, NAMES, List.of("girl", "boy"))
                .flatMap(List::stream)
                .toList();
        for (int i = 0; i < 100; i++) {
            List<Turn> turns = turns(random);
            for (int turn = 1; turn < turns.size(); turn++) {
                String asked = turns.get(turn - 1).text();
                if (turns.get(turn).role() == Role.ASSISTANT && asked.contains(" story about ")) {
                    List<String> wanted = new ArrayList<>(words(asked.substring(asked.indexOf(" story about "))));
                    wanted.retainAll(nouns);
                    assertThat(words(turns.get(turn).text())).as(asked).containsAll(wanted);
                }
            }
        }
    }

    @RandomizedTest
    void twoCharactersPerStoryAndAllAnswersNameThem(SplittableRandom random) {
        for (int i = 0; i < 100; i++) {
            Set<String> characters = Set.of();
            for (Turn turn : turns(random)) {
                Set<String> named = names(turn.text());
                if (turn.role() == Role.ASSISTANT && words(turn.text()).size() > 70) {
                    characters = named;
                    assertThat(characters).as(turn.text()).hasSizeBetween(1, 2);
                } else if (turn.role() == Role.ASSISTANT) {
                    assertThat(characters).as(turn.text()).containsAll(named);
                }
            }
        }
    }

    @RandomizedTest
    void storiesAreOfTheRightLength(SplittableRandom random) {
        for (int i = 0; i < 100; i++) {
            assertThat(words(Story.tell(random, Split.TRAINING).text()).size()).isBetween(80, 190);
        }
    }

    @RandomizedTest
    void onlyThePronounsOfTheTwoOccur(SplittableRandom random) {
        for (int i = 0; i < 100; i++) {
            Story story = Story.tell(random, Split.TRAINING);
            String told = " " + story.text().toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", " ") + " ";
            Set<String> subjects = Set.copyOf(List.of(slot(story, "he"), slot(story, "hhe")));
            if (subjects.equals(Set.of("she"))) {
                assertThat(told).doesNotContain(" he ", " him ");
            } else if (subjects.equals(Set.of("he"))) {
                assertThat(told).doesNotContain(" she ", " her ");
            }
        }
    }

    @RandomizedTest
    void storiesRarelyRepeat(SplittableRandom random) {
        assertThat(Stream.generate(() -> Story.tell(random, Split.TRAINING).text())
                        .limit(500)
                        .distinct())
                .hasSize(500);
    }

    private static String slot(Story story, String name) {
        return story.slots().getOrDefault(name, "");
    }

    private static List<Turn> turns(SplittableRandom random) {
        Conversation conversation =
                new StoryTask().next(random, random.nextBoolean() ? Split.TRAINING : Split.HELD_OUT);
        return conversation.turns();
    }

    private static List<String> words(String text) {
        return List.of(text.split("[^A-Za-z]+"));
    }

    private static Set<String> names(String text) {
        return words(text).stream().filter(NAMES::contains).collect(Collectors.toSet());
    }
}
