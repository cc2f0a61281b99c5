package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.HostedModels;

import static com.google.common.collect.ImmutableList.toImmutableList;

/** The state of all models as one: what there is once in a cluster is told once. Never blocks; from any thread. */
final class WholeStatus implements ClusterStatus.Source {
    /** What a worker is for, whatever else it is for with another model. */
    private static final List<String> FOREMOST_FIRST = List.of("stage", "leaving", "stand-by", "away", "idle");

    private final HostedModels models;
    private final ImmutableList<ClusterModel> parts;

    /** @param parts in the order of the models */
    WholeStatus(HostedModels models, ImmutableList<ClusterModel> parts) {
        this.models = models;
        this.parts = parts;
    }

    @Override
    public ClusterStatus clusterStatus() {
        List<ClusterStatus> all = parts.stream().map(ClusterModel::clusterStatus).toList();
        ClusterStatus first = all.getFirst();
        ImmutableList.Builder<ClusterStatus.Hosted> hosted = ImmutableList.builder();
        for (int index = 0; index < all.size(); index++) {
            ClusterStatus part = all.get(index);
            hosted.add(ClusterStatus.Hosted.of(part.model(), models.aliases(parts.get(index)), part.plan(),
                    part.activity()));
        }
        return new ClusterStatus(first.model(), first.plan(), workers(all), first.coordinators(),
                all.stream().map(ClusterStatus::activity).reduce(ClusterStatus.Activity::plus).orElseThrow(),
                troubles(all),
                all.stream().map(ClusterStatus::weights).min(Comparator.comparingInt(ClusterStatus.Weights::copies))
                        .orElseThrow(),
                hosted.build());
    }

    private static List<ClusterStatus.Worker> workers(List<ClusterStatus> all) {
        Map<String, ClusterStatus.Worker> byAddress = new LinkedHashMap<>();
        all.stream().flatMap(part -> part.workers().stream()).forEach(
                worker -> byAddress.merge(worker.worker() + " " + worker.address(), worker, WholeStatus::foremost));
        return List.copyOf(byAddress.values());
    }

    private static ClusterStatus.Worker foremost(ClusterStatus.Worker one, ClusterStatus.Worker other) {
        return FOREMOST_FIRST.indexOf(other.state()) < FOREMOST_FIRST.indexOf(one.state()) ? other : one;
    }

    /** What troubles all is said once; what troubles some, with their names. */
    private static ImmutableList<String> troubles(List<ClusterStatus> all) {
        ImmutableSet<String> common = all.getFirst().troubles().stream()
                .filter(trouble -> all.stream().allMatch(part -> part.troubles().contains(trouble)))
                .collect(ImmutableSet.toImmutableSet());
        ImmutableList<String> own = all.stream()
                .flatMap(part -> part.troubles().stream().filter(trouble -> !common.contains(trouble))
                        .map(trouble -> part.model().name() + ": " + trouble))
                .collect(toImmutableList());
        return ImmutableList.<String>builder().addAll(own).addAll(common).build();
    }
}
