package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What is said and kept of an answer whose client doesn't wait for it. Confined to the call's thread. */
interface BackgroundAnswer {
    /**
     * The request was taken in.
     *
     * @param cancel ends it and runs what it is given then; from any thread
     * @return what the client is told; null if it can't be kept, and so won't be computed
     */
    @Nullable
    ObjectNode begin(Consumer<Runnable> cancel);

    /** Its prompt is computed. */
    void progress();

    /** It was cancelled. */
    void cancelled();
}
