package dev.kvasir.pool;

import java.util.List;

/**
 * Has prompts computed by several nodes together. Who needs one {@linkplain #begin begins}; each of the nodes finds its {@linkplain #ready shares} and computes
 * them in its steps. Belongs to the step thread, and waits for nothing.
 */
public interface PrefillGroups {
    /** One node alone: no groups. */
    PrefillGroups NONE = new PrefillGroups() {
        @Override
        public SharedPrefill begin(SegmentId root, int[] tokens, int length, List<Integer> nodes) {
            throw new IllegalStateException("there are no other nodes");
        }

        @Override
        public List<PromptShare> ready() {
            return List.of();
        }
    };

    /**
     * Begins to have a prompt's whole segments computed that this node can't match, all but the one with the last token.
     *
     * @param tokens not to be changed; {@code length} of them count
     * @param nodes who computes it: the numbers of at least two nodes, this one among them
     */
    SharedPrefill begin(SegmentId root, int[] tokens, int length, List<Integer> nodes);

    /** Returns the shares that can be computed in the next step, no two of one prompt, and together no longer than what steps may be. */
    List<PromptShare> ready();
}
