package org.barnraiser.coordinator.doctor;

import java.util.ArrayList;
import java.util.List;

/** Whether a Barnraiser answers at the address that was given. */
final class UrlCheck implements Check {
    private final Endpoint endpoint;

    UrlCheck(Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    @Override
    public String subject() {
        return "endpoint";
    }

    @Override
    public List<Finding> findings() {
        return switch (endpoint.answer()) {
            case Endpoint.Cluster cluster -> {
                List<Finding> findings = new ArrayList<>();
                findings.add(Finding.ok(subject(), "A Barnraiser answers at " + endpoint.url() + " (round trip "
                        + cluster.roundTrip().toMillis() + " ms)."));
                cluster.clockAhead().ifPresent(ahead -> findings.add(Clock.compare(endpoint.url().toString(), ahead)));
                yield findings;
            }
            case Endpoint.Silence(String reason) -> List.of(Finding.broken(subject(),
                    "No Barnraiser answers at " + endpoint.url() + ": " + reason + ".",
                    "Start one with './barn up' or './barn coordinator', or name another with --url."));
        };
    }
}
