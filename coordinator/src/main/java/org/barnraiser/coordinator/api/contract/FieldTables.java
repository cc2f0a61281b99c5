package org.barnraiser.coordinator.api.contract;

import java.util.List;

/** The docs' tables of fields. */
public final class FieldTables {
    private static final String HEAD = """
                                       # Every field of the HTTP API

                                       Made from the code, and kept so by a test that sends every field. *Supported* fields are checked: a wrong type or range is
                                       refused with 400 by name. *Ignored* fields change no answer and are not looked at, like every field that is not here. *Refused*
                                       fields would change the answer and cannot be done: 400, by name, with the reason. What they mean is told in [the API](api.md); the same is
                                       served for programs at `/openapi.json`.
                                       """;

    private FieldTables() {}

    /** The whole page. */
    public static String page(List<Contract> contracts) {
        StringBuilder page = new StringBuilder(HEAD);
        for (Contract contract : contracts) {
            page.append("\n## `POST ").append(contract.path()).append("`\nGives ").append(contract.summary())
                    .append(".\n\n| field | here | |\n|---|---|---|\n");
            for (FieldContract field : contract.fields()) {
                page.append("| `").append(field.name()).append("` | ").append(field.support().word()).append(" | ")
                        .append(note(field)).append(" |\n");
            }
        }
        return page.toString();
    }

    private static String note(FieldContract field) {
        return field.harmless().map(value -> "unless `" + value + "`: ").orElse("") + field.note().replace("|", "\\|");
    }
}
