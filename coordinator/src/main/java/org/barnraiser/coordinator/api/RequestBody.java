package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;

/** Reads a request's body as one JSON object. */
final class RequestBody {
    private RequestBody() {}

    static ObjectNode read(HttpServletRequest request, int maxBytes) throws ApiException, IOException {
        if (request.getContentLengthLong() > maxBytes) {
            throw new ApiException(ApiError.bodyTooLarge(maxBytes));
        }
        byte[] bytes = request.getInputStream().readNBytes(maxBytes + 1);
        if (bytes.length > maxBytes) {
            throw new ApiException(ApiError.bodyTooLarge(maxBytes));
        }
        return Json.parseObject(bytes);
    }
}
