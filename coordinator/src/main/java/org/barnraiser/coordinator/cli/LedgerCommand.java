package org.barnraiser.coordinator.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.barnraiser.coordinator.account.AccountException;
import org.barnraiser.coordinator.account.Contribution;
import org.barnraiser.coordinator.account.ContributionLedger;
import org.barnraiser.coordinator.account.Database;
import org.barnraiser.coordinator.account.LedgerText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** {@code barn ledger}: what machines gave. It reads the data folder, so no coordinator needs to run. */
@Command(name = "ledger", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "export|report", description = "Tells which machine gave how much.")
final class LedgerCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(names = "--data", paramLabel = "DIR", scope = ScopeType.INHERIT, description = "Data folder (default: $BARN_DATA, else ~/.barnraiser).")
    private @Nullable Path data;

    @Option(names = "--database", paramLabel = "URL", scope = ScopeType.INHERIT, defaultValue = "${env:BARN_DATABASE}", description = "jdbc:postgresql://… that"
            + " coordinators share (default: $BARN_DATABASE, else a file in the data folder).")
    private @Nullable String database;

    @Option(names = "--year", paramLabel = "YEAR", scope = ScopeType.INHERIT, description = "Which year (default: this one).")
    private @Nullable Integer year;

    /** What programs read. */
    enum Format {
        CSV, JSON
    }

    /** Filled in by picocli. */
    @SuppressWarnings("NullAway.Init")
    LedgerCommand() {}

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(name = "export", mixinStandardHelpOptions = true, description = "Prints every entry of a year.")
    int export(
            @Option(names = "--format", paramLabel = "FORMAT", defaultValue = "csv", description = "csv or json (default: ${DEFAULT-VALUE}).") Format format)
            throws AccountException {
        List<Contribution> entries = entries();
        print(switch (format) {
            case CSV -> LedgerText.csv(entries);
            case JSON -> json(entries) + "\n";
        });
        return 0;
    }

    @Command(name = "report", mixinStandardHelpOptions = true, description = "Prints a year's report for funders and neighbours, as Markdown.")
    int report(@Option(names = "--title", paramLabel = "TITLE", description = "Its heading.") @Nullable String title)
            throws AccountException {
        print(LedgerText.report(Optional.ofNullable(title).orElse("What our machines gave in " + year()), entries()));
        return 0;
    }

    private int year() {
        return year == null ? LocalDate.now(ZoneOffset.UTC).getYear() : year;
    }

    private List<Contribution> entries() throws AccountException {
        if (year() < 1970 || year() > 9998) {
            throw new AccountException("--year must be from 1970 to 9998.");
        }
        Path folder = DataDirectory.pathOf(data);
        try (Database opened = Database.open(Optional.ofNullable(database), folder)) {
            return new ContributionLedger(opened).between(LocalDate.of(year(), 1, 1), LocalDate.of(year() + 1, 1, 1));
        }
    }

    private static String json(List<Contribution> entries) {
        ArrayNode list = new ObjectMapper().createArrayNode();
        for (Contribution entry : entries) {
            list.addObject().put("machine", entry.machine()).put("owner", entry.owner())
                    .put("from", entry.from().toString())
                    .put("to", entry.to().toString()).put("readySeconds", entry.readySeconds())
                    .put("layerTokens", entry.layerTokens()).put("weightBytes", entry.weightBytes());
        }
        return list.toString();
    }

    private void print(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(text);
        out.flush();
    }
}
