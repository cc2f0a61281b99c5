package org.barnraiser.coordinator.api;

import java.util.Objects;
import org.barnraiser.coordinator.model.ModelUnavailableException;
import org.jspecify.annotations.Nullable;

/** A request that ends with an error which the client hears. */
public final class ApiException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient ApiError error;

    ApiException(ApiError error) {
        super(error.message());
        this.error = error;
    }

    public static ApiException invalid(@Nullable String param, String message) {
        return new ApiException(ApiError.invalid(param, message));
    }

    static ApiException of(ModelUnavailableException unavailable) {
        String reason = Objects.requireNonNullElse(unavailable.getMessage(), "The model cannot answer now.");
        return new ApiException(unavailable.isQueueFull()
                ? ApiError.queueFull(reason, unavailable.retryAfterSeconds())
                : ApiError.notReady(reason, unavailable.retryAfterSeconds()));
    }

    ApiError error() {
        return error;
    }
}
