package org.barnraiser.coordinator.cluster;

/** A record in ZooKeeper that is not what it should be; the message says why, to follow "… is ignored: ". */
final class InvalidRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidRecordException(String reason) {
        super(reason);
    }
}
