package dev.kvasir.runner.guided;

import dev.kvasir.runner.Guides.GuideException;
import org.apache.lucene.util.automaton.Automata;
import org.apache.lucene.util.automaton.Automaton;
import org.jspecify.annotations.Nullable;

/** Makes terminals and keeps those that are asked for again and again, so that their masks are shared, too. Thread-safe. */
final class Terminals {
    private static final long KEPT_BYTES = 64L << 20;

    private final WeightedCache<String, DfaTerminal> kept =
            new WeightedCache<>(KEPT_BYTES, terminal -> terminal.dfa.bytes());

    /** Makes an automaton over code points. */
    interface Language {
        Automaton make() throws GuideException;
    }

    /**
     * Returns the terminal of a language.
     *
     * @param key names the language, for all time
     * @throws GuideException if it has no text
     */
    DfaTerminal of(String key, Limits limits, Language language) throws GuideException {
        DfaTerminal known = kept.get(key);
        return known != null ? known : kept.put(key, of(language.make(), limits));
    }

    /** Returns the terminal of a language that nobody will ask for again. */
    DfaTerminal of(Automaton language, Limits limits) throws GuideException {
        ByteDfa dfa = Languages.bytes(language, limits);
        if (dfa == null) {
            throw new GuideException("nothing can fulfil all that it asks of one value");
        }
        return new DfaTerminal(dfa);
    }

    /** Returns the terminal of one text. */
    DfaTerminal text(String text, Limits limits) throws GuideException {
        return of("text " + text, limits, () -> Languages.text(text));
    }

    /** Returns the terminal of a regular expression of our own. */
    DfaTerminal regex(String regex, Limits limits) throws GuideException {
        return of("regex " + regex, limits, () -> Languages.matched(regex, limits));
    }

    /** Returns the terminal of all bytes up to the first occurrence of a text, and the text. Bytes needn't be whole characters. */
    DfaTerminal until(String text, Limits limits) throws GuideException {
        return bytes("until " + text, text, true, limits);
    }

    /** Returns the terminal of all bytes in which a text isn't; null for any bytes. */
    DfaTerminal without(@Nullable String text, Limits limits) throws GuideException {
        return text == null ? bytes("any", "", false, limits) : bytes("without " + text, text, false, limits);
    }

    private DfaTerminal bytes(String key, String text, boolean ends, Limits limits) throws GuideException {
        byte[] pattern = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        DfaTerminal known = kept.get(key);
        if (known != null) {
            return known;
        }
        DfaTerminal made = new DfaTerminal(new ByteDfa(search(pattern, ends)));
        limits.states(made.dfa.states());
        return kept.put(key, made);
    }

    /** The automaton of Knuth, Morris and Pratt: state s has read the first s bytes of the pattern last. */
    private static Automaton search(byte[] pattern, boolean ends) {
        if (pattern.length == 0) {
            return Automata.makeAnyBinary();
        }
        int n = pattern.length;
        Automaton automaton = new Automaton();
        for (int state = 0; state <= (ends ? n : n - 1); state++) {
            automaton.createState();
            automaton.setAccept(state, ends ? state == n : true);
        }
        int[] fail = new int[n + 1]; // the longest beginning that the first s bytes also end with
        for (int s = 2; s <= n; s++) {
            int f = fail[s - 1];
            while (f > 0 && pattern[f] != pattern[s - 1]) {
                f = fail[f];
            }
            fail[s] = pattern[f] == pattern[s - 1] ? f + 1 : 0;
        }
        for (int state = 0; state < n; state++) {
            for (int b = 0; b < 256; b++) {
                int to = state;
                while (to > 0 && pattern[to] != (byte) b) {
                    to = fail[to];
                }
                to = pattern[to] == (byte) b ? to + 1 : 0;
                if (to < n || ends) {
                    automaton.addTransition(state, to, b);
                }
            }
        }
        automaton.finishState();
        return automaton;
    }
}
