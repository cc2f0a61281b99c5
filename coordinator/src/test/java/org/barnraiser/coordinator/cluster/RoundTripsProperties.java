package org.barnraiser.coordinator.cluster;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.BeforeTry;

import static org.assertj.core.api.Assertions.assertThat;

/** How long a worker may say nothing, by how far it is. */
class RoundTripsProperties {
    private static final Duration SILENCE = ClusterTimings.standard().silence();
    private static final Duration PULSE = ClusterTimings.standard().pulse();
    /** Of TCP, beside the round trip. */
    private static final int RESEND_MILLIS = 200;
    private static final String ATTIC = "192.0.2.1:7071";

    private RoundTrips trips = new RoundTrips();

    @BeforeTry
    void nothingIsKnown() {
        trips = new RoundTrips();
    }

    private void learnMillis(long millis) {
        trips.learn(ATTIC, TimeUnit.MILLISECONDS.toNanos(millis));
    }

    private Duration patience() {
        return trips.patience(ATTIC, SILENCE);
    }

    @Property(tries = 200)
    void a_worker_whose_beats_get_lost_three_times_in_a_row_is_not_called_lost(
            @ForAll @Size(min = 2, max = 20) List<@IntRange(max = 50) Integer> jitters,
            @ForAll @IntRange(max = 300) int tripMillis) {
        jitters.forEach(jitter -> learnMillis(tripMillis + jitter));
        long silentMillis = 0;
        for (int loss = 0, wait = RESEND_MILLIS + tripMillis; loss < 3; loss++, wait *= 2) {
            silentMillis += wait;
        }
        assertThat(patience()).isGreaterThanOrEqualTo(PULSE.plusMillis(silentMillis));
    }

    @Property(tries = 200)
    void a_worker_in_the_same_house_is_missed_as_soon_as_ever_though_it_stood_still_once(
            @ForAll @Size(min = 1, max = 20) List<@LongRange(max = 2) Long> millis,
            @ForAll @IntRange(min = 3, max = 60_000) int stoodStillMillis) {
        millis.forEach(this::learnMillis);
        learnMillis(stoodStillMillis);
        assertThat(patience()).isBetween(SILENCE, SILENCE.plusMillis(20));
    }

    @Property(tries = 200)
    void nobody_is_waited_for_without_end_and_who_comes_nearer_is_missed_sooner(
            @ForAll @Size(min = 1, max = 20) List<@LongRange(max = Long.MAX_VALUE) Long> nanos) {
        assertThat(patience()).as("of whom nothing is known").isEqualTo(SILENCE);
        nanos.forEach(trip -> trips.learn(ATTIC, trip));
        assertThat(patience()).isBetween(SILENCE, SILENCE.multipliedBy(RoundTrips.MOST_TIMES));
        for (int trip = 0; trip < 8; trip++) {
            Duration before = patience();
            learnMillis(0);
            assertThat(patience()).isLessThanOrEqualTo(before);
        }
        assertThat(patience()).isEqualTo(SILENCE);
    }
}
