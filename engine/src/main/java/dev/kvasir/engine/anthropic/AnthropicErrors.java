package dev.kvasir.engine.anthropic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.engine.openai.ApiError;

/** Errors in Anthropic's shape: {@code {"type":"error","error":{"type","message"},"request_id"}}. */
public final class AnthropicErrors {
    private AnthropicErrors() {}

    /** Returns an answer's body, also the data of an error event in a stream. */
    public static ObjectNode body(ApiError error, String requestId) {
        return of(error).put("request_id", requestId);
    }

    static ObjectNode of(ApiError error) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("type", "error");
        body.putObject("error").put("type", type(error.status())).put("message", message(error));
        return body;
    }

    /** There is no member for the field that is wrong, so the text has it. */
    private static String message(ApiError error) {
        String message = String.valueOf(error.getMessage());
        String param = error.param();
        return param == null || message.contains(param) ? message : param + ": " + message;
    }

    private static String type(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 503 -> "overloaded_error";
            default -> status >= 500 ? "api_error" : "invalid_request_error";
        };
    }
}
