package dev.kvasir.runner.torch;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;

/** How the layers of a step are driven. */
interface ForwardPlan {
    /**
     * Computes the step's residual stream, writing keys and values to the pool.
     *
     * @param manager owns the result
     * @return (tokens, hidden)
     */
    PtNDArray forward(PtNDManager manager, PackedStep step);
}
