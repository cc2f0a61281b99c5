package org.barnraiser.coordinator.account;

import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

class ContributionLedgerTest {
    private static final LocalDate YEAR = LocalDate.of(2026, 1, 1);
    private final TestClock clock = new TestClock();
    private boolean ready = true;
    private boolean leads = true;
    private long tokens = 100;
    private List<ClusterStatus.Pipeline> pipelines = List
            .of(new ClusterStatus.Pipeline(1, 1, List.of(stage("attic", 0, 3), stage("cellar", 3, 8))));

    @Test
    void machines_are_credited_with_time_and_work_while_the_model_is_ready(@TempDir Path folder)
            throws AccountException {
        try (Database database = Database.open(Optional.empty(), folder)) {
            ContributionLedger ledger = new ContributionLedger(database);
            ContributionMeter meter = new ContributionMeter(ledger, this::status, "here:8080", clock);
            for (int look = 0; look < 6; look++) {
                pass(10);
                meter.look();
            }
            ready = false;
            pass(1_000);
            meter.look();
            ready = true;
            leads = false;
            pass(1_000);
            meter.look();
            meter.write();
            meter.write();
            List<Contribution> entries = ledger.between(YEAR, YEAR.plusYears(1));
            assertThat(entries).hasSize(2);
            assertThat(ContributionLedger.byMachine(entries)).extracting(Contribution::machine, Contribution::owner,
                    Contribution::readySeconds, Contribution::layerTokens)
                    .containsExactlyInAnyOrder(tuple("attic", "Ada | =1+1", 60L, 6 * 10 * 3L),
                            tuple("cellar", "", 60L, 6 * 10 * 5L));
            assertThat(ledger.between(YEAR.plusYears(1), YEAR.plusYears(2))).isEmpty();
            assertThat(LedgerText.report("Our year", entries)).contains("2 machines", "thanks to 1 owner",
                    "| attic | Ada   =1+1 | 0 | 38 % |");
        }
    }

    @Test
    void each_pipelines_machines_are_credited_with_what_that_pipeline_computed(@TempDir Path folder)
            throws AccountException {
        try (Database database = Database.open(Optional.empty(), folder)) {
            ContributionLedger ledger = new ContributionLedger(database);
            pipelines = List.of(whole(1, "attic", 1_000), whole(2, "cellar", 10));
            ContributionMeter meter = new ContributionMeter(ledger, this::status, "here:8080", clock);
            pass(10);
            pipelines = List.of(whole(1, "attic", 1_003), whole(2, "cellar", 17));
            meter.look();
            meter.write();
            assertThat(ContributionLedger.byMachine(ledger.between(YEAR, YEAR.plusYears(1))))
                    .extracting(Contribution::machine, Contribution::layerTokens)
                    .containsExactlyInAnyOrder(tuple("attic", 3 * 8L), tuple("cellar", 7 * 8L));
        }
    }

    private static ClusterStatus.Pipeline whole(int number, String worker, long steps) {
        return new ClusterStatus.Pipeline(number, 1, List.of(new ClusterStatus.Stage(worker, 0, 8, 1, "a:1", 0, 0, 0,
                0, new ClusterStatus.Done(steps, 0, 0), ClusterStatus.Way.UNKNOWN)));
    }

    @Test
    void a_table_holds_no_formula_for_spreadsheets() {
        Contribution entry = new Contribution("=HYPERLINK(\"x\")", "a,b", clock.instant(), clock.instant(), 1, 2, 3);
        assertThat(LedgerText.csv(List.of(entry)).lines().toList()).containsExactly(
                "machine,owner,from,to,ready_seconds,layer_tokens,weight_bytes",
                "\"'=HYPERLINK(\"\"x\"\")\",\"a,b\",2026-11-21T10:00:00Z,2026-11-21T10:00:00Z,1,2,3");
    }

    private void pass(int seconds) {
        clock.pass(Duration.ofSeconds(seconds));
        tokens += 10;
    }

    private ClusterStatus status() {
        return new ClusterStatus(new ClusterStatus.Model("m", "d", ready, ""),
                new ClusterStatus.Plan(1, pipelines),
                List.of(new ClusterStatus.Worker("attic", "a:1", 1, "e", 1, Map.of("owner", "Ada | =1+1"), "h", "stage",
                        "", "")),
                List.of(new ClusterStatus.Coordinator("one", "here:8080", leads),
                        new ClusterStatus.Coordinator("two", "there:8080", !leads)),
                new ClusterStatus.Activity(0, 0, 0, 0, tokens, 0), List.of());
    }

    private static ClusterStatus.Stage stage(String worker, int first, int last) {
        return new ClusterStatus.Stage(worker, first, last, 1, "a:1", 0, 0, 0);
    }
}
