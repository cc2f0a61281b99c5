package org.barnraiser.operator.reconcile;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.barnraiser.operator.crd.InferenceCluster;
import org.barnraiser.operator.kube.KubeApi;
import org.barnraiser.operator.kube.KubeException;
import org.barnraiser.operator.kube.Tree;
import org.barnraiser.operator.manifests.Manifest;
import org.barnraiser.operator.manifests.Names;
import org.barnraiser.operator.manifests.Names.Component;
import org.barnraiser.operator.watch.ClusterReport;
import org.barnraiser.operator.watch.Coordinators;

/**
 * What there is of a cluster.
 *
 * @param sets the workers' StatefulSets by pool, those of pools of the past included
 * @param report empty when no coordinator answers
 */
record Observation(List<Pod> workers, List<Pod> coordinators, Map<String, WorkerSet> sets,
        Optional<ClusterReport> report) {

    /**
     * A pod.
     *
     * @param pool empty for others than workers
     * @param revision of the StatefulSet's template
     * @param model that a coordinator hosts; empty for others
     * @param address empty until it has one
     */
    record Pod(String name, String uid, String pool, String revision, String model, String address, boolean running,
            boolean ready, boolean leaving) {

        static Pod read(Tree tree) {
            Tree labels = tree.at("metadata", "labels");
            Tree status = tree.at("status");
            return new Pod(tree.at("metadata", "name").text(), tree.at("metadata", "uid").text(),
                    labels.at(Names.POOL_LABEL).text(), labels.at("controller-revision-hash").text(), model(tree),
                    status.at("podIP").text(), status.at("phase").text().equals("Running"),
                    status.at("conditions").items().stream().anyMatch(condition -> condition.at("type").text()
                            .equals("Ready") && condition.at("status").text().equals("True")),
                    tree.at("metadata", "deletionTimestamp").exists());
        }

        private static String model(Tree tree) {
            List<Tree> containers = tree.at("spec", "containers").items();
            List<String> arguments = containers.isEmpty()
                    ? List.of()
                    : containers.getFirst().at("args").items().stream().map(Tree::text).toList();
            int option = arguments.indexOf("--model");
            return option < 0 || option + 1 == arguments.size() ? "" : arguments.get(option + 1);
        }
    }

    /**
     * A pool's StatefulSet.
     *
     * @param settled whether its controller has seen its newest template
     */
    record WorkerSet(String name, String pool, int replicas, String revision, boolean settled) {
        static WorkerSet read(Tree tree) {
            return new WorkerSet(tree.at("metadata", "name").text(),
                    tree.at("metadata", "labels").at(Names.POOL_LABEL).text(),
                    tree.at("spec", "replicas").count(0), tree.at("status", "updateRevision").text(),
                    tree.at("status", "observedGeneration").number(-1) >= tree.at("metadata", "generation").number(0));
        }
    }

    /**
     * Asks the API server, and then coordinators. Blocks.
     *
     * @param key that coordinators want to see
     */
    static Observation of(KubeApi api, InferenceCluster cluster, Coordinators coordinators, String key)
            throws KubeException, InterruptedException {
        Names names = Names.of(cluster);
        String pods = Manifest.collection("v1", cluster.namespace(), "pods");
        List<Pod> workers = api.list(pods, names.selectorText(Component.WORKER)).stream().map(Pod::read).toList();
        List<Pod> asked = api.list(pods, names.selectorText(Component.COORDINATOR)).stream().map(Pod::read).toList();
        Map<String, WorkerSet> sets = api
                .list(Manifest.collection("apps/v1", cluster.namespace(), "statefulsets"),
                        names.selectorText(Component.WORKER))
                .stream().map(WorkerSet::read).collect(Collectors.toMap(WorkerSet::pool, set -> set, (a, _) -> a));
        return new Observation(workers, asked, sets, coordinators.report(addresses(asked), key));
    }

    /** Where coordinators are asked; those that go come last. */
    List<String> addresses() {
        return addresses(coordinators);
    }

    private static List<String> addresses(List<Pod> coordinators) {
        return coordinators.stream().filter(pod -> pod.running() && !pod.address().isEmpty())
                .sorted((a, b) -> Boolean.compare(a.leaving(), b.leaving())).map(Pod::address).toList();
    }

    Map<String, Integer> replicas() {
        return sets.values().stream().collect(Collectors.toMap(WorkerSet::pool, WorkerSet::replicas));
    }

    int totalReplicas() {
        return sets.values().stream().mapToInt(WorkerSet::replicas).sum();
    }

    boolean someWorkerLeaves() {
        return workers.stream().anyMatch(Pod::leaving);
    }

    /** Pods whose template is an older one than their pool's. */
    List<Pod> outdated() {
        return workers.stream().filter(pod -> !pod.leaving()).filter(pod -> {
            WorkerSet set = sets.get(pod.pool());
            return set != null && set.settled() && !set.revision().isEmpty() && !pod.revision().isEmpty()
                    && !set.revision().equals(pod.revision());
        }).toList();
    }

    boolean isRegistered(Pod pod) {
        return report.flatMap(said -> said.worker(pod.name())).filter(worker -> !worker.isSilent()).isPresent();
    }

    /** Stages that run on pods. */
    int stagesOnPods() {
        return report.map(said -> (int) workers.stream().filter(pod -> said.runsStage(pod.name())).count()).orElse(0);
    }

    /** Whether so many workers are there and have found their coordinator. */
    boolean allRegistered(int wanted) {
        return workers.stream().filter(pod -> !pod.leaving() && isRegistered(pod)).count() >= wanted;
    }

    /** Machines that take part and are no pods. */
    int external() {
        return report.map(said -> (int) said.workers().stream()
                .filter(worker -> workers.stream().noneMatch(pod -> pod.name().equals(worker.name()))).count())
                .orElse(0);
    }

    /** Of pods that host another model than is wanted. */
    boolean someoneHostsAnother(String model) {
        return coordinators.stream().anyMatch(pod -> !pod.model().isEmpty() && !pod.model().equals(model));
    }

    int readyIn(String pool) {
        return (int) workers.stream().filter(pod -> pod.pool().equals(pool) && pod.ready() && !pod.leaving()).count();
    }
}
