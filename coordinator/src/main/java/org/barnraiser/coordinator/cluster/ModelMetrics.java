package org.barnraiser.coordinator.cluster;

import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.ToDoubleFunction;
import org.barnraiser.coordinator.model.ClusterStatus;

/** What there is to count of one model, as of each scrape. docs/metrics.md explains each. */
final class ModelMetrics {
    private final Takeovers takeovers;
    private final ClusterModel model;
    private final Replicas replicas;

    ModelMetrics(Takeovers takeovers, ClusterModel model, Replicas replicas) {
        this.takeovers = takeovers;
        this.model = model;
        this.replicas = replicas;
    }

    String name() {
        return model.description().name();
    }

    List<MetricFamilySamples> collect() {
        ClusterStatus status = model.clusterStatus();
        List<MetricFamilySamples> families = new ArrayList<>(takeovers.total().collect());
        families.addAll(takeovers.seconds().collect());
        List<Rates.Drafts> guessed = replicas.all().stream().map(each -> each.upkeep().rates().drafts()).toList();
        families.add(new CounterMetricFamily("barnraiser_drafted_tokens", "Tokens that were guessed ahead.",
                guessed.stream().mapToDouble(Rates.Drafts::drafted).sum()));
        families.add(new CounterMetricFamily("barnraiser_accepted_tokens",
                "Tokens that were guessed ahead and were right.",
                guessed.stream().mapToDouble(Rates.Drafts::accepted).sum()));
        addActivity(status.activity(), families);
        families.add(new GaugeMetricFamily("barnraiser_plan_epoch", "Number of the plan that runs; 0 when none does.",
                status.plan().epoch()));
        addStages(status.plan(), families);
        GaugeMetricFamily alone = new GaugeMetricFamily("barnraiser_one_reader_tokens_per_second",
                "Tokens per second for one reader alone: what the plan expects, and what was measured.",
                List.of("kind"));
        ClusterStatus.Estimate estimate = status.plan().estimate();
        alone.addMetric(List.of("estimated"), estimate.tokensPerSecond());
        alone.addMetric(List.of("measured"), estimate.measuredTokensPerSecond());
        families.add(alone);
        families.add(new GaugeMetricFamily("barnraiser_weights_copies",
                "Disks that have the tensor which is on the fewest.",
                replicas.spokesman().upkeep().copies().map(CopyCare.State::copies).orElse(0)));
        return families;
    }

    private static void addActivity(ClusterStatus.Activity activity, List<MetricFamilySamples> families) {
        families.add(new GaugeMetricFamily("barnraiser_running_answers", "Answers that are being computed.",
                activity.running()));
        families.add(new GaugeMetricFamily("barnraiser_paused_answers",
                "Answers that wait for machines to take over.", activity.paused()));
    }

    private static void addStages(ClusterStatus.Plan plan, List<MetricFamilySamples> families) {
        families.add(ofStages("barnraiser_stage_busy_share",
                "Part of the last seconds in which a stage computed, from 0 to 1.", plan,
                ClusterStatus.Stage::busyShare));
        families.add(ofStages("barnraiser_stage_step_seconds",
                "What a step took on a stage in the last seconds, on average; 0 when there was none.", plan,
                stage -> stage.stepMillis() / 1000));
        families.add(ofStages("barnraiser_stage_memory_bytes",
                "What a stage takes of its worker's memory, as planned.", plan, ClusterStatus.Stage::memoryBytes));
        families.add(done("barnraiser_stage_steps", "Steps that a stage has computed since the plan runs.", plan,
                done -> (double) done.steps()));
        families.add(done("barnraiser_stage_compute_seconds", "Time in which a stage computed since the plan runs.",
                plan, ClusterStatus.Done::computeSeconds));
        families.add(done("barnraiser_stage_queue_seconds",
                "Time that steps waited at a stage for others, added up, since the plan runs.", plan,
                ClusterStatus.Done::queueSeconds));
    }

    private static MetricFamilySamples done(String name, String help, ClusterStatus.Plan plan,
            ToDoubleFunction<ClusterStatus.Done> value) {
        CounterMetricFamily family = new CounterMetricFamily(name, help, List.of("stage", "worker"));
        addEach(plan, stage -> value.applyAsDouble(stage.done()), family::addMetric);
        return family;
    }

    private static MetricFamilySamples ofStages(String name, String help, ClusterStatus.Plan plan,
            ToDoubleFunction<ClusterStatus.Stage> value) {
        GaugeMetricFamily family = new GaugeMetricFamily(name, help, List.of("stage", "worker"));
        addEach(plan, value, family::addMetric);
        return family;
    }

    private static void addEach(ClusterStatus.Plan plan, ToDoubleFunction<ClusterStatus.Stage> value,
            BiConsumer<List<String>, Double> add) {
        for (ClusterStatus.Pipeline pipeline : plan.pipelines()) {
            for (int index = 0; index < pipeline.stages().size(); index++) {
                ClusterStatus.Stage stage = pipeline.stages().get(index);
                add.accept(List.of(Integer.toString(index), stage.worker()), value.applyAsDouble(stage));
            }
        }
    }
}
