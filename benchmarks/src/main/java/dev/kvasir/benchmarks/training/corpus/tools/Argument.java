package dev.kvasir.benchmarks.training.corpus.tools;

import dev.kvasir.benchmarks.training.corpus.Words;
import java.util.List;
import java.util.stream.IntStream;

/** A kind of argument: what its parameter may be called and what values there are. */
enum Argument {
    CITY(List.of("city", "town", "place"), "string", Words.CITIES),
    PERSON(List.of("name", "person", "friend"), "string", Words.NAMES),
    ITEM(List.of("item", "object", "thing"), "string", Words.OBJECTS),
    FOOD(List.of("food", "dish", "meal"), "string", Words.FOODS),
    COUNT(List.of("count", "number", "amount"), "integer", numbers(2, 20)),
    HOUR(List.of("hour", "time"), "integer", numbers(1, 23));

    final List<String> parameterNames;
    final String type;
    final List<String> values;

    Argument(List<String> parameterNames, String type, List<String> values) {
        this.parameterNames = parameterNames;
        this.type = type;
        this.values = values;
    }

    /** Returns the value as JSON. */
    String json(String value) {
        return type.equals("integer") ? value : '"' + value + '"';
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
    }
}
