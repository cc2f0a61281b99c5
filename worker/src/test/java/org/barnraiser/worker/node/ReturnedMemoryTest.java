package org.barnraiser.worker.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.barnraiser.proto.LoadShardRequest.Extent;
import org.barnraiser.proto.UnloadRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import static org.assertj.core.api.Assertions.assertThat;
import static org.barnraiser.worker.node.TestWorker.wholeModel;

/** A machine whose owner lends it for months loads and unloads stages many times. */
@EnabledOnOs(OS.LINUX)
class ReturnedMemoryTest extends WorkerCase {
    /** The cache of one stage has 48 MiB: forty that stay would be far more than the Java heap grows and shrinks by. */
    private static final long MOST_GROWTH_BYTES = 256L << 20;

    @Test
    void stages_that_come_and_go_give_their_memory_back() throws Exception {
        comeAndGo(10);
        long before = residentBytes();
        comeAndGo(40);
        // A stage is freed by its own thread, after the unload was answered.
        Awaitility.await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(residentBytes() - before).as("bytes that 40 loads left behind")
                        .isLessThan(MOST_GROWTH_BYTES));
    }

    private void comeAndGo(int times) {
        for (int i = 0; i < times; i++) {
            worker.load(wholeModel(model, weights.address(), 1).setExtent(Extent.PREPARE).setCacheTokens(8192)
                    .setContextTokens(8192).setMaxStepTokens(256).build());
            assertThat(worker.control().unload(
                    UnloadRequest.newBuilder().setShardId(model.spec(true, true).getShardId()).build()).getUnloaded())
                    .isTrue();
        }
    }

    /** What is in memory and in no file. */
    private static long residentBytes() throws IOException {
        System.gc();
        return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10).findFirst().orElseThrow();
    }
}
