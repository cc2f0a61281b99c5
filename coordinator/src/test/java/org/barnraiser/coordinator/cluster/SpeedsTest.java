package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.barnraiser.coordinator.plan.Layers;
import org.barnraiser.coordinator.schedule.PipelineStatistics;
import org.barnraiser.proto.LayerRange;
import org.barnraiser.proto.LoadShardRequest;
import org.barnraiser.proto.PlanRecord;
import org.barnraiser.proto.ShardSpec;
import org.barnraiser.proto.WorkerRecord;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SpeedsTest {
    private static final Layers LAYERS = new Layers(0, 4);
    private static final Rollout ROLLOUT = new Rollout(PlanRecord.getDefaultInstance(),
            ImmutableList.of(new Rollout.Stage(WorkerRecord.newBuilder().setIncarnationId("runs").build(),
                    LoadShardRequest.newBuilder().setShard(ShardSpec.newBuilder()
                            .setLayers(LayerRange.newBuilder().setFirst(LAYERS.first()).setLast(LAYERS.last())))
                            .build())),
            ImmutableList.of(), ImmutableList.of());

    private final Speeds speeds = new Speeds();

    @Test
    void a_stand_by_is_no_quicker_than_a_stage_because_many_readers_share_its_steps() {
        speeds.measured("stands by", LAYERS, 4_000);
        speeds.observe(ROLLOUT, computed(100, 800, 100 * 20_000));
        assertThat(speeds.best(ROLLOUT, List.of("stands by"))).isEmpty();
        speeds.observe(ROLLOUT, computed(200, 900, 100 * 20_000 + 100 * 4_000));
        assertThat(speeds.best(ROLLOUT, List.of("stands by"))).hasValueSatisfying(
                exchange -> assertThat(exchange.gain()).isZero());
    }

    @Test
    void a_stand_by_that_takes_half_the_time_for_a_token_gains() {
        speeds.measured("stands by", LAYERS, 4_000);
        speeds.observe(ROLLOUT, computed(100, 100, 100 * 8_000));
        assertThat(speeds.best(ROLLOUT, List.of("stands by"))).hasValueSatisfying(
                exchange -> assertThat(exchange.gain()).isBetween(0.4, 0.5));
    }

    private static PipelineStatistics computed(long steps, long tokens, long micros) {
        return new PipelineStatistics(1, 0, 0, steps, 0, 0, 0, 0, tokens, 0, 0,
                List.of(new PipelineStatistics.StageTotals(micros, 0)));
    }
}
