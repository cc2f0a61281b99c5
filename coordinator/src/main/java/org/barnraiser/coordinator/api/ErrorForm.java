package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.barnraiser.coordinator.api.anthropic.AnthropicErrors;

/** The form in which the clients of a path expect errors, whoever refuses them. */
enum ErrorForm {
    OPENAI {
        @Override
        ObjectNode of(ApiError error) {
            return error.toJson();
        }
    },
    ANTHROPIC {
        @Override
        ObjectNode of(ApiError error) {
            return AnthropicErrors.of(error);
        }
    };

    abstract ObjectNode of(ApiError error);

    static ErrorForm at(String path) {
        return path.equals("/v1/messages") || path.startsWith("/v1/messages/") ? ANTHROPIC : OPENAI;
    }
}
