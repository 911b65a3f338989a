package dev.kvasir.engine.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runner.GuideSpec;
import java.util.List;

/**
 * What a request says its answer must look like.
 *
 * @param param the field that says so
 * @param specs the first of these that can be compiled is followed
 * @param isRequired whether the request is refused if none can be
 */
public record GuideRequest(String param, List<GuideSpec> specs, boolean isRequired) {
    public GuideRequest {
        specs = List.copyOf(specs);
    }

    static GuideRequest of(String param, ObjectNode piece) {
        return new GuideRequest(param, List.of(new GuideSpec(piece.toString())), true);
    }

    /** Returns the error for a client whose wish can't be fulfilled. */
    public ApiError refusal(String why) {
        return ApiError.badField(param, "'" + param + "' can't be followed: " + why + ".");
    }
}
