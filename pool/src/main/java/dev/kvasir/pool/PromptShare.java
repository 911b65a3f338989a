package dev.kvasir.pool;

/**
 * A run of a prompt's tokens that this node is to compute in its next step, while other nodes compute what stands before and behind. Keys and values of what stands before
 * lie here, are on loan, or are just being computed by others, as attention knows. Belongs to the step thread.
 *
 * <pre>
 *   begin -> the step -> computed, or failed
 * </pre>
 */
public interface PromptShare {
    /** Takes slots and tells the others. Returns false if there are none: it won't be computed then. */
    boolean begin();

    /** Returns the prompt's tokens as far as nodes compute it together; not to be changed. */
    int[] tokens();

    /** Returns the first token to be computed, a multiple of {@code segmentTokens}. */
    int from();

    /** Returns the end of the tokens to be computed, exclusive, a multiple of {@code segmentTokens}. */
    int to();

    /** Returns the segment table of {@code [0, to)} once it has begun: slots, and negative numbers for {@linkplain Borrowed loans}. */
    int[] slots();

    /** The step has computed it. */
    void computed();

    /** The step has failed; nothing of it counts. */
    void failed();
}
