package dev.kvasir.benchmarks.training.corpus;

import java.util.List;
import java.util.stream.Collectors;

/**
 * One message.
 *
 * @param role who speaks; what an assistant says is learned, the rest is only read
 * @param parts the text in pieces: passages apart from what stands around them
 */
public record Turn(Role role, List<Part> parts) {
    public Turn {
        parts = List.copyOf(parts);
        if (parts.isEmpty()) {
            throw new IllegalArgumentException("a turn needs text");
        }
    }

    /**
     * A piece of a message.
     *
     * @param text not empty
     * @param passage the number of the passage that it is, from 0 in a conversation, or {@link #NO_PASSAGE}
     * @param hints what training tells about its words
     */
    public record Part(String text, int passage, List<Hint> hints) {
        /** For text that isn't a passage. */
        public static final int NO_PASSAGE = -1;

        public Part {
            hints = List.copyOf(hints);
            if (text.isEmpty() || passage < NO_PASSAGE) {
                throw new IllegalArgumentException("no part: passage " + passage + ", text '" + text + "'");
            }
        }

        /** A piece without hints. */
        public Part(String text, int passage) {
            this(text, passage, List.of());
        }
    }

    /** Returns a turn of plain text. */
    public static Turn of(Role role, String text) {
        return new Turn(role, List.of(new Part(text, Part.NO_PASSAGE)));
    }

    /** Adds what the user says and what the assistant replies. */
    public static void exchange(List<Turn> turns, String user, String assistant) {
        turns.add(of(Role.USER, user));
        turns.add(of(Role.ASSISTANT, assistant));
    }

    /** Returns the whole text. */
    public String text() {
        return parts.stream().map(Part::text).collect(Collectors.joining());
    }
}
