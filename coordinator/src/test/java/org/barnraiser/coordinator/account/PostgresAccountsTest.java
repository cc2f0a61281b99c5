package org.barnraiser.coordinator.account;

import com.google.common.collect.ImmutableSet;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** A real PostgreSQL. It does not run as root; as root it is put into a user namespace of its own, where that is allowed. */
class PostgresAccountsTest extends AccountsContract {
    private static Optional<EmbeddedPostgres> postgres = Optional.empty();

    @BeforeAll
    static void start() {
        try {
            postgres = Optional.of(EmbeddedPostgres.builder().setPGStartupWait(Duration.ofSeconds(60)).start());
        } catch (IOException | RuntimeException e) {
            System.err.println("Tests with PostgreSQL are skipped: it does not start here (" + e.getMessage() + ").");
            Assumptions.abort("PostgreSQL does not start here");
        }
    }

    @AfterAll
    static void stop() throws IOException {
        if (postgres.isPresent()) {
            postgres.get().close();
        }
    }

    @Override
    Optional<String> url() {
        return postgres.map(server -> server.getJdbcUrl("postgres", "postgres"));
    }

    /** One of several that share the database, with all that it counts by itself. */
    private final class Coordinator implements AutoCloseable {
        private final Database database;
        private final Bookkeeper bookkeeper;
        final MemberKeys keys;
        final Admissions admissions;

        Coordinator(Path folder, TestClock clock) throws AccountException {
            database = Database.open(url(), folder);
            keys = new MemberKeys(database, clock);
            UsageBook book = new UsageBook(database, clock);
            bookkeeper = Bookkeeper.start(book);
            admissions = new Admissions(Optional.of(book), Optional.of(bookkeeper), clock);
        }

        /** Asks for an answer of so many tokens, which goes on. */
        Optional<Admission> ask(MemberKey key, int tokens) throws AccountException {
            try {
                return Optional.of(enter(key, tokens));
            } catch (RefusedException full) {
                return Optional.empty();
            }
        }

        Admission enter(MemberKey key, int tokens) throws AccountException, RefusedException {
            Admission admission = admissions.enter(new Caller(Optional.of(key), Role.MEMBER), "model");
            try {
                admission.reserve(0, tokens, 1, true);
                return admission;
            } catch (RefusedException | AccountException refused) {
                admission.close();
                throw refused;
            }
        }

        @Override
        public void close() {
            bookkeeper.close();
            database.close();
        }
    }

    private static MemberKey key(Coordinator coordinator, OptionalLong requests, OptionalLong tokens)
            throws AccountException {
        return coordinator.keys.create(new NewKey("crowd", Role.MEMBER, Optional.empty(), new KeyLimits(
                ImmutableSet.of(), requests, tokens, OptionalLong.empty(), OptionalLong.empty(), 1))).key();
    }

    @Test
    void coordinators_hold_a_keys_requests_of_the_minute_together(@TempDir Path folder) throws Exception {
        TestClock clock = new TestClock();
        try (Coordinator one = new Coordinator(folder, clock); Coordinator other = new Coordinator(folder, clock)) {
            MemberKey key = key(one, OptionalLong.of(6), OptionalLong.empty());
            int let = 0;
            for (int asked = 0; asked < 6; asked++) {
                let += one.ask(key, 1).isPresent() ? 1 : 0;
                let += other.ask(key, 1).isPresent() ? 1 : 0;
            }
            assertThat(let).isEqualTo(6);
            assertThatThrownBy(() -> other.enter(key, 1)).isInstanceOfSatisfying(RefusedException.class, full -> {
                assertThat(full).hasMessageContaining("6 times a minute");
                assertThat(full.refusal().retryAfterSeconds()).isEqualTo(10);
                assertThat(full.refusal().headers()).containsEntry("x-ratelimit-remaining-requests", "0");
            });
            clock.pass(Duration.ofSeconds(10));
            assertThat(other.ask(key, 1)).isPresent();
            assertThat(one.ask(key, 1)).isEmpty();
            clock.pass(Duration.ofSeconds(60));
            assertThat(one.enter(key, 1).headers()).containsEntry("x-ratelimit-remaining-requests", "5");
        }
    }

    @Test
    void coordinators_hold_a_keys_tokens_of_the_minute_together_however_many_ask_at_once(@TempDir Path folder)
            throws Exception {
        TestClock clock = new TestClock();
        try (Coordinator one = new Coordinator(folder, clock);
                Coordinator other = new Coordinator(folder, clock);
                ExecutorService readers = Executors.newFixedThreadPool(8)) {
            MemberKey key = key(one, OptionalLong.empty(), OptionalLong.of(100));
            List<Callable<Boolean>> asking = IntStream.range(0, 40).<Callable<Boolean>>mapToObj(
                    reader -> () -> (reader % 2 == 0 ? one : other).ask(key, 10).isPresent()).toList();
            int let = 0;
            for (Future<Boolean> answer : readers.invokeAll(asking)) {
                let += answer.get() ? 1 : 0;
            }
            assertThat(let).isEqualTo(10);
        }
    }

    @Test
    void what_one_coordinator_did_not_use_another_may(@TempDir Path folder) throws Exception {
        TestClock clock = new TestClock();
        try (Coordinator one = new Coordinator(folder, clock); Coordinator other = new Coordinator(folder, clock)) {
            MemberKey key = key(one, OptionalLong.of(1_000), OptionalLong.of(100));
            Admission running = one.enter(key, 80);
            assertThat(other.ask(key, 30)).isEmpty();
            Admission rest = other.admissions.enter(new Caller(Optional.of(key), Role.MEMBER), "model");
            assertThat(rest.reserve(5, 1_000, 1, false)).as("an answer that names no length gets what is left")
                    .isEqualTo(15);
            running.used(0, 10);
            running.close();
            await().atMost(Duration.ofSeconds(60)).until(() -> other.ask(key, 70).isPresent());
            assertThat(other.ask(key, 1)).isEmpty();
        }
    }
}
