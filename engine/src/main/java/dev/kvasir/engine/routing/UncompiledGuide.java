package dev.kvasir.engine.routing;

import dev.kvasir.runner.Guide;
import dev.kvasir.runner.GuideSpec;
import dev.kvasir.runner.GuideState;

/** A guide as it comes from another node, of which only the spec is known. */
record UncompiledGuide(GuideSpec spec) implements Guide {
    @Override
    public GuideState start(int[] endTokens) {
        throw new IllegalStateException("the guide isn't compiled yet");
    }
}
