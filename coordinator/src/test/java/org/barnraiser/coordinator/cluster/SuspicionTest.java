package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SuspicionTest {
    private static final OptionalLong NEVER = OptionalLong.empty();
    private static final OptionalLong SHORTLY = OptionalLong.of(Suspicion.SOON.toNanos() - 1);
    private static final OptionalLong FOR_LONG = OptionalLong.of(Duration.ofHours(1).toNanos());

    private final Suspicion suspicion = new Suspicion();

    @Test
    void pipelines_in_a_row_that_break_soon_after_they_got_a_draft_model_are_enough() {
        end(SHORTLY, SHORTLY);
        assertThat(suspicion.isGrave()).isFalse();
        end(SHORTLY);
        assertThat(suspicion.isGrave()).isTrue();
    }

    @Test
    void one_that_lasted_or_had_none_speaks_for_it() {
        end(SHORTLY, SHORTLY, FOR_LONG, SHORTLY, SHORTLY, NEVER, SHORTLY, SHORTLY);
        assertThat(suspicion.isGrave()).isFalse();
    }

    private void end(OptionalLong... guessedNanos) {
        for (OptionalLong guessed : guessedNanos) {
            suspicion.pipelineEnded(guessed);
        }
    }
}
