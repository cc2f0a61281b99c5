package org.barnraiser.worker.node;

import org.barnraiser.proto.Step;

/** The way to the next stage of a pipeline. A stage does not know how its neighbour is reached. */
interface NextStageLink extends AutoCloseable {

    /**
     * Hands a step on, in order. Blocks the calling thread while the neighbour is busy, with a deadline.
     *
     * @param echo whether the neighbour is asked to say at once that it has arrived
     * @throws LinkBrokenException when the link is broken or the deadline has passed; no later step may be sent
     */
    void send(Step step, boolean echo) throws LinkBrokenException, InterruptedException;

    /** Ends the link; a blocked sender wakes up. Idempotent. */
    @Override
    void close();

    /** Makes links. */
    interface Dialer {
        /** Returns at once; the listener hears whether the neighbour has accepted. */
        NextStageLink dial(String address, String pipelineId, long epoch, int stageIndex, Listener listener);
    }

    /** Hears of one link. Called on the network's thread; must not block. */
    interface Listener {
        /** The neighbour and all stages behind it have accepted. */
        void onOpened();

        /** A step has arrived at the neighbour that was sent with a wish for an echo. */
        void onReceived(long number);

        /** The link has ended, and not because this side closed it. */
        void onBroken(String reason);
    }

    /** Nothing more can be handed on. */
    final class LinkBrokenException extends Exception {
        private static final long serialVersionUID = 1L;

        LinkBrokenException(String message) {
            super(message);
        }
    }
}
