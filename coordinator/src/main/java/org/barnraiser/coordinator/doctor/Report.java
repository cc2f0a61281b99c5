package org.barnraiser.coordinator.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** All findings, in the order in which they are shown. */
public final class Report {
    private final List<Section> sections;

    Report(List<Section> sections) {
        this.sections = List.copyOf(sections);
    }

    /** Findings that belong together. */
    record Section(String title, List<Finding> findings) {}

    List<Section> sections() {
        return sections;
    }

    long count(Level level) {
        return sections.stream().flatMap(section -> section.findings().stream())
                .filter(finding -> finding.level() == level).count();
    }

    /** Whether something does not work. */
    public boolean isBroken() {
        return count(Level.BROKEN) > 0;
    }

    /** For people, line by line. */
    public List<String> lines(boolean colour) {
        return new ReportText(colour).lines(this);
    }

    /** For programs. */
    public JsonNode json() {
        return ReportJson.of(this);
    }
}
