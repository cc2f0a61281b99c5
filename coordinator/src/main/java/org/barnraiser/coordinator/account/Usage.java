package org.barnraiser.coordinator.account;

import java.time.LocalDate;

/** What a key used on one day (UTC). */
public record Usage(String keyId, LocalDate day, long requests, long promptTokens, long completionTokens) {

    public long tokens() {
        return promptTokens + completionTokens;
    }
}
