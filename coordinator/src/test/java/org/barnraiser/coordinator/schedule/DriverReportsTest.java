package org.barnraiser.coordinator.schedule;

import java.util.List;
import org.barnraiser.proto.StageTiming;
import org.barnraiser.proto.Step;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DriverReportsTest extends DriverFixture {
    @Test
    void statistics_count_what_was_done() throws Exception {
        Driver driver = driver(1, 100, 2, 2, 1);
        submit(driver, 3, 2);
        submit(driver, 1, 1);
        assertThat(driver.statistics())
                .isEqualTo(new PipelineStatistics(1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, List.of()));
        Step first = next(driver);
        Step second = next(driver);
        driver.onResult(result(first).addTimings(timing(0, 5, 1)).addTimings(timing(1, 7, 2)).build());
        driver.onResult(result(second).addTimings(timing(0, 10, 0)).addTimings(timing(-1, 9, 9)).build());
        next(driver);
        assertThat(driver.statistics()).isEqualTo(new PipelineStatistics(1, 1, 1, 2, 0, 3, 0, 0, 1, 0, 0,
                List.of(new PipelineStatistics.StageTotals(15, 1), new PipelineStatistics.StageTotals(7, 2))));
    }

    private static StageTiming timing(int stage, long computeMicros, long queueMicros) {
        return StageTiming.newBuilder().setStageIndex(stage).setComputeMicros(computeMicros)
                .setQueueMicros(queueMicros).build();
    }
}
