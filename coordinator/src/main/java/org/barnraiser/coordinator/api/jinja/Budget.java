package org.barnraiser.coordinator.api.jinja;

/** What one rendering may still use. Counting is the only limit that holds: a busy loop cannot be interrupted. */
public final class Budget {
    private static final int MAX_DEPTH = 400;

    private long steps;
    private long characters;
    private int depth;

    /**
     * @param steps expressions, statements and elements that may be looked at
     * @param characters characters of strings that may be made, the result among them
     */
    public Budget(long steps, long characters) {
        this.steps = steps;
        this.characters = characters;
    }

    void step() {
        steps(1);
    }

    void steps(long count) {
        steps -= count;
        if (steps < 0) {
            throw new TemplateException.OverBudget("the chat template takes too many steps");
        }
    }

    void characters(long count) {
        characters -= count;
        if (characters < 0) {
            throw new TemplateException.OverBudget("the chat template makes too much text");
        }
    }

    void enter() {
        step();
        if (++depth > MAX_DEPTH) {
            throw new TemplateException.OverBudget("the chat template is nested more than " + MAX_DEPTH + " deep");
        }
    }

    void leave() {
        depth--;
    }
}
