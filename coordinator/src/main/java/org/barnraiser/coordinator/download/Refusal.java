package org.barnraiser.coordinator.download;

import java.net.http.HttpResponse;

/** What a server's refusal means, in a sentence. */
final class Refusal {

    private Refusal() {}

    static DownloadException of(RemoteFile file, HttpResponse<?> response) {
        int status = response.statusCode();
        String host = file.uri().getHost();
        return new DownloadException(switch (status) {
            case 401, 403 -> host + " does not give out " + file.name()
                    + " without permission (HTTP " + status
                    + "); if it asks for terms to be accepted, accept them there and set HF_TOKEN.";
            case 404, 410 -> "There is no " + file.name() + " at " + host + " (HTTP " + status
                    + "); check the address.";
            case 429 -> host + " asks for fewer requests (HTTP 429); try again later.";
            default -> host + " answers HTTP " + status + " for " + file.name()
                    + (status >= 500 ? "; try again later." : "; check the address.");
        }, status);
    }

    /** Whether the same request may succeed a little later. */
    static boolean isPassing(int status) {
        return status == 408 || status == 425 || status == 429 || status >= 500;
    }
}
