package org.barnraiser.coordinator.account;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class KilledAccountingTest {
    private static final int KILLS = 3;

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void a_kill_in_the_middle_of_accounting_loses_open_reservations_at_most_and_charges_nothing_twice(@TempDir Path folder)
            throws Exception {
        String key;
        try (Database database = Database.open(Optional.empty(), folder)) {
            key = new MemberKeys(database, InstantSource.system())
                    .create(new NewKey("Ada", Role.MEMBER, Optional.empty(), KeyLimits.NONE)).key().id();
        }
        long settled = 0;
        long reserved = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            long enough = 20 + 17L * kill;
            Said said = runAndKill(folder, key, enough);
            settled += said.settled();
            reserved += said.reserved();
            assertThat(said.settled()).isGreaterThanOrEqualTo(enough);
        }
        try (Database database = Database.open(Optional.empty(), folder)) {
            UsageBook book = new UsageBook(database, InstantSource.system());
            List<Usage> days = book.since(LocalDate.now(ZoneOffset.UTC).minusDays(2));
            long requests = days.stream().mapToLong(Usage::requests).sum();
            // What was said to be settled is; the last of each run may be without its having been said.
            assertThat(requests).isBetween(settled, settled + KILLS);
            assertThat(days.stream().mapToLong(Usage::promptTokens).sum()).isEqualTo(requests * KilledMain.PROMPT);
            assertThat(days.stream().mapToLong(Usage::completionTokens).sum()).isEqualTo(requests * KilledMain.ANSWER);
            assertThat(reserved - settled).isLessThanOrEqualTo(KILLS);
            assertThat(book.releaseLapsed(true)).isLessThanOrEqualTo(KILLS);
            assertThat(book.today(key).reserved()).isZero();
        }
    }

    private record Said(long reserved, long settled) {}

    private static Said runAndKill(Path folder, String key, long enough) throws Exception {
        Process child = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m",
                "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"),
                KilledMain.class.getName(), folder.toString(), key).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        long reserved = 0;
        long settled = 0;
        try (BufferedReader lines = child.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                reserved += line.startsWith("reserved") ? 1 : 0;
                settled += line.startsWith("settled") ? 1 : 0;
                if (settled >= enough) {
                    // Of the handle: what it said before is still to be read.
                    var _ = child.toHandle().destroyForcibly();
                }
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
        return new Said(reserved, settled);
    }
}
