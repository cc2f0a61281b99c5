package org.barnraiser.coordinator.cluster;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CounterMetricFamily;
import java.util.List;
import java.util.function.LongSupplier;
import org.barnraiser.proto.Beat;
import org.barnraiser.proto.PieceTraffic;
import org.barnraiser.proto.WorkerRecord;

/** Who has fetched weights from whom, as of each scrape. */
final class WeightsMetrics {
    private final ModelLifecycle lifecycle;
    private final LongSupplier servedHere;

    WeightsMetrics(ModelLifecycle lifecycle, LongSupplier servedHere) {
        this.lifecycle = lifecycle;
        this.servedHere = servedHere;
    }

    List<MetricFamilySamples> collect() {
        CounterMetricFamily served = new CounterMetricFamily("barnraiser_weights_served_bytes",
                "Bytes of weights sent to workers, by who sent them: the coordinator, or a worker.", List.of("holder"));
        served.addMetric(List.of("coordinator"), (double) servedHere.getAsLong());
        CounterMetricFamily fetched = new CounterMetricFamily("barnraiser_weights_fetched_bytes",
                "Bytes of weights that a worker has fetched, by source: the coordinator, other workers, or the web.",
                List.of("worker", "source"));
        for (WorkerRecord worker : lifecycle.view().workers()) {
            PieceTraffic traffic = lifecycle.vitals().beat(worker.getIncarnationId()).map(Beat::getPieces)
                    .orElse(PieceTraffic.getDefaultInstance());
            served.addMetric(List.of(worker.getWorkerId()), (double) traffic.getServedBytes());
            fetched.addMetric(List.of(worker.getWorkerId(), "coordinator"), (double) traffic.getFromCoordinatorBytes());
            fetched.addMetric(List.of(worker.getWorkerId(), "workers"), (double) traffic.getFromWorkersBytes());
            fetched.addMetric(List.of(worker.getWorkerId(), "web"), (double) traffic.getFromOriginsBytes());
        }
        return List.of(served, fetched);
    }
}
