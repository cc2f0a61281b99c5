package org.barnraiser.coordinator.doctor;

import com.google.common.base.Strings;
import java.util.ArrayList;
import java.util.List;
import org.barnraiser.coordinator.terminal.Lines;

/** A report for people: aligned, 80 columns wide, and readable without colour. */
final class ReportText {
    private static final int WIDTH = 80;
    private static final int LEVEL_WIDTH = 9;
    private static final int SUBJECT_WIDTH = 14;
    private static final String INDENT = " ".repeat(2 + LEVEL_WIDTH + SUBJECT_WIDTH);
    private static final String RESET = "\033[0m";

    private final boolean colour;

    ReportText(boolean colour) {
        this.colour = colour;
    }

    List<String> lines(Report report) {
        List<String> lines = new ArrayList<>();
        for (Report.Section section : report.sections()) {
            lines.add(section.title());
            section.findings().forEach(finding -> add(finding, lines));
            lines.add("");
        }
        lines.add(sum(report));
        return lines;
    }

    private void add(Finding finding, List<String> lines) {
        List<String> words = wrap(finding.words());
        String subject = Strings.padEnd(finding.subject(), SUBJECT_WIDTH - 1, ' ') + " ";
        if (subject.length() > SUBJECT_WIDTH) {
            lines.add(start(finding.level()) + subject.strip());
            lines.add(INDENT + words.removeFirst());
        } else {
            lines.add(start(finding.level()) + subject + words.removeFirst());
        }
        words.forEach(line -> lines.add(INDENT + line));
        if (!finding.advice().isEmpty()) {
            wrap("→ " + finding.advice()).forEach(line -> lines.add(INDENT + line));
        }
    }

    private String start(Level level) {
        String word = Strings.padEnd(level.word(), LEVEL_WIDTH, ' ');
        return "  " + (colour ? colour(level) + word + RESET : word);
    }

    private static String colour(Level level) {
        return switch (level) {
            case OK -> "\033[32m";
            case WARNING -> "\033[33m";
            case BROKEN -> "\033[31m";
        };
    }

    private static String sum(Report report) {
        long broken = report.count(Level.BROKEN);
        long warnings = report.count(Level.WARNING);
        if (broken == 0 && warnings == 0) {
            return "All is well.";
        }
        return (broken == 0 ? "Nothing is broken" : counted(broken, "thing is broken", "things are broken"))
                + (warnings == 0 ? "." : "; " + counted(warnings, "warning", "warnings") + ".");
    }

    private static String counted(long count, String one, String many) {
        return count + " " + (count == 1 ? one : many);
    }

    private static List<String> wrap(String text) {
        return Lines.wrap(text, WIDTH - INDENT.length());
    }
}
