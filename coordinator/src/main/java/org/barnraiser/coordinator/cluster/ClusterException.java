package org.barnraiser.coordinator.cluster;

/** The coordinator cannot take part in the cluster; the message is one sentence that says what was wrong, where, and what to do. */
public class ClusterException extends Exception {
    private static final long serialVersionUID = 1L;

    public ClusterException(String message) {
        super(message);
    }

    public ClusterException(String message, Throwable cause) {
        super(message, cause);
    }
}
