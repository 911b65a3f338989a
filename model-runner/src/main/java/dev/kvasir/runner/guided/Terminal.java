package dev.kvasir.runner.guided;

/** A regular language over bytes, of which a grammar's texts are made. Compared by identity: what is equal is shared. */
sealed interface Terminal extends Node permits DfaTerminal, StringTerminal, TokenTerminal {}
