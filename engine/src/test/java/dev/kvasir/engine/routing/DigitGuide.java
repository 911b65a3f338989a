package dev.kvasir.engine.routing;

import dev.kvasir.runner.Guide;
import dev.kvasir.runner.GuideSpec;
import dev.kvasir.runner.GuideState;

/** Allows tokens 1, 2, 3, 1, 2, 3 .. in this order, and no end. */
final class DigitGuide {
    static final GuideSpec SPEC = new GuideSpec("{\"regex\": \"(123)*\"}");

    static final Guide GUIDE = new Guide() {
        @Override
        public GuideSpec spec() {
            return SPEC;
        }

        @Override
        public GuideState start(int[] endTokens) {
            return new State();
        }
    };

    private DigitGuide() {}

    private static final class State implements GuideState {
        private int count;

        @Override
        public long[] allowed() {
            return new long[] {1L << (1 + count % 3)};
        }

        @Override
        public void accept(int token) {
            if (token != 1 + count % 3) {
                throw new IllegalStateException("token " + token + " after " + count);
            }
            count++;
        }

        @Override
        public boolean isComplete() {
            return false;
        }

        @Override
        public boolean isOver() {
            return false;
        }
    }
}
