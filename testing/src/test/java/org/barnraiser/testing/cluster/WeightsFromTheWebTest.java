package org.barnraiser.testing.cluster;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.barnraiser.coordinator.cli.Barn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** A model that is on the web and on the workers, and never on the coordinator's disk. */
class WeightsFromTheWebTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    @Test
    void workers_take_their_ranges_from_the_web_and_go_on_from_each_other_when_it_is_gone() throws Exception {
        TestClusterSettings demo = TestClusterSettings.demo(folder.resolve("model"), 1);
        long size = Files.size(demo.model());
        try (ModelServer web = new ModelServer(demo.model())) {
            Path data = Files.createDirectories(folder.resolve("cluster").resolve("c1"));
            Process add = new ProcessBuilder(List.of(ProcessHandle.current().info().command().orElseThrow(), "-cp",
                    System.getProperty("java.class.path"), Barn.class.getName(), "model", "add", web.url(),
                    "--no-copy", "--data", data.toString())).redirectErrorStream(true).start();
            String said = new String(add.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(add.waitFor()).as(said).isZero();
            assertThat(said).contains("not here; workers take them from 127.0.0.1");
            web.holdAfter(size / 2);
            TestClusterSettings settings = new TestClusterSettings(folder.resolve("cluster"), demo.logs(),
                    data.resolve("models/model/model.gguf"), 1, 1, 4, 0, "512M",
                    List.of("--stages", "1", "--copies", "1"), List.of(), true);
            try (TestCluster cluster = settings.start()) {
                cluster.await("half of the model has arrived", PATIENCE, web::holds);
                long before = web.servedBytes();
                cluster.workers().getFirst().restart();
                web.goOn();
                cluster.awaitReady(PATIENCE);
                assertThat(web.servedBytes() - before).as("what was whole is not fetched again").isLessThan(size);
                assertThat(diskBytes(data)).as("what the coordinator keeps").isLessThan(size / 2);
                assertThat(cluster.coordinator().get("/metrics").body())
                        .contains("barnraiser_weights_served_bytes_total{holder=\"coordinator\",} 0.0");
                web.vanish();
                TestWorker first = cluster.workers().getFirst();
                TestWorker second = cluster.addWorker();
                cluster.await("who joined has it from who was there", PATIENCE,
                        () -> cluster.standbyNote().isPresent());
                first.kill();
                cluster.await("the other has taken over", PATIENCE,
                        () -> cluster.coordinator().isReady() && cluster.stages().equals(List.of(second)));
            }
        }
    }

    /** What files really take, holes left out. */
    private static long diskBytes(Path folder) throws Exception {
        Process du = new ProcessBuilder("du", "-sk", folder.toString()).start();
        String said = new String(du.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(du.waitFor()).isZero();
        return Long.parseLong(said.split("\\s", 2)[0]) * 1024;
    }
}
