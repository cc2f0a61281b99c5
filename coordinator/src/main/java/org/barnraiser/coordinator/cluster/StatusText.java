package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ascii;
import com.google.common.base.Strings;
import io.grpc.Status;
import java.util.Locale;

/** What a gRPC status says, for people. */
final class StatusText {
    /** The text comes from another machine: one line of it is enough. */
    private static final int MAX_LENGTH = 500;

    private StatusText() {}

    /**
     * Whether it is not the other side that says so, but the connection to it: nothing listens there, or it went away. gRPC gives the
     * socket's exception as the cause then, or a text of its own when the socket was closed.
     */
    static boolean isUnreachable(Status status) {
        return switch (status.getCode()) {
            case UNAVAILABLE -> status.getCause() != null || description(status).startsWith("Network closed");
            // This side's own cancellations are never shown to people.
            case CANCELLED -> description(status).startsWith("RST_STREAM");
            default -> false;
        };
    }

    /** Half a sentence, without a full stop at its end. */
    static String of(Status status) {
        if (isUnreachable(status)) {
            return "it cannot be reached";
        }
        String line = description(status).strip().replaceAll("\\s+", " ");
        if (line.isEmpty()) {
            return status.getCode().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
        return Ascii.truncate(line.endsWith(".") ? line.substring(0, line.length() - 1) : line, MAX_LENGTH, "…");
    }

    private static String description(Status status) {
        return Strings.nullToEmpty(status.getDescription());
    }
}
