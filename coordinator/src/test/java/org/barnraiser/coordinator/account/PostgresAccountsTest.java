package org.barnraiser.coordinator.account;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;

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
}
