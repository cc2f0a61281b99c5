package org.barnraiser.coordinator.api.answer;

import java.util.Optional;

/**
 * A server-sent event.
 *
 * @param name for clients that tell events apart by name
 * @param data one line
 */
public record ServerEvent(Optional<String> name, String data) {

    /** An event without a name. */
    public static ServerEvent of(String data) {
        return new ServerEvent(Optional.empty(), data);
    }
}
