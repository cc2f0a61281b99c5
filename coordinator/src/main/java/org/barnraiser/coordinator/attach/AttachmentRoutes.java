package org.barnraiser.coordinator.attach;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Duration;

/** {@code POST /api/attachments/text}: the bytes of a PDF or DOCX in, its text out; nothing is kept. */
public final class AttachmentRoutes {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final Extraction extraction = new Extraction(DEADLINE);

    public void register(RoutesConfig routes) {
        routes.post("/api/attachments/text", this::text);
    }

    private void text(Context ctx) throws IOException, InterruptedException {
        try {
            send(ctx, 200, JsonNodeFactory.instance.objectNode().put("text", extraction.text(body(ctx))));
        } catch (RefusedFileException refused) {
            ObjectNode body = JsonNodeFactory.instance.objectNode();
            body.putObject("error").put("message", refused.refusal().sentence()).put("type", "invalid_request_error")
                    .putNull("param").put("code", refused.refusal().code());
            send(ctx, refused.refusal().status(), body);
        }
    }

    private static byte[] body(Context ctx) throws IOException, RefusedFileException {
        if (ctx.req().getContentLengthLong() > Extraction.MAX_BYTES) {
            throw new RefusedFileException(Refusal.TOO_LARGE);
        }
        byte[] bytes = ctx.req().getInputStream().readNBytes(Extraction.MAX_BYTES + 1);
        if (bytes.length > Extraction.MAX_BYTES) {
            throw new RefusedFileException(Refusal.TOO_LARGE);
        }
        return bytes;
    }

    private static void send(Context ctx, int status, ObjectNode body) {
        ctx.status(status).contentType("application/json; charset=utf-8").result(body.toString());
    }
}
