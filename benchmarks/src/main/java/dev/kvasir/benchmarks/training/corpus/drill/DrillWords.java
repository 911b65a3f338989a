package dev.kvasir.benchmarks.training.corpus.drill;

import dev.kvasir.benchmarks.training.corpus.Words;
import java.util.List;
import java.util.stream.Stream;

/** The words that drills draw from: all that questions can be about, in either split. */
final class DrillWords {
    static final List<String> ALL = Stream.of(
                    Words.NAMES,
                    Words.HELD_OUT_NAMES,
                    Words.OBJECTS,
                    Words.PLACES,
                    Words.FOODS,
                    Words.JOBS,
                    Words.CITIES,
                    Words.ANIMALS,
                    Words.COLOURS)
            .flatMap(List::stream)
            .distinct()
            .toList();

    private DrillWords() {}
}
