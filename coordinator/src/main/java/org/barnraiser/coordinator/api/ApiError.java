package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.collect.ImmutableMap;
import org.barnraiser.coordinator.account.Refusal;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong, as a client hears it: OpenAI's error object and its HTTP status.
 *
 * @param status HTTP status
 * @param type OpenAI's error type
 * @param code a name for programs, or null
 * @param param the field that is to blame, or null
 * @param message one sentence for people
 * @param retryAfterSeconds when asking again may help; 0 when it will not
 * @param headers more for programs, such as what is left of a limit
 */
public record ApiError(int status, String type, @Nullable String code, @Nullable String param, String message,
        int retryAfterSeconds, ImmutableMap<String, String> headers) {
    private static final String INVALID_REQUEST = "invalid_request_error";
    private static final String SERVER_ERROR = "server_error";
    /** As long as any name of a model. */
    private static final int MAX_QUOTED = 200;
    private static final String NOT_READY = "model_not_ready";

    ApiError(int status, String type, @Nullable String code, @Nullable String param, String message,
            int retryAfterSeconds) {
        this(status, type, code, param, message, retryAfterSeconds, ImmutableMap.of());
    }

    static ApiError of(Refusal refusal) {
        return new ApiError(refusal.status(), refusal.type(), refusal.code(), null, refusal.message(),
                refusal.retryAfterSeconds(), refusal.headers());
    }

    static ApiError forbidden(String role, String needed) {
        return request(403, "role_not_allowed", null,
                "A " + role + " may not do this; it takes a key of the role " + needed + ".");
    }

    static ApiError accountsAway(String reason) {
        return new ApiError(503, SERVER_ERROR, "accounts_unavailable", null, reason, 5);
    }

    static ApiError invalid(@Nullable String param, String message) {
        return request(400, null, param, message);
    }

    static ApiError contextTooLong(String param, int promptTokens, int contextTokens) {
        return request(400, "context_length_exceeded", param, "The prompt has " + promptTokens
                + " tokens; the model's context holds " + contextTokens + ", and the answer needs at least 1 of them.");
    }

    /** @param most tokens that a text may have */
    static ApiError textTooLong(String param, int tokens, int most) {
        return request(400, "context_length_exceeded", param,
                "A text has " + tokens + " tokens; the model's context holds texts of at most " + most + ".");
    }

    /** @param there the names of those that are hosted, for people */
    static ApiError modelNotFound(String asked, String there) {
        return request(404, "model_not_found", "model", "There is no model '" + shortened(asked) + "' here; there is "
                + there + ".");
    }

    private static String shortened(String text) {
        return text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "…";
    }

    static ApiError pathNotFound() {
        return request(404, "not_found", null, "There is nothing at this path.");
    }

    static ApiError methodNotAllowed() {
        return request(405, "method_not_allowed", null, "This path does not take this method; see the Allow header.");
    }

    static ApiError bodyTooLarge(int maxBodyBytes) {
        return request(413, "body_too_large", null, "The request body is longer than " + maxBodyBytes + " bytes.");
    }

    static ApiError bodyTooSlow(int leastBytesPerSecond) {
        return request(408, "body_too_slow", null,
                "The request body came slower than " + leastBytesPerSecond + " bytes a second.");
    }

    static ApiError queueFull(String reason, int retryAfterSeconds) {
        return new ApiError(429, "rate_limit_error", "queue_full", null, reason, retryAfterSeconds);
    }

    static ApiError notReady(String reason, int retryAfterSeconds) {
        return new ApiError(503, SERVER_ERROR, NOT_READY, null, reason, Math.max(1, retryAfterSeconds));
    }

    /** Whether the model does not answer now, and may soon. */
    boolean isNotReady() {
        return NOT_READY.equals(code);
    }

    static ApiError generationFailed(String reason, boolean retryable) {
        return new ApiError(retryable ? 503 : 500, SERVER_ERROR, "generation_failed", null, reason, retryable ? 1 : 0);
    }

    static ApiError shuttingDown() {
        return new ApiError(503, SERVER_ERROR, "shutting_down", null, "The service is shutting down.", 5);
    }

    static ApiError tookTooLong(long seconds) {
        return new ApiError(504, SERVER_ERROR, "time_limit", null,
                "The answer took longer than the " + seconds + " seconds that a request may take.", 0);
    }

    static ApiError tooSlowClient() {
        return new ApiError(503, SERVER_ERROR, "client_too_slow", null,
                "The answer was dropped because it was not read fast enough.", 0);
    }

    static ApiError internal() {
        return new ApiError(500, SERVER_ERROR, "internal_error", null,
                "Something broke inside the service; its log says where.", 0);
    }

    /** {@code {"error":{"message","type","param","code"}}}. */
    ObjectNode toJson() {
        ObjectNode body = Json.object();
        body.putObject("error").put("message", message).put("type", type).put("param", param).put("code", code);
        return body;
    }

    private static ApiError request(int status, @Nullable String code, @Nullable String param, String message) {
        return new ApiError(status, INVALID_REQUEST, code, param, message, 0);
    }
}
