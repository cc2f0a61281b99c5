package org.barnraiser.coordinator.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.cluster.Addresses;
import org.barnraiser.proto.WorkerRecord;

/**
 * A worker as the cluster has it.
 *
 * @param incarnation of the registration; empty when only an endpoint told of it
 * @param address where it is found; empty when only an endpoint told of it, and it takes no connections
 * @param build what its llama.cpp says of itself
 */
record Member(String name, String incarnation, String address, String build) {
    private static final int MAX_MEMBERS = 4096;

    static List<Member> registered(List<WorkerRecord> workers) {
        return workers.stream().map(worker -> new Member(worker.getWorkerId(), worker.getIncarnationId(),
                worker.getAddress(), worker.getEngine().getBuild())).toList();
    }

    /** For people. */
    String place() {
        String dialled = Addresses.shown(address);
        return dialled.isEmpty() ? "its line" : dialled;
    }

    /** Those that {@code /api/cluster} names. */
    static List<Member> shown(JsonNode status) {
        List<Member> members = new ArrayList<>();
        for (JsonNode worker : status.path("workers")) {
            String address = worker.path("address").asText();
            if (members.size() < MAX_MEMBERS && (address.isEmpty() || Addresses.isHostAndPort(address))) {
                members.add(new Member(worker.path("worker").asText(), "", address, worker.path("engine").asText()));
            }
        }
        return members;
    }
}
