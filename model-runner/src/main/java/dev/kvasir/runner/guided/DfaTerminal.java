package dev.kvasir.runner.guided;

/** The texts that an automaton accepts. */
final class DfaTerminal implements Terminal {
    final ByteDfa dfa;

    DfaTerminal(ByteDfa dfa) {
        this.dfa = dfa;
    }
}
