package org.barnraiser.operator.watch;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.barnraiser.operator.kube.Tree;

/**
 * What {@code GET /api/cluster} says, as far as the operator needs it.
 *
 * @param reason why the model is not ready, in plain words; empty when it is
 * @param epoch of the plan; 0 without one
 * @param pipelines that run or are being loaded
 * @param stages of all of them
 * @param waiting readers who wait for a slot, for machines to take over, or for machines to come
 * @param certified workers with a certificate that counts, as far as the coordinators have signed them
 */
public record ClusterReport(String model, String digest, boolean ready, String reason, long epoch, int pipelines,
        List<Stage> stages,
        List<Worker> workers, int running, int waiting, double tokensPerSecond, Set<String> certified) {
    private static final int MAX_REASON = 1000;
    /** The words in which coordinators say what a model lacks to fit. */
    private static final Pattern LACKS = Pattern.compile("(?:has|have) no machine: (.{1,100}?) more needed");

    /** A part of the pipeline, and who runs it. */
    public record Stage(String worker, long memoryBytes, double busyShare) {}

    /** A registered machine, a pod or not. */
    public record Worker(String name, String state, String note, long usableMemoryBytes) {
        /** Alive for Kubernetes, and yet no use. */
        public boolean isSilent() {
            return note.contains("no sign of life");
        }

        public boolean isStandby() {
            return state.equals("stand-by");
        }
    }

    /**
     * What one coordinator says, with what only all of them know together.
     *
     * @param held readers who wait at any of them
     */
    static ClusterReport read(Tree tree, int held, Set<String> certified) {
        Tree activity = tree.at("activity");
        String reason = tree.at("model", "reason").text();
        return new ClusterReport(tree.at("model", "name").text(), digest(tree.at("model", "digest").text()),
                tree.at("model", "ready").flag(false),
                reason.length() > MAX_REASON ? reason.substring(0, MAX_REASON) : reason,
                tree.at("plan", "epoch").number(0),
                tree.at("plan", "pipelines").items().size(),
                tree.at("plan", "pipelines").items().stream().flatMap(pipe -> pipe.at("stages").items().stream())
                        .map(stage -> new Stage(stage.at("worker").text(), stage.at("memoryBytes").number(0),
                                stage.at("busyShare").decimal(0)))
                        .toList(),
                tree.at("workers").items().stream().map(worker -> new Worker(worker.at("worker").text(),
                        worker.at("state").text(), worker.at("note").text(),
                        worker.at("usableMemoryBytes").number(0))).toList(),
                activity.at("running").count(0),
                Math.addExact(Math.addExact(activity.at("waiting").count(0), activity.at("paused").count(0)), held),
                activity.at("tokensPerSecond").decimal(0), Set.copyOf(certified));
    }

    /** Workers whose certificates this coordinator has signed, and which count. */
    static List<String> certified(Tree tree) {
        return tree.at("trust", "certificates").items().stream()
                .filter(certificate -> certificate.at("role").text().equals("worker")
                        && !certificate.at("removed").flag(false))
                .map(certificate -> certificate.at("member").text()).toList();
    }

    private static String digest(String text) {
        return text.isEmpty() || text.startsWith("sha256:") ? text : "sha256:" + text;
    }

    /** What the model lacks to fit on the machines that are there; empty when it fits or that is not known. */
    public Optional<String> missing() {
        Matcher matcher = LACKS.matcher(reason);
        return ready || !matcher.find() ? Optional.empty() : Optional.of(matcher.group(1));
    }

    public boolean isIdle() {
        return running == 0 && waiting == 0;
    }

    public double busiest() {
        return stages.stream().mapToDouble(Stage::busyShare).max().orElse(0);
    }

    public boolean runsStage(String worker) {
        return stages.stream().anyMatch(stage -> stage.worker().equals(worker));
    }

    public Optional<Worker> worker(String name) {
        return workers.stream().filter(worker -> worker.name().equals(name)).findFirst();
    }
}
