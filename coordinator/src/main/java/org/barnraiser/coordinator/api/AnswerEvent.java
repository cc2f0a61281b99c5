package org.barnraiser.coordinator.api;

import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.proto.SampledToken;

/** What happens while answers are generated. */
sealed interface AnswerEvent {

    record Token(int choice, SampledToken token) implements AnswerEvent {}

    record End(int choice, GenerationEnd end) implements AnswerEvent {}

    /** All choices were broken off; nothing comes after this. */
    record BrokenOff(Cause cause) implements AnswerEvent {}

    /** Why a request is broken off from outside. */
    enum Cause {
        CLIENT_GONE, CLIENT_TOO_SLOW, SHUTTING_DOWN
    }
}
