package org.barnraiser.coordinator.api.jinja;

/** A template that cannot be read or rendered; the message says why, and never holds a reader's text. */
public class TemplateException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TemplateException(String message) {
        super(message);
    }

    /** The template itself refused its input with {@code raise_exception}; the message is the template's own. */
    public static final class Raised extends TemplateException {
        private static final long serialVersionUID = 1L;

        Raised(String message) {
            super(message);
        }
    }

    /** The template used up its budget. */
    public static final class OverBudget extends TemplateException {
        private static final long serialVersionUID = 1L;

        OverBudget(String message) {
            super(message);
        }
    }
}
