package org.barnraiser.coordinator.api.contract;

/** What becomes of a field. */
public enum Support {
    /** It does what its maker says. */
    SUPPORTED("supported"),
    /** It is not even looked at, as it changes no answer. */
    IGNORED("ignored"),
    /** It would change the answer and cannot be done, so the request is refused. */
    REFUSED("refused");

    private final String word;

    Support(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
