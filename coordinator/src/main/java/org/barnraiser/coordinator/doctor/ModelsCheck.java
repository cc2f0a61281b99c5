package org.barnraiser.coordinator.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.coordinator.cluster.ClusterSnapshot;

import static java.util.stream.Collectors.joining;

/** Whether the model answers, and is the same behind every endpoint. */
final class ModelsCheck implements Check {
    private final List<Endpoint> endpoints;
    private final Optional<ClusterSnapshot> snapshot;

    /** @param snapshot what is stored of plans; empty when that is not known */
    ModelsCheck(List<Endpoint> endpoints, Optional<ClusterSnapshot> snapshot) {
        this.endpoints = endpoints;
        this.snapshot = snapshot;
    }

    @Override
    public String subject() {
        return "model";
    }

    @Override
    public List<Finding> findings() {
        Map<String, Endpoint.Cluster> byDigest = new LinkedHashMap<>();
        List<Finding> findings = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            if (endpoint.answer() instanceof Endpoint.Cluster cluster) {
                byDigest.putIfAbsent(cluster.digest(), cluster);
                findings.add(readiness(endpoint, cluster));
            }
        }
        snapshot.ifPresent(cluster -> byDigest.keySet()
                .forEach(digest -> findings.add(new PlanCheck(digest, cluster).finding())));
        if (byDigest.size() > 1) {
            findings.add(Finding.broken(subject(), "The coordinators host different models: " + byDigest.values()
                    .stream().map(cluster -> cluster.modelName() + " (sha256:" + cluster.digest() + ")")
                    .collect(joining(", ")) + ".", "Start all coordinators of one cluster with the same model file."));
        }
        return findings;
    }

    private Finding readiness(Endpoint endpoint, Endpoint.Cluster cluster) {
        JsonNode model = cluster.status().path("model");
        String found = cluster.modelName() + " at " + endpoint.url();
        if (model.path("ready").asBoolean()) {
            return Finding.ok(subject(), found + " is ready, with plan epoch "
                    + cluster.status().path("plan").path("epoch").asLong() + ".");
        }
        String reason = model.path("reason").asText().strip().replaceAll("\\.$", "");
        return Finding.broken(subject(), found + " is not ready: " + reason + ".",
                "docs/operations.md says for each reason what to do.");
    }
}
