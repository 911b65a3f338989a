package dev.kvasir.benchmarks.training.corpus;

/**
 * What a model should know while it reads, at a word: learned from a layer half-way, where later layers can use it. Nothing of it is in the
 * text.
 *
 * @param at the character just after the word, counted from the start of its part of the turn
 * @param kind what is known
 * @param token it, as text that is one token
 */
public record Hint(int at, Kind kind, String token) {
    /** Kinds, in the order of the layers that they are learned from. */
    public enum Kind {
        /** Of whom the word's own passage says it, or what a tool that is named is for. */
        PERSON,
        /** What an earlier passage says of the same person, or what a request is about. */
        LINKED,
        /** In a question: what it asks for. */
        ANSWER
    }
}
