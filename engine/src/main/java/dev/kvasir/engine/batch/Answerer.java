package dev.kvasir.engine.batch;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Answers requests of batches. */
public interface Answerer {
    /** The paths whose requests it answers. */
    Set<String> ENDPOINTS = Set.of("/v1/chat/completions", "/v1/completions", "/v1/embeddings");

    /**
     * What became of a request.
     *
     * @param status as of an HTTP response
     * @param body as of an HTTP response, JSON; null if nothing could be said now and it is to be asked again
     */
    record Answer(int status, byte @Nullable [] body) {
        /** It is to be asked again. */
        public static final Answer LATER = new Answer(0, null);
    }

    /** A request that is being answered. */
    interface Running {
        /** Ends it; nothing more is heard of it. */
        void cancel();
    }

    /**
     * Answers a request.
     *
     * @param tenant whose it is
     * @param owner runs what follows, on the calling thread
     * @param then is told once, maybe before this returns
     */
    Running answer(String tenant, String endpoint, ObjectNode body, Executor owner, Consumer<Answer> then);

    /** Returns whether requests wait, which all go first. Thread-safe. */
    boolean isBusy();
}
