package dev.kvasir.engine.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.ApiError;

/** How an API writes its errors. */
interface ErrorForm {
    /** {@code {"error":{..}}}. */
    ErrorForm OPENAI = (error, requestId) -> error.body();

    /** Returns an answer's body. */
    ObjectNode body(ApiError error, String requestId);
}
