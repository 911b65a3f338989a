package dev.kvasir.runner.guided;

import dev.kvasir.runner.Guides.GuideException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.lucene.util.BytesRef;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.apache.lucene.util.automaton.MinimizationOperations;
import org.apache.lucene.util.automaton.Operations;
import org.apache.lucene.util.automaton.Transition;
import org.apache.lucene.util.automaton.UTF32ToUTF8;

/** Regular languages over code points, as Lucene's automata, and their way to automata over bytes. */
final class Languages {
    /** Beyond this, fewer states aren't worth the time that finding them takes. */
    private static final int MINIMISED = 1000;

    private static final long MOST_PAIRS = 1_000_000;

    private Languages() {}

    static Automaton chars(int[] ranges) {
        Automaton automaton = new Automaton();
        int from = automaton.createState();
        int to = automaton.createState();
        automaton.setAccept(to, true);
        for (int i = 0; i < ranges.length; i += 2) {
            automaton.addTransition(from, to, ranges[i], ranges[i + 1]);
        }
        automaton.finishState();
        return automaton;
    }

    static Automaton text(String text) {
        return Automata.makeString(text);
    }

    static Automaton anyText() {
        return Operations.repeat(chars(CharSet.any()));
    }

    /** Returns the texts of so many characters; {@code max} -1 for any number. */
    static Automaton anyText(int min, int max) {
        int[] any = CharSet.any();
        int last = max < 0 ? min : max;
        Automaton automaton = new Automaton();
        for (int state = 0; state <= last; state++) {
            automaton.createState();
            automaton.setAccept(state, state >= min);
        }
        for (int state = 0; state < last || (max < 0 && state == last); state++) {
            for (int i = 0; i < any.length; i += 2) {
                automaton.addTransition(state, Math.min(state + 1, last), any[i], any[i + 1]);
            }
        }
        automaton.finishState();
        return automaton;
    }

    static Automaton oneOf(Collection<String> texts, Limits limits) throws GuideException {
        if (texts.stream().allMatch(text -> text.length() < Automata.MAX_STRING_UNION_TERM_LENGTH / 4)) {
            List<BytesRef> sorted = texts.stream().map(BytesRef::new).sorted().toList();
            return limits.work(() -> Automata.makeStringUnion(sorted));
        }
        List<Automaton> all = new ArrayList<>();
        for (String text : texts) {
            all.add(text(text));
        }
        return deterministic(Operations.union(all), limits);
    }

    /** Returns the language of a pattern without rules in it. */
    static Automaton of(Pattern pattern, Limits limits) throws GuideException {
        long positions = positions(pattern);
        if (positions > Limits.POSITIONS) {
            throw new GuideException("a pattern has " + positions
                    + " positions when its repetitions are written out, and the most are " + Limits.POSITIONS);
        }
        return limits.work(() -> build(pattern));
    }

    /** Returns how many characters a pattern has with its repetitions written out; no more than some billions. */
    static long positions(Pattern pattern) {
        long count = 0;
        if (pattern instanceof Pattern.Text text) {
            count = text.text().length();
        } else if (pattern instanceof Pattern.Chars) {
            count = 1;
        } else if (pattern instanceof Pattern.Sequence sequence) {
            for (Pattern part : sequence.parts()) {
                count += positions(part);
            }
        } else if (pattern instanceof Pattern.Choice choice) {
            for (Pattern part : choice.parts()) {
                count += positions(part);
            }
        } else if (pattern instanceof Pattern.Repeat repeat) {
            count = Math.max(1, positions(repeat.part())) * Math.max(1, Math.max(repeat.min(), repeat.max()));
        }
        return Math.min(count, Integer.MAX_VALUE);
    }

    private static Automaton build(Pattern pattern) {
        if (pattern instanceof Pattern.Text text) {
            return text(text.text());
        } else if (pattern instanceof Pattern.Chars chars) {
            return chars(chars.ranges());
        } else if (pattern instanceof Pattern.Sequence sequence) {
            return sequence.parts().isEmpty()
                    ? Automata.makeEmptyString()
                    : Operations.concatenate(
                            sequence.parts().stream().map(Languages::build).toList());
        } else if (pattern instanceof Pattern.Choice choice) {
            return Operations.union(
                    choice.parts().stream().map(Languages::build).toList());
        } else if (pattern instanceof Pattern.Repeat repeat) {
            Automaton part = build(repeat.part());
            return repeat.max() < 0
                    ? Operations.repeat(part, repeat.min())
                    : Operations.repeat(part, repeat.min(), repeat.max());
        }
        throw new IllegalArgumentException("a rule is no regular language");
    }

    /** Returns the texts that a regular expression matches as a whole. */
    static Automaton matched(String regex, Limits limits) throws GuideException {
        Automaton inner = of(RegexParser.parse(regex), limits);
        if (!hasMarks(inner)) {
            return deterministic(inner, limits);
        }
        Automaton begin = Operations.optional(mark(RegexParser.BEGIN));
        Automaton end = Operations.optional(mark(RegexParser.END));
        return withoutMarks(Operations.concatenate(List.of(begin, inner, end)), limits);
    }

    /** Returns the texts in which a regular expression matches somewhere, as JSON Schema's {@code pattern} has it. */
    static Automaton found(String regex, Limits limits) throws GuideException {
        Automaton inner = of(RegexParser.parse(regex), limits);
        Automaton any = anyText();
        if (!hasMarks(inner)) {
            return deterministic(Operations.concatenate(List.of(any, inner, any)), limits);
        }
        Automaton before = Operations.optional(Operations.concatenate(mark(RegexParser.BEGIN), any));
        Automaton after = Operations.optional(Operations.concatenate(any, mark(RegexParser.END)));
        return withoutMarks(Operations.concatenate(List.of(before, inner, after)), limits);
    }

