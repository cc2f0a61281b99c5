package org.barnraiser.coordinator.api.dialect;

import java.util.HashMap;
import java.util.Map;

/** Which field of a request became which of the chat request. What was not noted has its name in both. */
public final class FieldOrigins {
    private final Map<String, String> origins = new HashMap<>();

    /** @param chatPath of a field, or of all in an object or list */
    public void note(String chatPath, String origin) {
        origins.put(chatPath, origin);
    }

    /** The path in the request as it was sent. */
    public String of(String chatPath) {
        for (int end = chatPath.length(); end > 0; end = lastStep(chatPath, end)) {
            String origin = origins.get(chatPath.substring(0, end));
            if (origin != null) {
                return origin + chatPath.substring(end);
            }
        }
        return chatPath;
    }

    private static int lastStep(String path, int end) {
        return Math.max(path.lastIndexOf('.', end - 1), path.lastIndexOf('[', end - 1));
    }
}
