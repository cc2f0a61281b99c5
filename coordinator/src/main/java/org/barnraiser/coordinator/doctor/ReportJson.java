package org.barnraiser.coordinator.doctor;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A report for programs. */
final class ReportJson {
    private ReportJson() {}

    /** {@code {"broken":0,"warnings":1,"findings":[{"section","level","subject","words","advice"}]}}. */
    static ObjectNode of(Report report) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("broken", report.count(Level.BROKEN)).put("warnings", report.count(Level.WARNING));
        ArrayNode findings = json.putArray("findings");
        for (Report.Section section : report.sections()) {
            for (Finding finding : section.findings()) {
                findings.addObject().put("section", section.title()).put("level", finding.level().word())
                        .put("subject", finding.subject()).put("words", finding.words())
                        .put("advice", finding.advice());
            }
        }
        return json;
    }
}