    private static Automaton mark(int mark) {
        return Automata.makeChar(mark);
    }

    private static boolean hasMarks(Automaton automaton) {
        Transition t = new Transition();
        for (int state = 0; state < automaton.getNumStates(); state++) {
            int transitions = automaton.initTransition(state, t);
            for (int i = 0; i < transitions; i++) {
                automaton.getNextTransition(t);
                if (t.min <= RegexParser.END && t.max >= RegexParser.BEGIN) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Of texts between marks, keeps those with one mark at each end, without these. */
    private static Automaton withoutMarks(Automaton marked, Limits limits) throws GuideException {
        Automaton framed = Operations.concatenate(List.of(mark(RegexParser.BEGIN), anyText(), mark(RegexParser.END)));
        Automaton from = limits.work(() -> deterministic(Operations.intersection(marked, framed), limits));
        if (Operations.isEmpty(from)) {
            return Automata.makeEmpty();
        }
        // The first state has one way on, the mark; what leads on by the other mark is an end.
        Automaton.Builder to = new Automaton.Builder();
        for (int state = 0; state < from.getNumStates(); state++) {
            to.createState();
        }
        Transition t = new Transition();
        int first = from.step(0, RegexParser.BEGIN);
        for (int state = 0; state < from.getNumStates(); state++) {
            int transitions = from.initTransition(state, t);
            for (int i = 0; i < transitions; i++) {
                from.getNextTransition(t);
                int source = state == first ? 0 : state;
                if (t.min == RegexParser.END) {
                    to.setAccept(source, true);
                } else if (state != 0) {
                    to.addTransition(source, t.dest == first ? 0 : t.dest, t.min, t.max);
                }
            }
        }
        return deterministic(to.finish(), limits);
    }

    static Automaton intersection(Automaton a, Automaton b, Limits limits) throws GuideException {
        if ((long) a.getNumStates() * b.getNumStates() > MOST_PAIRS) {
            throw new GuideException("patterns of " + a.getNumStates() + " and " + b.getNumStates()
                    + " states are too large to hold both");
        }
        return limits.work(() -> deterministic(Operations.intersection(a, b), limits));
    }

    static Automaton minus(Automaton a, Automaton b, Limits limits) throws GuideException {
        return limits.work(() -> deterministic(Operations.minus(a, b, Limits.WORK), limits));
    }

    static Automaton deterministic(Automaton automaton, Limits limits) throws GuideException {
        return deterministic(automaton, Limits.WORK, limits);
    }

    private static Automaton deterministic(Automaton automaton, int work, Limits limits) throws GuideException {
        return limits.work(() -> {
            Automaton result = Operations.removeDeadStates(Operations.determinize(automaton, work));
            return result.getNumStates() <= MINIMISED ? MinimizationOperations.minimize(result, Limits.WORK) : result;
        });
    }

    /** Returns the texts as JSON writes them between quotation marks, each in one way: no escape that needn't be. */
    static Automaton quoted(Automaton texts, Limits limits) throws GuideException {
        Automaton from = deterministic(texts, limits);
        Automaton.Builder to = new Automaton.Builder();
        for (int state = 0; state < from.getNumStates(); state++) {
            to.createState();
            to.setAccept(state, from.isAccept(state));
        }
        Transition t = new Transition();
        for (int state = 0; state < from.getNumStates(); state++) {
            int transitions = from.initTransition(state, t);
            for (int i = 0; i < transitions; i++) {
                from.getNextTransition(t);
                encode(to, state, t);
            }
        }
        return Operations.concatenate(List.of(text("\""), to.finish(), text("\"")));
    }

    private static void encode(Automaton.Builder to, int state, Transition t) {
        int min = t.min;
        for (int c = min; c <= Math.min(t.max, '\\'); c++) {
            String escape = escape(c);
            if (escape != null) {
                if (c > min) {
                    to.addTransition(state, t.dest, min, c - 1);
                }
                int at = state;
                for (int i = 0; i < escape.length(); i++) {
                    int next = i + 1 == escape.length() ? t.dest : to.createState();
                    to.addTransition(at, next, escape.charAt(i));
                    at = next;
                }
                min = c + 1;
            }
        }
        if (min < Character.MIN_SURROGATE && t.max > Character.MAX_SURROGATE) {
            to.addTransition(state, t.dest, min, Character.MIN_SURROGATE - 1);
            to.addTransition(state, t.dest, Character.MAX_SURROGATE + 1, t.max);
        } else if (min <= t.max) {
            to.addTransition(state, t.dest, min, t.max);
        }
    }

    private static @org.jspecify.annotations.Nullable String escape(int c) {
        return switch (c) {
            case '"' -> "\\\"";
            case '\\' -> "\\\\";
            case '\b' -> "\\b";
            case '\f' -> "\\f";
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> c < 0x20 ? String.format(java.util.Locale.ROOT, "\\u%04x", c) : null;
        };
    }

    /** Returns the automaton over UTF-8 bytes, or null if there is no text at all. */
    static @org.jspecify.annotations.Nullable ByteDfa bytes(Automaton codePoints, Limits limits) throws GuideException {
        Automaton clean = deterministic(codePoints, limits);
        if (Operations.isEmpty(clean)) {
            return null;
        }
        Automaton bytes = limits.work(() -> deterministic(new UTF32ToUTF8().convert(clean), Limits.BYTE_WORK, limits));
        limits.states(bytes.getNumStates());
        return new ByteDfa(bytes);
    }
}
