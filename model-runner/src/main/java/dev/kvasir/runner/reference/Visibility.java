package dev.kvasir.runner.reference;

/** Which of the tokens up to itself a token attends to. Every token sees itself. */
@FunctionalInterface
public interface Visibility {
    /** Causal attention as models are trained with: everything earlier is seen. */
    Visibility ALL = (query, key) -> true;

    /** Returns whether the token at position {@code query} attends to the one at {@code key}, which is never a later one. */
    boolean sees(int query, int key);
}
