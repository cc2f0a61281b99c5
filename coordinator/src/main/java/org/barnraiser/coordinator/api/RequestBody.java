package org.barnraiser.coordinator.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Reads a request's body as one JSON object. */
final class RequestBody {
    private static final String READ = "barnraiser.body";
    private static final int PART_BYTES = 16 << 10;
    /** The slowest of telephone lines are faster. */
    private static final int LEAST_BYTES_PER_SECOND = 256;
    private static final Duration GRACE = Duration.ofSeconds(10);

    private RequestBody() {}

    /** May be called again: a request that was sent on is read once. */
    static ObjectNode read(HttpServletRequest request, int maxBytes) throws ApiException, IOException {
        if (request.getAttribute(READ) instanceof ObjectNode before) {
            return before;
        }
        if (request.getContentLengthLong() > maxBytes) {
            throw new ApiException(ApiError.bodyTooLarge(maxBytes));
        }
        ObjectNode body = Json.parseObject(bytes(request.getInputStream(), maxBytes, System::nanoTime));
        request.setAttribute(READ, body);
        return body;
    }

    /** All of a body that comes fast enough: who sends a byte now and then would keep a thread busy for hours. */
    static byte[] bytes(InputStream body, int maxBytes, LongSupplier nanoTime) throws ApiException, IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] part = new byte[PART_BYTES];
        long start = nanoTime.getAsLong();
        for (int read = body.read(part); read >= 0; read = body.read(part)) {
            bytes.write(part, 0, read);
            if (bytes.size() > maxBytes) {
                throw new ApiException(ApiError.bodyTooLarge(maxBytes));
            }
            long late = nanoTime.getAsLong() - start - GRACE.toNanos();
            if (late > 0 && bytes.size() < late / 1e9 * LEAST_BYTES_PER_SECOND) {
                throw new ApiException(ApiError.bodyTooSlow(LEAST_BYTES_PER_SECOND));
            }
        }
        return bytes.toByteArray();
    }
}
