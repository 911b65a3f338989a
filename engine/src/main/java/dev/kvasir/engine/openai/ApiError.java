package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/** An answer that is an error, in OpenAI's shape: {@code {"error":{"message","type","param","code"}}}. */
public final class ApiError extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final String INVALID = "invalid_request_error";
    private static final String DEADLINE = "deadline_exceeded";

    private final int status;
    private final String type;
    private final @Nullable String param;
    private final @Nullable String code;

    private ApiError(int status, String type, @Nullable String param, @Nullable String code, String message) {
        // No stack trace: it says what the client did, not where we noticed.
        super(message, null, false, false);
        this.status = status;
        this.type = type;
        this.param = param;
        this.code = code;
    }

    /** Returns that the request is wrong as a whole. */
    public static ApiError badRequest(String message) {
        return new ApiError(400, INVALID, null, null, message);
    }

    /** Returns that one field is wrong. */
    public static ApiError badField(String param, String message) {
        return new ApiError(400, INVALID, param, null, message);
    }

    /** Returns that there is no such field, where unknown ones are not ignored. */
    public static ApiError unknownField(String name) {
        String shown = name.length() > 80 ? name.substring(0, 80) + ".." : name;
        return badField(shown, "Unknown parameter: '" + shown + "'.");
    }

    /** Returns that a field would change the answer in a way this server can't. */
    public static ApiError unsupported(String param, String message) {
        return new ApiError(400, INVALID, param, "unsupported_parameter", message);
    }

    /** Returns that the request doesn't fit the context. */
    public static ApiError contextLength(String param, String message) {
        return new ApiError(400, INVALID, param, "context_length_exceeded", message);
    }

    public static ApiError modelNotFound(String model) {
        String shown = model.length() > 200 ? model.substring(0, 200) + ".." : model;
        return new ApiError(
                404, INVALID, "model", "model_not_found", "The model '" + shown + "' does not exist on this server.");
    }

    public static ApiError unauthorized() {
        return new ApiError(
                401,
                INVALID,
                null,
                "invalid_api_key",
                "No API key of this server was given; send it as 'Authorization: Bearer KEY'.");
    }

    public static ApiError forbidden(String message) {
        return new ApiError(403, "permission_error", null, "forbidden", message);
    }

    public static ApiError notFound(String method, String path) {
        return new ApiError(404, INVALID, null, "unknown_url", "Unknown request URL: " + method + " " + path);
    }

    /** Returns that there is no such thing, or that it is somebody else's, which nobody shall be able to tell. */
    public static ApiError noSuch(String what, String id) {
        String shown = id.length() > 80 ? id.substring(0, 80) + ".." : id;
        return new ApiError(404, INVALID, null, "not_found", "There is no " + what + " '" + shown + "'.");
    }

    /** Returns that a conversation can't be continued, since what came before isn't there. */
    public static ApiError previousNotFound(String message) {
        return new ApiError(400, INVALID, "previous_response_id", "previous_response_not_found", message);
    }

    public static ApiError methodNotAllowed(String method, String allowed) {
        return new ApiError(
                405,
                INVALID,
                null,
                "method_not_allowed",
                "Method " + method + " is not allowed here, only " + allowed + ".");
    }

    public static ApiError bodyTooLarge(int maxBytes) {
        return new ApiError(
                413,
                INVALID,
                null,
                "request_too_large",
                "The request body is longer than the " + maxBytes
                        + " bytes that this server takes (http.maxBodyBytes).");
    }

    public static ApiError contentType(String given) {
        return new ApiError(
                415,
                INVALID,
                null,
                "unsupported_media_type",
                "The request body must be application/json, not '" + given + "'.");
    }

    public static ApiError timeout(int seconds) {
        return new ApiError(
                408,
                INVALID,
                null,
                "request_timeout",
                "The request body did not arrive within " + seconds + " seconds.");
    }

    public static ApiError queueFull(int waiting) {
        return new ApiError(
                429,
                "rate_limit_error",
                null,
                "queue_full",
                "The server is busy: " + waiting + " requests wait already; try again later.");
    }

    /** Returns that the request's own deadline came before there was anything to answer. */
    public static ApiError deadline() {
        return new ApiError(
                408,
                "timeout_error",
                null,
                DEADLINE,
                "The deadline that the request has set came before its first token.");
    }

    /** Returns whether asking the same again would end in the same way, as far as anybody can tell. */
    public boolean isInVain() {
        return DEADLINE.equals(code);
    }

    /** Returns that a key has asked for more than it may. */
    public static ApiError rateLimited(String message) {
        return new ApiError(429, "rate_limit_error", null, "rate_limit_exceeded", message);
    }

    /** Returns that so many things of a kind are there already that no more may come. */
    public static ApiError tooMany(String message) {
        return new ApiError(429, "rate_limit_error", null, "too_many", message);
    }

    /** Returns that a file, or all files together, would be too large. */
    public static ApiError fileTooLarge(String message) {
        return new ApiError(413, INVALID, "file", "file_too_large", message);
    }

    /** Returns that the state of things doesn't allow it. */
    public static ApiError conflict(String message) {
        return new ApiError(409, INVALID, null, "conflict", message);
    }

    /** Returns that a form was expected. */
    public static ApiError formExpected() {
        return new ApiError(
                415,
                INVALID,
                null,
                "unsupported_media_type",
                "A file is uploaded as multipart/form-data, with the fields 'file' and 'purpose'.");
    }

    /** Returns that the disk takes no more. */
    public static ApiError storage(String message) {
        return new ApiError(507, "server_error", null, "insufficient_storage", message);
    }

    public static ApiError unavailable(String message) {
        return new ApiError(503, "server_error", null, "unavailable", message);
    }

    public static ApiError internal() {
        return new ApiError(500, "server_error", null, "internal_error", "The server failed to process the request.");
    }

    public int status() {
        return status;
    }

    public @Nullable String code() {
        return code;
    }

    public @Nullable String param() {
        return param;
    }

    /** Returns the response body, also the data of an error event in a stream. */
    public ObjectNode body() {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("error")
                .put("message", getMessage())
                .put("type", type)
                .put("param", param)
                .put("code", code);
        return body;
    }
}
