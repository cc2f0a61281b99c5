package org.barnraiser.coordinator.schedule;

import java.util.List;
import org.barnraiser.proto.StageTiming;
import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DriverReportsTest extends DriverFixture {
    @Test
    void statistics_count_what_was_done() throws Exception {
        Driver driver = driver(1, 100, 2, 2, 1);
        submit(driver, 3, 2);
        submit(driver, 1, 1);
        assertThat(driver.statistics())
                .isEqualTo(new PipelineStatistics(1, 1, 0, 0, 0, 0, 0, List.of()));
        Step first = next(driver);
        Step second = next(driver);
        driver.onResult(result(first).addTimings(timing(0, 5, 1)).addTimings(timing(1, 7, 2)).build());
        driver.onResult(result(second).addTimings(timing(0, 10, 0)).addTimings(timing(-1, 9, 9)).build());
        next(driver);
        assertThat(driver.statistics()).isEqualTo(new PipelineStatistics(1, 1, 1, 2, 0, 3, 1,
                List.of(new PipelineStatistics.StageTotals(15, 1), new PipelineStatistics.StageTotals(7, 2))));
    }

    private static StageTiming timing(int stage, long computeMicros, long queueMicros) {
        return StageTiming.newBuilder().setStageIndex(stage).setComputeMicros(computeMicros)
                .setQueueMicros(queueMicros).build();
    }

    @Test
    void a_sequence_can_be_told_in_tokens_so_that_another_pipeline_could_go_on() throws Exception {
        Driver driver = driver(1, 100, 8, 2, 1);
        Reader reader = submit(driver, 3, 20);
        submit(driver, 2, 20);
        for (int i = 0; i < 18; i++) {
            StepResult.Builder result = result(next(driver));
            result.getSpansBuilder(0).setMirostatMu(i);
            driver.onResult(result.build());
        }
        assertThat(driver.resumableSequences()).hasSize(2).first().satisfies(resumable -> {
            assertThat(resumable.tokens().subArray(0, 3).asList()).containsExactly(1000, 1001, 1002);
            assertThat(resumable.tokens().subArray(3, 21).asList()).isEqualTo(reader.tokens());
            assertThat(resumable.generatedFromPosition()).isEqualTo(3);
            assertThat(resumable.remainingTokens()).isEqualTo(2);
            assertThat(resumable.mirostatMu()).isEqualTo(17);
            assertThat(resumable.listener()).isSameAs(reader);
        });
    }
}
