package org.barnraiser.coordinator.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class MailboxTest {
    private final List<Integer> ran = new ArrayList<>();

    @Test
    void events_run_in_the_order_in_which_they_were_posted() throws Exception {
        Mailbox mailbox = new Mailbox(10);
        mailbox.post(() -> ran.add(1));
        mailbox.post(() -> ran.add(2));
        mailbox.runAll(Long.MAX_VALUE);
        assertThat(ran).containsExactly(1, 2);
    }

    @Test
    void waiting_ends_when_its_time_is_over() throws Exception {
        new Mailbox(10).runAll(1);
        assertThat(ran).isEmpty();
    }

    @Test
    void a_full_mailbox_takes_nothing_more() throws Exception {
        Mailbox mailbox = new Mailbox(1);
        assertThat(mailbox.post(() -> ran.add(1))).isTrue();
        assertThat(mailbox.post(() -> ran.add(2))).isFalse();
        mailbox.wake();
        mailbox.runAll(Long.MAX_VALUE);
        assertThat(ran).containsExactly(1);
    }

    @Test
    void closing_runs_what_is_there_and_nothing_that_comes_later() {
        Mailbox mailbox = new Mailbox(10);
        mailbox.post(() -> ran.add(1));
        mailbox.close();
        assertThat(mailbox.post(() -> ran.add(2))).isFalse();
        assertThat(ran).containsExactly(1);
    }

    @Test
    void what_was_taken_before_an_event_threw_still_runs() {
        Mailbox mailbox = new Mailbox(10);
        mailbox.post(() -> {
            throw new IllegalStateException("a broken event");
        });
        mailbox.post(() -> ran.add(2));
        try {
            mailbox.runAll(Long.MAX_VALUE);
        } catch (IllegalStateException | InterruptedException _) {
            mailbox.close();
        }
        assertThat(ran).containsExactly(2);
    }

    @Test
    void an_event_is_run_exactly_when_its_sender_was_told_so_even_while_the_mailbox_closes() {
        for (int round = 0; round < 200; round++) {
            Mailbox mailbox = new Mailbox(1000);
            AtomicInteger accepted = new AtomicInteger();
            AtomicInteger runs = new AtomicInteger();
            try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 4; i++) {
                    senders.execute(() -> {
                        while (mailbox.post(runs::incrementAndGet)) {
                            accepted.incrementAndGet();
                        }
                    });
                }
                mailbox.close();
            }
            assertThat(runs.get()).isEqualTo(accepted.get());
        }
    }
}
