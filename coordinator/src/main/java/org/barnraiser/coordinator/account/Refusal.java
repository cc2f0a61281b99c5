package org.barnraiser.coordinator.account;

import com.google.common.collect.ImmutableMap;

/**
 * Why somebody is not served, as HTTP says it.
 *
 * @param status HTTP status
 * @param type OpenAI's error type
 * @param code a name for programs
 * @param message one sentence that says what to do
 * @param retryAfterSeconds when asking again helps; 0 when it does not
 * @param headers what is left, for programs
 */
public record Refusal(int status, String type, String code, String message, int retryAfterSeconds,
        ImmutableMap<String, String> headers) {

    static Refusal of(int status, String code, String message) {
        return new Refusal(status, "invalid_request_error", code, message, 0, ImmutableMap.of());
    }

    static Refusal busy(String type, String code, String message, long waitSeconds) {
        return new Refusal(429, type, code, message, Math.clamp(waitSeconds, 1, 86_400), ImmutableMap.of());
    }

    Refusal with(ImmutableMap<String, String> left) {
        return new Refusal(status, type, code, message, retryAfterSeconds, left);
    }
}
