package org.barnraiser.coordinator.cluster;

import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.api.HttpServer;
import org.barnraiser.coordinator.api.HttpServerConfig;
import org.barnraiser.coordinator.api.ManyReaders;
import org.barnraiser.coordinator.schedule.Speculation;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * As many streams as llama.cpp tells apart, ten tokens per second each, from a stage that computes nothing: over gRPC, through the scheduler
 * and out by HTTP, to readers in another process. With {@code -Dbarnraiser.streams=64} it prints what all of that adds between a token
 * and its reader.
 */
class ManyStreamsTest {
    private static final int READERS = Integer.getInteger("barnraiser.streams", 8);
    private static final int TOKENS = READERS > 8 ? 100 : 5;
    private static final int TOKENS_WHILE_WARMING_UP = 30;
    private static final int CONTEXT_TOKENS = 256;
    private static final int MILLIS_PER_TOKEN = 100;

    @Test
    void every_reader_of_a_pipeline_hears_every_token_in_order() throws Exception {
        try (TestCluster cluster = TestCluster.start()) {
            ScriptedWorker worker = cluster.worker("one");
            worker.stage().sayTimesAfter(cluster.clock(), MILLIS_PER_TOKEN);
            worker.register();
            ClusterModel model = cluster.coordinator(new PipelineSettings(READERS, CONTEXT_TOKENS,
                    PipelineSettings.AUTOMATIC, 256, Wire.AUTO, true, Speculation.OFF));
            TestCluster.awaitReady(model);
            try (HttpServer server = new HttpServer(HttpServerConfig.onPort(0), model, model).start()) {
                List<List<Double>> heard = ManyReaders.hear(server.port(), READERS,
                        "{'model':'plain','prompt':[7,8,9],'max_tokens':" + TOKENS + ",'stream':true}");
                assertThat(heard).hasSize(READERS).allSatisfy(delays -> assertThat(delays).hasSize(TOKENS));
                if (READERS > 8) {
                    ManyReaders.print(READERS + " readers, those after their first " + TOKENS_WHILE_WARMING_UP,
                            after(heard));
                }
            }
        }
    }

    private static List<Double> after(List<List<Double>> heard) {
        List<Double> after = new ArrayList<>();
        heard.forEach(delays -> after.addAll(delays.subList(TOKENS_WHILE_WARMING_UP, TOKENS)));
        return after;
    }
}
