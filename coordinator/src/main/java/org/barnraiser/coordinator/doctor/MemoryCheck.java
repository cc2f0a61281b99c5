package org.barnraiser.coordinator.doctor;

import java.util.List;

/** Whether there is memory to lend, and whether a worker would lend more than its container may use. */
final class MemoryCheck implements Check {
    /** What a worker lends of the available memory when it is not told otherwise. */
    private static final double LENT_SHARE = 0.8;
    private static final long LITTLE = 2 * Sizes.GIB;

    private final MachineMemory memory;

    MemoryCheck(MachineMemory memory) {
        this.memory = memory;
    }

    @Override
    public String subject() {
        return "memory";
    }

    @Override
    public List<Finding> findings() {
        long lent = (long) (memory.availableBytes() * LENT_SHARE);
        long limit = memory.limitBytes().orElse(Long.MAX_VALUE);
        String found = Sizes.of(memory.availableBytes()) + " of " + Sizes.of(memory.totalBytes()) + " are available";
        if (lent > limit) {
            return List.of(Finding.warning(subject(), found + ", but this container may use only " + Sizes.of(limit)
                    + ", and a worker would lend " + Sizes.of(lent) + ".",
                    "Start workers here with --memory " + Math.max(1, (long) (limit * LENT_SHARE) / Sizes.MIB)
                            + "M or less, else the kernel ends them."));
        }
        if (memory.availableBytes() < LITTLE) {
            return List.of(Finding.warning(subject(), found + "; a worker would lend " + Sizes.of(lent)
                    + ", which holds small models only.",
                    "Close programs that need much memory, or lend another machine."));
        }
        return List.of(Finding.ok(subject(), found + "; a worker would lend " + Sizes.of(lent) + "."));
    }
}
