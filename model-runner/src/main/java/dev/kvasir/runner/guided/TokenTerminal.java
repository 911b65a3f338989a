package dev.kvasir.runner.guided;

/** One special token, which no bytes spell. */
final class TokenTerminal implements Terminal {
    final int token;

    TokenTerminal(int token) {
        this.token = token;
    }
}
