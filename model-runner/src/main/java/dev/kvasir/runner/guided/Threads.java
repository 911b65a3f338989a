package dev.kvasir.runner.guided;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All ways to have read a text so far. Each can be completed, so dropping one makes the language smaller and never wrong: an ambiguous grammar costs some of
 * its texts, not memory. Immutable, but for what it remembers; for one thread at a time.
 */
final class Threads {
    /** Most ways that are kept. */
    static final int MOST = 128;
    /** Parts that are entered within each other without a byte between them; a bound for the stack. */
    private static final int DEEPEST = 3000;

    /**
     * One way.
     *
     * @param state of the terminal
     * @param count characters of a string so far; up to its minimum, where it has no maximum
     * @param next what follows the terminal
     */
    record Way(
            Terminal terminal,
            int state,
            int count,
            @Nullable Frame next) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Way way
                    && terminal == way.terminal
                    && state == way.state
                    && count == way.count
                    && Objects.equals(next, way.next);
        }

        @Override
        public int hashCode() {
            return ((System.identityHashCode(terminal) * 31 + state) * 31 + count) * 31
                    + (next == null ? 0 : next.hashCode());
        }
    }

    final List<Way> ways;
    /** Whether the text may end here. */
    final boolean isComplete;

    private @Nullable Threads @Nullable [] after; // by byte, as far as it was asked for

    private Threads(Builder builder) {
        ways = new ArrayList<>(builder.ways);
        isComplete = builder.complete;
    }

    /** Returns the ways to begin a part that is followed by nothing. */
    static Threads start(Node node) {
        Builder builder = new Builder();
        builder.enter(node, null);
        return new Threads(builder);
    }

    /** Returns the ways to go on behind a terminal. */
    static Threads behind(@Nullable Frame next) {
        Builder builder = new Builder();
        builder.leave(next);
        return new Threads(builder);
    }

    boolean isDead() {
        return ways.isEmpty() && !isComplete;
    }

    /** Returns the ways after a byte. */
    Threads step(byte b) {
        if (after == null) {
            after = new Threads[256];
        }
        Threads known = after[b & 0xff];
        if (known == null) {
            known = compute(b);
            after[b & 0xff] = known;
        }
        return known;
    }

    /** Returns whether there is a way on by bytes at all. */
    boolean hasBytes() {
        return ways.stream().anyMatch(way -> !(way.terminal instanceof TokenTerminal));
    }

    /** Returns the ways after a byte, remembering nothing. */
    Threads compute(byte b) {
        Builder builder = new Builder();
        for (Way way : ways) {
            if (way.terminal instanceof DfaTerminal terminal) {
                int state = terminal.dfa.step(way.state, b);
                if (state != ByteDfa.DEAD) {
                    builder.addDfa(terminal, state, way.next);
                }
            } else if (way.terminal instanceof StringTerminal terminal) {
                builder.addString(terminal, StringTerminal.step(way.state, b), way);
            }
        }
        return new Threads(builder);
    }

    /** Returns the ways after a special token. */
    Threads token(int token) {
        Builder builder = new Builder();
        for (Way way : ways) {
            if (way.terminal instanceof TokenTerminal terminal && terminal.token == token) {
                builder.leave(way.next);
            }
        }
        return new Threads(builder);
    }

    private static final class Builder {
        final Set<Way> ways = new LinkedHashSet<>();
        private final Set<Frame> seen =
                new HashSet<>(); // repetitions of parts that may be empty would go round for ever
        boolean complete;
        private int depth;

        void enter(Node node, @Nullable Frame next) {
            if (++depth < DEEPEST) {
                enterPart(node, next);
            }
            depth--;
        }

        private void enterPart(Node node, @Nullable Frame next) {
            if (node instanceof DfaTerminal terminal) {
                addDfa(terminal, 0, next);
            } else if (node instanceof StringTerminal terminal) {
                add(new Way(terminal, StringTerminal.BETWEEN, 0, next));
            } else if (node instanceof TokenTerminal terminal) {
                add(new Way(terminal, 0, 0, next));
            } else if (node instanceof Node.Sequence || node instanceof Node.Repeat) {
                leave(new Frame(node, 0, next));
            } else if (node instanceof Node.Choice choice) {
                for (Node part : choice.parts) {
                    enter(part, next);
                }
            } else if (node instanceof Node.Rule rule) {
                enter(rule.body(), next);
            }
        }

        void leave(@Nullable Frame frame) {
            if (++depth < DEEPEST) {
                leavePart(frame);
            }
            depth--;
        }

        private void leavePart(@Nullable Frame frame) {
            if (frame == null) {
                complete = true;
            } else if (frame.node instanceof Node.Sequence sequence) {
                if (frame.at == sequence.parts.size()) {
                    leave(frame.next);
                } else {
                    // Nothing is kept for a sequence that is over with this part, or a list would grow a stack.
                    boolean isLast = frame.at + 1 == sequence.parts.size();
                    enter(
                            sequence.parts.get(frame.at),
                            isLast ? frame.next : new Frame(sequence, frame.at + 1, frame.next));
                }
            } else if (frame.node instanceof Node.Repeat repeat && seen.add(frame)) {
                if (frame.at < repeat.max) {
                    int count = repeat.max == Integer.MAX_VALUE ? Math.min(frame.at + 1, repeat.min) : frame.at + 1;
                    boolean isLast = count == repeat.max;
                    enter(repeat.part, isLast ? frame.next : new Frame(repeat, count, frame.next));
                }
                if (frame.at >= repeat.min) {
                    leave(frame.next);
                }
            }
        }

        void addDfa(DfaTerminal terminal, int state, @Nullable Frame next) {
            if (!terminal.dfa.isLast(state)) {
                add(new Way(terminal, state, 0, next));
            }
            if (terminal.dfa.isAccepting(state)) {
                leave(next);
            }
        }

        void addString(StringTerminal terminal, int state, Way from) {
            if (state == StringTerminal.CLOSED) {
                if (from.count >= terminal.min) {
                    leave(from.next);
                }
                return;
            }
            if (state == ByteDfa.DEAD || (from.state == StringTerminal.BETWEEN && from.count >= terminal.max)) {
                return;
            }
            int count = from.count + (state == StringTerminal.BETWEEN ? 1 : 0);
            boolean counts = terminal.max < Integer.MAX_VALUE || count <= terminal.min;
            add(new Way(terminal, state, counts ? count : terminal.min, from.next));
        }

        private void add(Way way) {
            if (ways.size() < MOST) {
                ways.add(way);
            }
        }
    }
}
