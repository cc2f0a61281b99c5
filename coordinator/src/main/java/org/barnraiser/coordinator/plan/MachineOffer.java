package org.barnraiser.coordinator.plan;

/**
 * What a machine lends.
 *
 * @param workerId stable over restarts
 * @param incarnationId new at every start
 * @param address {@code host:port} as others reach it
 * @param usableMemoryBytes memory it lends
 */
public record MachineOffer(String workerId, String incarnationId, String address, long usableMemoryBytes) {

    /** Bytes that a plan may fill: a tenth stays free for what no estimate foresees. */
    public long budgetBytes() {
        return usableMemoryBytes / 10 * 9;
    }

    /** Usable memory with which a machine could take this many bytes. */
    static long usableBytesFor(long budgetBytes) {
        return Math.ceilDiv(budgetBytes, 9) * 10;
    }
}
