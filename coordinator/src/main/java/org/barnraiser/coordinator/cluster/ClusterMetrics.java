package org.barnraiser.coordinator.cluster;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.model.ClusterStatus;

/** The cluster's numbers for Prometheus, as of each scrape. */
final class ClusterMetrics extends Collector {
    private final Takeovers takeovers;
    private final ClusterStatus.Source cluster;
    private final WeightsMetrics weights;

    ClusterMetrics(Takeovers takeovers, ClusterStatus.Source cluster, WeightsMetrics weights) {
        this.weights = weights;
        this.takeovers = takeovers;
        this.cluster = cluster;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        ClusterStatus status = cluster.clusterStatus();
        List<MetricFamilySamples> families = new ArrayList<>(takeovers.total().collect());
        families.addAll(takeovers.seconds().collect());
        families.add(new GaugeMetricFamily("barnraiser_paused_answers",
                "Answers that wait for machines to take over.", status.activity().paused()));
        GaugeMetricFamily busy = new GaugeMetricFamily("barnraiser_stage_busy_share",
                "Part of the last seconds in which a stage computed, from 0 to 1.", List.of("stage"));
        for (ClusterStatus.Pipeline pipeline : status.plan().pipelines()) {
            for (int stage = 0; stage < pipeline.stages().size(); stage++) {
                busy.addMetric(List.of(Integer.toString(stage)), pipeline.stages().get(stage).busyShare());
            }
        }
        families.add(busy);
        families.addAll(weights.collect());
        return families;
    }
}
