package org.barnraiser.worker.llama;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

/** Several models in one process, each with a thread of its own, as a worker has them that holds stages of several models. */
class SideBySideTest {
    private static final int PROMPTS = 4;
    private static final int ROUNDS = 60;
    /** Of one batch: llama.cpp multiplies in other ways for one row, for a few, and for many. */
    private static final int MOST_ROWS = 8;

    @ParameterizedTest
    @EnumSource(LlamaAbi.class)
    void contexts_that_compute_at_the_same_time_do_not_disturb_each_other(LlamaAbi abi) throws Exception {
        List<float[]> alone = run(abi, PROMPTS, () -> {});
        var together = new CyclicBarrier(2);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Future<List<float[]>>> runs = new ArrayList<>();
            for (int thread = 0; thread < 2; thread++) {
                runs.add(threads.submit(() -> run(abi, ROUNDS, together::await)));
            }
            for (Future<List<float[]>> run : runs) {
                List<float[]> logits = run.get();
                assertThat(IntStream.range(0, ROUNDS)
                        .filter(round -> !Arrays.equals(logits.get(round), alone.get(round % PROMPTS))))
                        .as("rounds with other logits than alone").isEmpty();
            }
        }
    }

    private interface Start {
        void await() throws Exception;
    }

    /** The logits behind a few prompts, again and again. */
    private static List<float[]> run(LlamaAbi abi, int rounds, Start start) throws Exception {
        List<float[]> logits = new ArrayList<>();
        try (LlamaModel model = TestEngines.load(abi, TestEngines.demo());
                LlamaContext context = model.newContext(new ContextOptions(256, 64, 1, 1, false))) {
            start.await();
            for (int round = 0; round < rounds; round++) {
                context.clear();
                int position = 0;
                for (int rows = 1; rows <= MOST_ROWS; rows++) {
                    int first = 20 + round % PROMPTS;
                    Generations.feed(context, position, IntStream.range(first, first + rows).toArray());
                    position += rows;
                }
                logits.add(context.logits(MOST_ROWS - 1).toArray(JAVA_FLOAT));
            }
        }
        return logits;
    }
}
