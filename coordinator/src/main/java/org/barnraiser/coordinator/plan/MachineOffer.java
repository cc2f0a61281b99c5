package org.barnraiser.coordinator.plan;

/**
 * What a machine lends.
 *
 * @param workerId stable over restarts
 * @param incarnationId new at every start
 * @param address {@code host:port} as others reach it
 * @param usableMemoryBytes memory it lends
 * @param speed how fast it computes
 * @param trusted whether it may see text, as head and tail do
 */
public record MachineOffer(String workerId, String incarnationId, String address, long usableMemoryBytes,
        Speed speed, boolean trusted) {

    /** A machine of unknown speed that nobody has vouched for. */
    public MachineOffer(String workerId, String incarnationId, String address, long usableMemoryBytes) {
        this(workerId, incarnationId, address, usableMemoryBytes, Speed.UNKNOWN, false);
    }

    /** The same, but as fast as that. */
    MachineOffer with(Speed other) {
        return new MachineOffer(workerId, incarnationId, address, usableMemoryBytes, other, trusted);
    }

    /** The same, trusted. */
    MachineOffer vouchedFor() {
        return new MachineOffer(workerId, incarnationId, address, usableMemoryBytes, speed, true);
    }

    /** Bytes that a plan may fill: a tenth stays free for what no estimate foresees. */
    public long budgetBytes() {
        return usableMemoryBytes / 10 * 9;
    }

    /** Usable memory with which a machine could take this many bytes. */
    static long usableBytesFor(long budgetBytes) {
        return Math.ceilDiv(budgetBytes, 9) * 10;
    }
}
