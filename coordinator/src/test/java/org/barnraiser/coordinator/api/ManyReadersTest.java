package org.barnraiser.coordinator.api;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.barnraiser.coordinator.model.GenerationEnd;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many streams at once, ten tokens per second each, from a model that takes no time, to readers in another process. With
 * {@code -Dbarnraiser.readers=1000} it prints what the coordinator adds between a token and its reader, while all connect at once and code
 * is not compiled yet, and from then on; docs/performance.md has the numbers.
 */
class ManyReadersTest {
    private static final int READERS = Integer.getInteger("barnraiser.readers", 40);
    private static final int TOKENS = READERS > 100 ? 100 : 5;
    private static final int TOKENS_PER_SECOND = 10;
    private static final int TOKENS_WHILE_WARMING_UP = 30;

    @Test
    void every_reader_hears_every_token_in_order() throws Exception {
        try (ApiTestServer api = new ApiTestServer()) {
            // What is said is the time at which it is said.
            api.model.script = speaker -> {
                long nanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(1) * speaker.index / READERS;
                for (int token = 0; token < TOKENS; token++) {
                    TimeUnit.NANOSECONDS.sleep(nanos - System.nanoTime());
                    speaker.say(System.nanoTime() + " ");
                    nanos += TimeUnit.SECONDS.toNanos(1) / TOKENS_PER_SECOND;
                }
                return new GenerationEnd.Length();
            };
            List<Double> first = new ArrayList<>();
            List<Double> then = new ArrayList<>();
            List<List<Double>> heard = ManyReaders.hear(api.server.port(), READERS,
                    "{'model':'barn-model','prompt':'a','max_tokens':150,'stream':true}");
            assertThat(heard).hasSize(READERS);
            for (List<Double> delays : heard) {
                assertThat(delays).hasSize(TOKENS);
                int warm = Math.min(TOKENS, TOKENS_WHILE_WARMING_UP);
                first.addAll(delays.subList(0, warm));
                then.addAll(delays.subList(warm, TOKENS));
            }
            if (READERS > 100) {
                ManyReaders.print(READERS + " readers, their first " + TOKENS_WHILE_WARMING_UP + " tokens", first);
                ManyReaders.print(READERS + " readers, those after", then);
            }
        }
    }
}
