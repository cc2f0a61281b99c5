package org.barnraiser.coordinator.cluster;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.GaugeMetricFamily;
import java.util.List;
import org.barnraiser.proto.Beat;
import org.barnraiser.proto.MachineBeat;
import org.barnraiser.proto.WorkerRecord;

/** How the machines of workers do, as of each scrape. Only the coordinator that leads hears of them; the others have no samples. */
final class MachineMetrics {
    private final ModelLifecycle lifecycle;

    MachineMetrics(ModelLifecycle lifecycle) {
        this.lifecycle = lifecycle;
    }

    List<MetricFamilySamples> collect() {
        GaugeMetricFamily resident = new GaugeMetricFamily("barnraiser_worker_resident_memory_bytes",
                "Memory that a worker's process takes on its machine.", List.of("worker"));
        GaugeMetricFamily free = new GaugeMetricFamily("barnraiser_worker_disk_free_bytes",
                "What is free on the disk with a worker's cache of shards.", List.of("worker"));
        GaugeMetricFamily size = new GaugeMetricFamily("barnraiser_worker_disk_size_bytes",
                "Size of the disk with a worker's cache of shards.", List.of("worker"));
        for (WorkerRecord worker : lifecycle.view().workers()) {
            MachineBeat machine = lifecycle.vitals().beat(worker.getIncarnationId()).map(Beat::getMachine)
                    .orElse(MachineBeat.getDefaultInstance());
            ClusterMetrics.addIfKnown(resident, worker.getWorkerId(), machine.getResidentMemoryBytes());
            ClusterMetrics.addIfKnown(free, worker.getWorkerId(), machine.getDiskFreeBytes());
            ClusterMetrics.addIfKnown(size, worker.getWorkerId(), machine.getDiskSizeBytes());
        }
        return List.of(resident, free, size);
    }
}
