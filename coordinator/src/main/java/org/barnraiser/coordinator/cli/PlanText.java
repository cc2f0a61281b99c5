package org.barnraiser.coordinator.cli;

import com.google.common.base.Strings;
import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.barnraiser.coordinator.fit.Advice;
import org.barnraiser.coordinator.fit.Catalogue;
import org.barnraiser.coordinator.fit.Fit;
import org.barnraiser.coordinator.fit.PlannedModel;
import org.barnraiser.coordinator.fit.Wanted;
import org.barnraiser.coordinator.terminal.Lines;

/** A plan for people, 80 columns wide. */
final class PlanText {
    private static final int WIDTH = 80;
    private static final int BAR = 18;
    private static final int MAX_NAME = 20;

    private final PlannedModel model;
    private final Fit fit;
    private final Advice advice;
    private final Wanted wanted;
    private final List<String> lines = new ArrayList<>();

    PlanText(PlannedModel model, Fit fit, Advice advice, Wanted wanted) {
        this.model = model;
        this.fit = fit;
        this.advice = advice;
        this.wanted = wanted;
    }

    List<String> lines(List<String> assumptions) {
        lines.clear();
        say(String.format(Locale.ROOT, "%s: %s, %d layers, %s of weights at %.1f bits each. Room for %s of %,d tokens.",
                Lines.plain(model.name(), WIDTH), Lines.plain(model.architecture(), WIDTH), fit.layers(),
                ProgressLine.bytes(model.weightBytes()), model.bitsPerWeight(),
                counted(model.slots(), "conversation"), model.contextTokens()));
        lines.add("");
        if (fit.fits()) {
            say(String.format(Locale.ROOT, "It fits: it takes %s, and the machines lend %s.",
                    ProgressLine.bytes(fit.modelBytes()), ProgressLine.bytes(fit.lentBytes())));
            lines.add("");
            table();
            speed();
        } else {
            say("It does not fit: one machine more would have to lend " + ProgressLine.bytes(fit.missingBytes()) + ".");
            say(fit.reason());
        }
        advice();
        assumptions.forEach(assumption -> {
            lines.add("");
            say(assumption);
        });
        return List.copyOf(lines);
    }

    private void table() {
        lines.add(row("machine", "layers", "takes", "lends", "per token"));
        for (int i = 0; i < fit.stages().size(); i++) {
            Fit.Stage stage = fit.stages().get(i);
            int stageIndex = i;
            String millis = fit.speed()
                    .map(speed -> String.format(Locale.ROOT, "%.1f ms", speed.stageMillis().get(stageIndex)))
                    .orElse("");
            lines.add((row(Lines.plain(stage.machine(), MAX_NAME), stage.first() + "-" + (stage.last() - 1),
                    ProgressLine.bytes(stage.memoryBytes()), ProgressLine.bytes(stage.lentBytes()), millis) + "  "
                    + bar(stage)).stripTrailing());
        }
        if (!fit.unused().isEmpty()) {
            say("Not needed: " + Lines.plain(String.join(", ", fit.unused()), 200)
                    + ". They can stand by, or hold the model a second time.");
        }
        lines.add("");
    }

    private static String row(String machine, String layers, String takes, String lends, String millis) {
        return Strings.padEnd(machine, MAX_NAME + 1, ' ') + Strings.padEnd(layers, 9, ' ')
                + Strings.padStart(takes, 9, ' ') + Strings.padStart(lends, 10, ' ')
                + Strings.padStart(millis, 11, ' ');
    }

    /** Where in the model the machine's layers lie. */
    private String bar(Fit.Stage stage) {
        int from = (int) Math.round((double) BAR * stage.first() / fit.layers());
        int to = Math.max(from + 1, (int) Math.round((double) BAR * stage.last() / fit.layers()));
        return " ".repeat(from) + "#".repeat(to - from);
    }

    private void speed() {
        if (fit.speed().isEmpty()) {
            return;
        }
        Fit.Speed speed = fit.speed().get();
        say(String.format(Locale.ROOT,
                "One reader gets about %s tokens/s (likely between %s and %s), and the first word of an answer to a question of"
                        + " %d tokens after about %s.",
                rate(speed.likely()), rate(speed.slow()), rate(speed.fast()), speed.questionTokens(),
                duration(speed.firstTokenMillis())));
        if (wanted.readers() > 1) {
            say(String.format(Locale.ROOT, "%d readers at once get about %s tokens/s together, as uncertain as that%s",
                    wanted.readers(), rate(speed.many()),
                    wanted.slots() < wanted.readers()
                            ? "; %d are answered at a time, the others wait (--slots %d would answer all).".formatted(
                                    wanted.slots(), wanted.readers())
                            : ", and the last of them waits about " + duration(speed.manyFirstTokenMillis())
                                    + " for the first word."));
        }
        if (fit.stages().size() > 1) {
            say("The slowest part is " + Lines.plain(speed.slowest(), MAX_NAME) + ".");
        }
    }

    private void advice() {
        lines.add("");
        advice.quantisation().ifPresent(change -> say(fit.fits()
                ? change.what() + ", a finer quantisation, would fit as well" + at(change.fit()) + "."
                : "In the quantisation " + change.what() + " it would fit" + at(change.fit()) + "."));
        if (!fit.fits() && advice.quantisation().isEmpty()) {
            say("No quantisation in use is small enough; more memory is needed, or a smaller model.");
        }
        advice.oneMore().ifPresent(change -> say("With one more like " + Lines.plain(change.what(), MAX_NAME) + ": "
                + outcome(change.fit()) + "."));
        for (Advice.Change change : advice.without()) {
            say("Without " + Lines.plain(change.what(), MAX_NAME) + ": " + outcome(change.fit()) + ".");
        }
    }

    private static String outcome(Fit fit) {
        return fit.fits()
                ? "it fits" + at(fit)
                : "it does not fit, " + ProgressLine.bytes(fit.missingBytes()) + " would be missing";
    }

    private static String at(Fit fit) {
        Optional<Fit.Speed> speed = fit.speed();
        return speed.map(value -> ", at about " + rate(value.likely()) + " tokens/s for one reader").orElse("");
    }

    private static String rate(double tokensPerSecond) {
        return String.format(Locale.ROOT, tokensPerSecond < 10 ? "%.1f" : "%.0f", tokensPerSecond);
    }

    private static String duration(long millis) {
        if (millis < 1000) {
            return millis + " ms";
        }
        return millis < 90_000
                ? String.format(Locale.ROOT, "%.1f s", millis / 1e3)
                : String.format(Locale.ROOT, "%.1f min", millis / 6e4);
    }

    private static String counted(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private void say(String text) {
        lines.addAll(Lines.wrap(text, WIDTH));
    }

    /** The machines that have a name. */
    static List<String> catalogue(Catalogue catalogue) {
        return Lists.transform(catalogue.entries(), entry -> String.format(Locale.ROOT,
                "%-20s lends %6.1f GB, reads %5.0f GB/s  (%s)", entry.name(), entry.memoryBytes() / 1e9,
                entry.bytesPerSecond() / 1e9, entry.source()));
    }
}
