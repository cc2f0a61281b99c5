package org.barnraiser.worker.stage;

import org.barnraiser.proto.HiddenStates.Encoding;

/**
 * Where a stage stands in its pipeline; it may change while the engine stays as it is.
 *
 * @param index 0 is the head
 * @param wire encoding of the hidden states handed on
 */
public record StagePlace(int index, Encoding wire) {
    /** A pipeline of one stage. */
    public static final StagePlace ALONE = new StagePlace(0, Encoding.F32);
}
