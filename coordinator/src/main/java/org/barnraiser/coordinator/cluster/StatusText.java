package org.barnraiser.coordinator.cluster;

import com.google.common.base.Ascii;
import io.grpc.Status;
import java.util.Locale;

/** What a gRPC status says, for people. */
final class StatusText {
    /** The text comes from another machine: one line of it is enough. */
    private static final int MAX_LENGTH = 500;

    private StatusText() {
    }

    /** Whether the call never got an answer of the other side: nothing listens there, or the connection broke. */
    static boolean isUnreachable(Status status) {
        return status.getCode() == Status.Code.UNAVAILABLE && status.getCause() != null;
    }

    /** Half a sentence, without a full stop at its end. */
    static String of(Status status) {
        if (isUnreachable(status)) {
            return "it cannot be reached";
        }
        String description = status.getDescription();
        if (description == null || description.isBlank()) {
            return status.getCode().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
        String line = description.strip().replaceAll("\\s+", " ");
        return Ascii.truncate(line.endsWith(".") ? line.substring(0, line.length() - 1) : line, MAX_LENGTH, "…");
    }
}
