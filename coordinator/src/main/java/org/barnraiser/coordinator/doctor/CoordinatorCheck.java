package org.barnraiser.coordinator.doctor;

import java.util.ArrayList;
import java.util.List;
import org.barnraiser.proto.CoordinatorRecord;

/** Whether a registered coordinator is reached from here: by readers over HTTP, and by workers over gRPC. */
final class CoordinatorCheck implements Check {
    private final CoordinatorRecord coordinator;
    private final boolean leads;
    private final Endpoints endpoints;
    private final Connections connections;

    CoordinatorCheck(CoordinatorRecord coordinator, boolean leads, Endpoints endpoints, Connections connections) {
        this.coordinator = coordinator;
        this.leads = leads;
        this.endpoints = endpoints;
        this.connections = connections;
    }

    @Override
    public String subject() {
        return "coordinator";
    }

    @Override
    public List<Finding> findings() throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        findings.add(grpc());
        if (!coordinator.getHttpAddress().isEmpty()) {
            findings.addAll(http(endpoints.at(coordinator.getHttpAddress())));
        }
        return findings;
    }

    private Finding grpc() throws InterruptedException {
        String address = coordinator.getGrpcAddress();
        String who = leads ? "The one that leads" : "One that stands by";
        return connections.opens(address)
                ? Finding.ok(subject(), who + " gives out weights at " + address + ".")
                : Finding.broken(subject(), who + " is registered, but cannot be reached at " + address + ".",
                        "See whether it runs, that its --listen is an address that other machines reach, and that no"
                                + " firewall is in between; workers fetch their layers there.");
    }

    private List<Finding> http(Endpoint endpoint) {
        return switch (endpoint.answer()) {
            case Endpoint.Cluster cluster -> {
                List<Finding> findings = new ArrayList<>();
                findings.add(Finding.ok(subject(), "It answers readers at " + endpoint.url() + " (round trip "
                        + cluster.roundTrip().toMillis() + " ms)."));
                cluster.clockAhead()
                        .ifPresent(ahead -> findings.add(Clock.compare("the coordinator at " + endpoint.url(), ahead)));
                yield findings;
            }
            case Endpoint.Silence(String reason) -> List.of(Finding.warning(subject(),
                    "Readers cannot ask it from here at " + endpoint.url() + ": " + reason + ".",
                    "If they should, start it with --host 0.0.0.0 and see that no firewall is in between."));
        };
    }
}
