package org.barnraiser.coordinator.cluster;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import org.barnraiser.coordinator.plan.MachineOffer;
import org.barnraiser.proto.DeviceRecord;
import org.barnraiser.proto.EngineRecord;
import org.barnraiser.proto.SpeedRecord;
import org.barnraiser.proto.WorkerRecord;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class EstimatesTest {

    @Test
    void workers_on_one_machine_are_equally_fast_whatever_each_measured() {
        List<MachineOffer> offers = Estimates.offers(
                List.of(worker("hall", "CPU", 15e9), worker("hall", "CPU", 17e9), worker("attic", "CPU", 40e9)));
        assertThat(offers).extracting(offer -> offer.speed().bytesPerSecond()).containsExactly(16e9, 16e9, 40e9);
    }

    @Test
    void two_cards_in_one_machine_are_not_the_same() {
        List<MachineOffer> offers = Estimates
                .offers(List.of(worker("hall", "GPU0", 300e9), worker("hall", "GPU1", 900e9)));
        assertThat(offers).extracting(offer -> offer.speed().bytesPerSecond()).containsExactly(300e9, 900e9);
    }

    @Test
    void who_measured_nothing_is_as_fast_as_the_others_on_its_machine_and_elsewhere_not_known() {
        List<MachineOffer> offers = Estimates.offers(
                List.of(worker("hall", "CPU", 0), worker("hall", "CPU", 17e9), worker("attic", "CPU", 0)));
        assertThat(offers).extracting(offer -> offer.speed().bytesPerSecond()).containsExactly(17e9, 17e9, 0.0);
    }

    @Test
    void what_other_models_have_of_a_machine_is_not_offered_again() {
        WorkerRecord worker = WorkerRecord.newBuilder().setIncarnationId("1").setUsableMemoryBytes(10).build();
        assertThat(Estimates.offers(List.of(worker), ImmutableMap.of("1", 4L, "2", 3L)).getFirst().usableMemoryBytes())
                .isEqualTo(6);
        assertThat(Estimates.offers(List.of(worker), ImmutableMap.of("1", 40L)).getFirst().usableMemoryBytes())
                .isZero();
    }

    private static WorkerRecord worker(String host, String device, double bytesPerSecond) {
        return WorkerRecord.newBuilder().setHostName(host).setEngine(EngineRecord.newBuilder().setThreads(1))
                .addDevices(DeviceRecord.newBuilder().setName(device))
                .setSpeed(SpeedRecord.newBuilder().setDecodeBytesPerSecond(bytesPerSecond)
                        .setPrefillOperationsPerSecond(1e12))
                .build();
    }
}
