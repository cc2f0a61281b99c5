package org.barnraiser.coordinator.api.jinja;

import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;

/** A template that has been read; any number of threads may render it. */
public final class Template {
    private static final int MAX_SOURCE_CHARACTERS = 1 << 19;

    private final List<Statement> statements;

    private Template(List<Statement> statements) {
        this.statements = statements;
    }

    /**
     * Reads a template.
     *
     * @throws TemplateException when it is too long, is not valid, or uses what is not supported
     */
    public static Template parse(String source) {
        if (source.length() > MAX_SOURCE_CHARACTERS) {
            throw new TemplateException("the chat template has " + source.length() + " characters; at most "
                    + MAX_SOURCE_CHARACTERS + " are read");
        }
        return new Template(TemplateParser.parse(source));
    }

    /**
     * Renders it.
     *
     * @param variables what the template may name
     * @param now what {@code strftime_now} tells
     * @throws TemplateException when the template refuses the variables, fails, or runs out of its budget
     */
    public Text render(Map<String, Value> variables, Budget budget, ZonedDateTime now) {
        Scope globals = new Globals(budget, now).scope();
        Scope scope = new Scope(globals);
        variables.forEach(scope::set);
        return new Renderer(budget).render(statements, scope);
    }
}
