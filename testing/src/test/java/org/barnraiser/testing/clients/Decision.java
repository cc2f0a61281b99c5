package org.barnraiser.testing.clients;

import com.fasterxml.jackson.annotation.JsonClassDescription;

/** What a model is made to say: two fields that end by themselves, so that even nonsense is soon complete. */
@JsonClassDescription("Decides.")
public final class Decision {
    public Answer answer = Answer.NO;
    public boolean sure;

    /** What can be decided. */
    public enum Answer {
        YES, NO
    }
}
