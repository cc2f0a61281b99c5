package org.barnraiser.coordinator.schedule;

import org.barnraiser.proto.Step;
import org.barnraiser.proto.StepResult;

/**
 * The way to one pipeline: steps go to its head, results come from its tail. All methods are called from the one thread
 * of a {@link PipelineLoop} and must not block.
 */
public interface PipelineLink extends AutoCloseable {

    /** Hands on a step; steps arrive in the order of the calls. Called only while {@link #isReady()}. */
    void send(Step step);

    /** Whether a step can be sent now without piling up; when this turns true, {@link Listener#onReady()} is called. */
    boolean isReady();

    /** Ends the link. The listener may still be called, to no effect. */
    @Override
    void close();

    /** Makes a link that tells {@code listener} what comes back. */
    @FunctionalInterface
    interface Opener {
        PipelineLink open(Listener listener);
    }

    /** Hears what comes back. May be called from any thread; never blocks. Results come in order, one call at a time. */
    interface Listener {
        void onResult(StepResult result);

        /** {@link PipelineLink#isReady()} has turned true. */
        void onReady();

        /**
         * Nothing more will come back.
         *
         * @param reason one sentence in plain words
         */
        void onBroken(String reason);
    }
}
