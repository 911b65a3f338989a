package dev.kvasir.benchmarks.training.corpus.notes;

import dev.kvasir.benchmarks.training.corpus.Hint;
import dev.kvasir.benchmarks.training.corpus.Hint.Kind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A fact in words, said from both sides in either order.
 *
 * @param fact what is said
 * @param ofPerson the sentence that begins with the person
 * @param ofValue the sentence that begins with the value
 * @param personFirst whether the person's sentence comes first
 * @param rest what follows, maybe empty
 */
record Note(Fact fact, String ofPerson, String ofValue, boolean personFirst, String rest) {
    String text() {
        return "Note: " + (personFirst ? ofPerson + " " + ofValue : ofValue + " " + ofPerson) + rest + "\n";
    }

    /**
     * Returns hints at the value, wherever the person has been named before it.
     *
     * @param linked what an earlier note says of the person, if there is one
     */
    List<Hint> hints(@Nullable String linked) {
        List<Hint> hints = new ArrayList<>();
        String text = text();
        int person = text.indexOf(" " + fact.person());
        String value = " " + fact.value();
        for (int at = text.indexOf(value, person); at >= 0; at = text.indexOf(value, at + 1)) {
            int end = at + value.length();
            hints.add(new Hint(end, Kind.PERSON, " " + fact.person()));
            if (linked != null) {
                hints.add(new Hint(end, Kind.LINKED, " " + linked));
            }
        }
        return hints;
    }
}
