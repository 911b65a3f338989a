package dev.kvasir.runner.guided;

import dev.kvasir.runner.Guide;
import dev.kvasir.runner.GuideSpec;
import dev.kvasir.runner.GuideState;
import dev.kvasir.runner.Tokenizer;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A grammar over a vocabulary. */
final class CompiledGuide implements Guide {
    private final GuideSpec spec;
    private final Node grammar;
    private final Masks masks;
    private final Tokenizer tokenizer;
    private final Set<Integer> steering; // tokens that aren't text

    CompiledGuide(GuideSpec spec, Node grammar, Masks masks, Tokenizer tokenizer, Set<Integer> steering) {
        this.spec = spec;
        this.grammar = grammar;
        this.masks = masks;
        this.tokenizer = tokenizer;
        this.steering = steering;
    }

    @Override
    public GuideSpec spec() {
        return spec;
    }

    @Override
    public GuideState start(int[] endTokens) {
        return new State(endTokens);
    }

    private final class State implements GuideState {
        private final int[] endTokens;
        private Threads threads = Threads.start(grammar);
        private long @Nullable [] mask; // room for one
        private boolean isFilled;

        State(int[] endTokens) {
            this.endTokens = endTokens;
        }

        @Override
        public long[] allowed() {
            if (mask == null) {
                mask = new long[masks.trie().words()];
            }
            if (!isFilled) {
                Arrays.fill(mask, 0);
                masks.fill(threads, mask);
                for (int end : endTokens) {
                    if (threads.isComplete && end >> 6 < mask.length) {
                        mask[end >> 6] |= 1L << end;
                    }
                }
                isFilled = true;
            }
            return mask;
        }

        @Override
        public void accept(int token) {
            Threads next = threads;
            if (steering.contains(token)) {
                next = next.token(token);
            } else {
                for (byte b : tokenizer.bytesOf(token)) {
                    next = next.compute(b);
                }
            }
            if (next.isDead()) {
                throw new IllegalStateException("token " + token + " can't come here");
            }
            threads = next;
            isFilled = false;
        }

        @Override
        public boolean isComplete() {
            return threads.isComplete;
        }

        @Override
        public boolean isOver() {
            return threads.ways.isEmpty();
        }
    }
}
