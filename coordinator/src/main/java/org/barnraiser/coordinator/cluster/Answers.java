package org.barnraiser.coordinator.cluster;

import org.barnraiser.coordinator.schedule.PipelineLoop;

/** Stub until the answers outlive their pipeline. */
interface Answers {
    void attach(PipelineLoop pipeline);

    void detach(String reason);
}
