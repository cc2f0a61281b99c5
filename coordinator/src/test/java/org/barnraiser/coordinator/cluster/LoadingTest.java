package org.barnraiser.coordinator.cluster;

import io.grpc.stub.StreamObserver;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.barnraiser.proto.LoadProgress;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LoadingTest {
    private static final long PATIENCE_SECONDS = 60;

    @Test
    void all_stages_are_loaded_at_the_same_time() throws Exception {
        var loading = new CountDownLatch(2);
        Consumer<StreamObserver<LoadProgress>> together = progress -> {
            loading.countDown();
            try {
                assertThat(loading.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            ScriptedControl.LOADS.accept(progress);
        };
        try (TestCluster cluster = TestCluster.start()) {
            for (String name : new String[]{"w1", "w2"}) {
                ScriptedWorker worker = cluster.worker(name);
                worker.control().onLoad(together);
                worker.register();
            }
            TestCluster.awaitReady(cluster.coordinator(2));
        }
    }

    @Test
    void progress_tells_bytes_and_rate() {
        long[] nanos = {0};
        var pace = new Pace(new com.google.common.base.Ticker() {
            @Override
            public long read() {
                return nanos[0];
            }
        });
        var fetching = LoadProgress.newBuilder().setPhase(LoadProgress.Phase.FETCHING).setTotalBytes(30_000_000);
        assertThat(pace.words(fetching.setDoneBytes(2_000_000).build())).isEqualTo(" (2 of 30 MB)");
        nanos[0] = TimeUnit.SECONDS.toNanos(2);
        assertThat(pace.words(fetching.setDoneBytes(12_000_000).build())).isEqualTo(" (12 of 30 MB, 5.0 MB/s)");
        assertThat(pace.words(fetching.setPhase(LoadProgress.Phase.LOADING).build())).isEmpty();
    }
}
