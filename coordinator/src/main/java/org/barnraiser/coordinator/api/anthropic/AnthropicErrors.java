package org.barnraiser.coordinator.api.anthropic;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.barnraiser.coordinator.api.ApiError;

/** Errors as Anthropic's clients expect them. */
public final class AnthropicErrors {

    private AnthropicErrors() {}

    /** {@code {"type":"error","error":{"type","message"}}}, and OpenAI's finer words for the same, which others skip. */
    public static ObjectNode of(ApiError error) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("type", "error");
        body.putObject("error").put("type", type(error.status())).put("message", error.message())
                .put("code", error.code()).put("param", error.param());
        return body.putNull("request_id");
    }

    private static String type(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 503 -> "overloaded_error";
            case 504 -> "timeout_error";
            default -> status < 500 ? "invalid_request_error" : "api_error";
        };
    }
}
