package dev.kvasir.runner;

import java.util.Set;

/** Text to token ids and back. Thread-safe. */
public interface Tokenizer extends AutoCloseable {
    /**
     * Encodes a text. Special tokens written in it become their ids.
     *
     * @param addSpecialTokens whether to add what the tokenizer puts around every text (a BOS, say)
     */
    int[] encode(String text, boolean addSpecialTokens);

    /**
     * Encodes a rendered chat prompt in which every special token that stood in a message's content was broken by
     * {@code marker}: those are text, not control, and get ordinary ids. Adds no special tokens of its own.
     *
     * @param marker a character that is in the prompt for this purpose alone; removed
     */
    int[] encodePrompt(String prompt, char marker);

    /** Decodes ids to text. Bytes that are no whole character come out as U+FFFD. */
    String decode(int[] ids, boolean skipSpecialTokens);

    /** Returns the bytes that a token stands for, which may be part of a character; none for a special or unknown one. */
    byte[] bytesOf(int token);

    /** Returns the token's own text in the vocabulary, or its special form: {@code <s>}; empty for an unknown id. */
    String textOf(int token);

    /** Returns one more than the highest token id. */
    int vocab();

    /** Returns the ids of special tokens. */
    Set<Integer> specialTokens();

    /** Returns the texts of special tokens, which must not be read as control inside a message. */
    Set<String> specialTexts();

    /**
     * Returns a decoder for one token stream that goes on after a prompt: a space at its start belongs to the text, though
     * {@link #decode}, for which a text begins with its first token, may drop it.
     */
    TextDecoder streamDecoder(boolean skipSpecialTokens);

    /**
     * Returns such a decoder that leaves out special tokens but some, whose own form is text to it.
     *
     * @param shown ids of these
     */
    default TextDecoder streamDecoder(Set<Integer> shown) {
        return streamDecoder(true);
    }

    @Override
    void close();
}
