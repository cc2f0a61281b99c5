package org.barnraiser.coordinator.download;

import java.net.http.HttpHeaders;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The part that a server says it sends: bytes [first, last] of a file (RFC 9110, section 14.4). */
record ContentRange(long first, long last, long totalBytes) {
    private static final Pattern FORM = Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18})");

    /** Empty when the header is missing or not of the form that names all three numbers. */
    static Optional<ContentRange> of(HttpHeaders headers) {
        return headers.firstValue("Content-Range").map(FORM::matcher).filter(Matcher::matches)
                .map(match -> new ContentRange(Long.parseLong(match.group(1)), Long.parseLong(match.group(2)),
                        Long.parseLong(match.group(3))));
    }
}
