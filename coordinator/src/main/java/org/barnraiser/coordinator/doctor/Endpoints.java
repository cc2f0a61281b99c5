package org.barnraiser.coordinator.doctor;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** The HTTP addresses of a cluster, one {@link Endpoint} for each. Thread-safe. */
final class Endpoints {
    private final Map<String, Endpoint> endpoints = new ConcurrentSkipListMap<>();

    /** @param known one that is known already */
    Endpoints(Optional<Endpoint> known) {
        known.ifPresent(endpoint -> endpoints.put(endpoint.url().getAuthority(), endpoint));
    }

    /** @param address {@code host:port}, checked */
    Endpoint at(String address) {
        return endpoints.computeIfAbsent(address, _ -> new Endpoint(URI.create("http://" + address)));
    }

    List<Endpoint> all() {
        return List.copyOf(endpoints.values());
    }
}
