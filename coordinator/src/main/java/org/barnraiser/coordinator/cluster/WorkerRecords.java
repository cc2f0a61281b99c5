package org.barnraiser.coordinator.cluster;

import java.util.regex.Pattern;
import org.barnraiser.proto.WorkerRecord;

/** Reads what a worker says of itself in ZooKeeper, and believes nothing before it is checked. */
final class WorkerRecords {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,128}");

    private WorkerRecords() {}

    /**
     * The record in a worker's node.
     *
     * @param nodeName last part of the node's path
     */
    static WorkerRecord parse(String nodeName, byte[] data) throws InvalidRecordException {
        WorkerRecord worker = RecordJson.decode(data, WorkerRecord.newBuilder()).build();
        check(ID.matcher(worker.getWorkerId()).matches(), "its worker id is no plain name");
        check(ID.matcher(worker.getIncarnationId()).matches(), "its incarnation id is no plain name");
        check(nodeName.equals(worker.getWorkerId() + "-" + worker.getIncarnationId()),
                "its name is not made of the ids in it");
        check(Addresses.isWhereabouts(worker.getAddress()), "its address is not host:port");
        check(worker.getUsableMemoryBytes() > 0, "it lends no memory");
        return worker;
    }

    private static void check(boolean condition, String otherwise) throws InvalidRecordException {
        if (!condition) {
            throw new InvalidRecordException(otherwise);
        }
    }
}
