package dev.kvasir.benchmarks.training.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WordsTest {
    private static final List<List<String>> FACTS = List.of(
            Words.NAMES, Words.HELD_OUT_NAMES, Words.OBJECTS, Words.PLACES, Words.FOODS, Words.JOBS, Words.CITIES);

    @Test
    void noWordStandsInTwoLists() {
        List<String> words =
                FACTS.stream().flatMap(List::stream).map(String::toLowerCase).toList();
        assertThat(words).doesNotHaveDuplicates();
    }

    @Test
    void thereIsEnoughOfEach() {
        assertThat(Words.NAMES).hasSizeGreaterThanOrEqualTo(120);
        assertThat(Words.HELD_OUT_NAMES).hasSize(24);
        assertThat(Words.OBJECTS).hasSizeGreaterThanOrEqualTo(60);
        assertThat(List.of(Words.PLACES, Words.FOODS, Words.JOBS, Words.CITIES))
                .allSatisfy(words -> assertThat(words).hasSizeGreaterThanOrEqualTo(40));
        assertThat(Words.COLOURS).hasSizeGreaterThanOrEqualTo(10).doesNotHaveDuplicates();
        assertThat(Words.ANIMALS).doesNotHaveDuplicates();
    }

    @Test
    void whatFollowsAnArticleBeginsWithAConsonant() {
        assertThat(Stream.of(Words.OBJECTS, Words.PLACES, Words.JOBS, Words.ANIMALS, Words.COLOURS)
                        .flatMap(List::stream))
                .allMatch(word -> word.matches("[^aeiou][a-z]*"), "no vowel in front")
                .doesNotContain("hour");
    }
}
