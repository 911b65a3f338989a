package dev.kvasir.runner.guided;

import java.util.List;

/** A regular expression or a grammar rule, parsed. Characters are Unicode code points. */
sealed interface Pattern {
    /** One character of a set: {@code ranges} are pairs of first and last, ascending. */
    record Chars(int[] ranges) implements Pattern {}

    record Text(String text) implements Pattern {}

    record Sequence(List<Pattern> parts) implements Pattern {}

    record Choice(List<Pattern> parts) implements Pattern {}

    /** {@code max} -1 for any number. */
    record Repeat(Pattern part, int min, int max) implements Pattern {}

    /** A rule of a grammar, by its name. */
    record Rule(String name) implements Pattern {}

    Pattern EMPTY = new Text("");
}
