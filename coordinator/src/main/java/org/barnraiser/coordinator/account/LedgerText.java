package org.barnraiser.coordinator.account;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The ledger as others read it: a table for spreadsheets, and a year's report in plain words. */
public final class LedgerText {
    private static final double SECONDS_PER_HOUR = 3600;

    private LedgerText() {}

    /** Every entry, as comma-separated values with a heading. */
    public static String csv(List<Contribution> entries) {
        return entries.stream()
                .map(entry -> String.join(",", cell(entry.machine()), cell(entry.owner()), entry.from().toString(),
                        entry.to().toString(), Long.toString(entry.readySeconds()), Long.toString(entry.layerTokens()),
                        Long.toString(entry.weightBytes())))
                .collect(Collectors.joining("\n",
                        "machine,owner,from,to,ready_seconds,layer_tokens,weight_bytes\n",
                        entries.isEmpty() ? "" : "\n"));
    }

    /** Quoted, and never a formula: spreadsheets compute what begins with one of these. */
    private static String cell(String text) {
        String harmless = !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0 ? "'" + text : text;
        return '"' + harmless.replace("\"", "\"\"") + '"';
    }

    /**
     * A year's report as Markdown.
     *
     * @param title whose report it is, and of when
     */
    public static String report(String title, List<Contribution> entries) {
        List<Contribution> machines = ContributionLedger.byMachine(entries);
        long owners = machines.stream().map(Contribution::owner).filter(owner -> !owner.isEmpty()).distinct().count();
        double hours = machines.stream().mapToLong(Contribution::readySeconds).sum() / SECONDS_PER_HOUR;
        StringBuilder text = new StringBuilder("# " + plain(title) + "\n\n");
        if (machines.isEmpty()) {
            return text.append("No machine has given anything in this time.\n").toString();
        }
        text.append(String.format(Locale.ROOT,
                """
                %d %s lent their machines' time to one large language model that nobody here could host alone.
                Together they were ready for **%,.0f hours**%s.

                | machine | lent by | hours ready | share of the work |
                |---|---|---:|---:|
                """, machines.size(), machines.size() == 1 ? "machine" : "machines", hours,
                owners == 0 ? "" : ", thanks to " + owners + (owners == 1 ? " owner" : " owners")));
        long work = machines.stream().mapToLong(Contribution::layerTokens).sum();
        for (Contribution machine : machines) {
            text.append(String.format(Locale.ROOT, "| %s | %s | %,.0f | %s |%n", plain(machine.machine()),
                    machine.owner().isEmpty() ? "–" : plain(machine.owner()), machine.readySeconds() / SECONDS_PER_HOUR,
                    work == 0 ? "–" : Math.round(100.0 * machine.layerTokens() / work) + " %"));
        }
        return text
                .append("""

                        A machine is *ready* while it holds its part of the model and the whole of it answers. Its *share of the work* is that
                        of the layers which it computed for every piece of every answer. The ledger knows no prices, no questions and no answers.
                        """)
                .toString();
    }

    /** Names are chosen by those who lend; they shall not lay out the page. */
    private static String plain(String text) {
        return text.replaceAll("[|<>\\[\\]`*_#\\\\\\r\\n]", " ").strip();
    }
}
