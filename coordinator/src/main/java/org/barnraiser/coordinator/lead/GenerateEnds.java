package org.barnraiser.coordinator.lead;

import org.barnraiser.coordinator.model.GenerationEnd;
import org.barnraiser.proto.GenerateEvent;
import org.barnraiser.proto.GenerateEvent.End.Cause;

/** The end of a generation, as coordinators tell it to each other. */
public final class GenerateEnds {
    private GenerateEnds() {}

    static GenerateEvent.End message(GenerationEnd end) {
        return switch (end) {
            case GenerationEnd.EndOfGeneration _ -> of(Cause.END_OF_GENERATION);
            case GenerationEnd.Length _ -> of(Cause.LENGTH);
            case GenerationEnd.Cancelled _ -> of(Cause.CANCELLED);
            case GenerationEnd.Failed(String reason, boolean retryable) -> of(Cause.FAILED).toBuilder()
                    .setReason(reason).setRetryable(retryable).build();
        };
    }

    private static GenerateEvent.End of(Cause cause) {
        return GenerateEvent.End.newBuilder().setCause(cause).build();
    }

    /** The end that a message tells; one that this program does not know has failed. */
    public static GenerationEnd read(GenerateEvent.End message) {
        return switch (message.getCause()) {
            case END_OF_GENERATION -> new GenerationEnd.EndOfGeneration();
            case LENGTH -> new GenerationEnd.Length();
            case CANCELLED -> new GenerationEnd.Cancelled();
            case FAILED -> new GenerationEnd.Failed(message.getReason(), message.getRetryable());
            case UNRECOGNIZED -> new GenerationEnd.Failed(
                    "The coordinator that leads ended the answer in a way that this one does not know.", false);
        };
    }
}
