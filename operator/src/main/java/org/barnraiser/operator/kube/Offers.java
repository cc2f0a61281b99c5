package org.barnraiser.operator.kube;

import java.util.List;
import java.util.Optional;

/**
 * What this API server has to offer.
 *
 * @param disruptionBudgets the newest known version of {@code policy}; empty when there is none
 * @param serviceMonitors whether Prometheus' operator is installed
 */
public record Offers(String disruptionBudgets, boolean serviceMonitors) {

    /** Asks the server. */
    public static Offers of(KubeApi api) throws KubeException {
        List<String> policy = versions(api, "policy");
        String budgets = policy.contains("v1") ? "v1" : policy.contains("v1beta1") ? "v1beta1" : "";
        boolean monitors = versions(api, "monitoring.coreos.com").contains("v1")
                && api.get("/apis/monitoring.coreos.com/v1").stream()
                        .flatMap(resources -> resources.at("resources").items().stream())
                        .anyMatch(resource -> resource.at("name").text().equals("servicemonitors"));
        return new Offers(budgets, monitors);
    }

    private static List<String> versions(KubeApi api, String group) throws KubeException {
        Optional<Tree> found = api.get("/apis/" + group);
        return found.stream().flatMap(tree -> tree.at("versions").items().stream())
                .map(version -> version.at("version").text()).toList();
    }
}
