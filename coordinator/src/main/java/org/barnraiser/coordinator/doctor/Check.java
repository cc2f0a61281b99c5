package org.barnraiser.coordinator.doctor;

import java.util.List;

/** One question to the machine or the cluster. */
interface Check {
    /** What is looked at, for when there is no answer in time. */
    String subject();

    /**
     * Looks; may block, but gives up by itself after some seconds, and at an interrupt. Changes nothing that lasts.
     *
     * @return at least one finding, unless there is nothing to look at
     */
    List<Finding> findings() throws InterruptedException;
}
