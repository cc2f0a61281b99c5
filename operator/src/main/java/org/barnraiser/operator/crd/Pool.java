package org.barnraiser.operator.crd;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.barnraiser.operator.crd.ClusterSpec.Resources;
import org.barnraiser.operator.crd.ClusterSpec.Storage;
import org.barnraiser.operator.kube.Tree;

/**
 * Workers of one kind.
 *
 * @param memory that each lends, as workers are told
 * @param image empty for the cluster's
 * @param llamaImage with another llama.cpp build in {@code llamaPath}; empty for the bundled one
 * @param labels that workers tell coordinators
 * @param storage for shards; empty for the node's own disk
 */
public record Pool(String name, int minReplicas, int maxReplicas, String memory, OptionalInt threads,
        OptionalInt gpuLayers, String image, String llamaImage, String llamaPath, Resources resources,
        Map<String, String> nodeSelector, List<Toleration> tolerations, Map<String, String> labels,
        Optional<Storage> storage) {

    /** A taint that does not keep workers away. */
    public record Toleration(String key, String operator, String value, String effect, OptionalInt seconds) {
        static Toleration read(Tree tree) {
            return new Toleration(tree.at("key").text(), tree.at("operator").text(), tree.at("value").text(),
                    tree.at("effect").text(), tree.at("tolerationSeconds").optionalCount());
        }
    }

    static Pool read(Tree tree) {
        int min = tree.at("minReplicas").count(1);
        return new Pool(tree.at("name").text(), min, tree.at("maxReplicas").count(min), tree.at("memory").text(),
                tree.at("threads").optionalCount(), tree.at("gpuLayers").optionalCount(), tree.at("image").text(),
                tree.at("llamaImage").text(), tree.at("llamaPath").text("/app"), Resources.read(tree.at("resources")),
                tree.at("nodeSelector").texts(),
                tree.at("tolerations").items().stream().map(Toleration::read).toList(), tree.at("labels").texts(),
                Storage.read(tree.at("storage")));
    }
}
