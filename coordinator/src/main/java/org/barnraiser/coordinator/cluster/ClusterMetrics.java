package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.trust.ClusterTrust;
import org.barnraiser.trust.Identity;
import org.barnraiser.trust.Role;

/**
 * The cluster's numbers for Prometheus, as of each scrape. With several models the numbers of each have a label {@code model}; those of
 * machines never do. docs/metrics.md explains each.
 */
final class ClusterMetrics extends Collector {
    private static final List<String> STATES = List.of("stage", "stand-by", "leaving", "away", "idle");
    private static final String MODEL = "model";

    private final ClusterStatus.Source cluster;
    private final ImmutableList<ModelHost> hosts;
    private final WeightsMetrics weights;
    private final MachineMetrics machines;
    private volatile ClusterTrust trust = ClusterTrust.plain();

    /** @param servedBytes of weights that were sent from here */
    ClusterMetrics(ClusterStatus.Source cluster, ImmutableList<ModelHost> hosts, LongSupplier servedBytes) {
        this.cluster = cluster;
        this.hosts = hosts;
        // All hosts hear the same of machines.
        ModelLifecycle any = hosts.getFirst().lifecycle();
        weights = new WeightsMetrics(any, servedBytes);
        machines = new MachineMetrics(any);
    }

    /** From now on it also tells of these certificates. */
    void tellOf(ClusterTrust known) {
        trust = known;
    }

    @Override
    public List<MetricFamilySamples> collect() {
        List<MetricFamilySamples> families = new ArrayList<>(ofModels());
        List<ClusterStatus.Worker> workers = cluster.clusterStatus().workers();
        addWorkers(workers, families);
        families.add(certificates(workers));
        families.addAll(machines.collect());
        families.addAll(weights.collect());
        return families;
    }

    private List<MetricFamilySamples> ofModels() {
        if (hosts.size() == 1) {
            return hosts.getFirst().metrics().collect();
        }
        Map<String, MetricFamilySamples> byName = new LinkedHashMap<>();
        for (ModelHost host : hosts) {
            for (MetricFamilySamples family : host.metrics().collect()) {
                byName.merge(family.name, labelled(family, host.metrics().name()), ClusterMetrics::both);
            }
        }
        return List.copyOf(byName.values());
    }

    private static MetricFamilySamples labelled(MetricFamilySamples family, String model) {
        return with(family, family.samples.stream()
                .map(sample -> new MetricFamilySamples.Sample(sample.name, plus(sample.labelNames, MODEL),
                        plus(sample.labelValues, model), sample.value))
                .toList());
    }

    private static MetricFamilySamples both(MetricFamilySamples one, MetricFamilySamples other) {
        return with(one, ImmutableList.<MetricFamilySamples.Sample>builder().addAll(one.samples).addAll(other.samples)
                .build());
    }

    private static MetricFamilySamples with(MetricFamilySamples family, List<MetricFamilySamples.Sample> samples) {
        return new MetricFamilySamples(family.name, family.unit, family.type, family.help, samples);
    }

    private static List<String> plus(List<String> labels, String one) {
        return ImmutableList.<String>builder().addAll(labels).add(one).build();
    }

    private static void addWorkers(List<ClusterStatus.Worker> workers, List<MetricFamilySamples> families) {
        GaugeMetricFamily states = new GaugeMetricFamily("barnraiser_workers", "Registered workers by their state.",
                List.of("state"));
        for (String state : STATES) {
            states.addMetric(List.of(state),
                    (double) workers.stream().filter(worker -> worker.state().equals(state)).count());
        }
        families.add(states);
        GaugeMetricFamily memory = new GaugeMetricFamily("barnraiser_worker_memory_bytes",
                "Memory that a worker lends.", List.of("worker"));
        workers.forEach(worker -> addIfKnown(memory, worker.worker(), worker.usableMemoryBytes()));
        families.add(memory);
    }

    /** Where links are plain, the end never comes. */
    private GaugeMetricFamily certificates(List<ClusterStatus.Worker> workers) {
        GaugeMetricFamily ends = new GaugeMetricFamily("barnraiser_certificate_end_seconds",
                "When the certificate of a member of the cluster ends, in seconds since 1970.", List.of("member"));
        ends.addMetric(List.of("coordinator"), trust.certificateEnd().map(end -> (double) end.getEpochSecond())
                .orElse(Double.POSITIVE_INFINITY));
        for (ClusterStatus.Worker worker : workers) {
            // Where links are plain, a worker may be called anything.
            if (Identity.isId(worker.worker())) {
                trust.certificateEnd(new Identity(Role.WORKER, worker.worker()))
                        .ifPresent(end -> addIfKnown(ends, worker.worker(), end.getEpochSecond()));
            }
        }
        return ends;
    }

    /** A worker that has just started again may be registered twice; one sample is enough. */
    static void addIfKnown(GaugeMetricFamily family, String worker, long value) {
        List<String> labels = List.of(worker);
        if (value > 0 && family.samples.stream().noneMatch(sample -> sample.labelValues.equals(labels))) {
            family.addMetric(labels, (double) value);
        }
    }
}
