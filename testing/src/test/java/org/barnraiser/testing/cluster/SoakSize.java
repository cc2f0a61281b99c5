package org.barnraiser.testing.cluster;

import static org.assertj.core.api.Assertions.assertThat;

/** How large a cluster is: the largest footprint of each kind of process, and the nodes in ZooKeeper. */
record SoakSize(Footprint worker, Footprint coordinator, int znodes) {
    private static final long MORE_BYTES = 64L << 20;
    private static final int MORE_THREADS = 16;
    private static final int MORE_FILES = 64;
    private static final int MORE_ZNODES = 4;

    /** What a leak of something per fault or per answer would exceed. */
    void assertNoMuchLargerThan(SoakSize before) {
        assertNoMuchLarger("worker", worker, before.worker);
        assertNoMuchLarger("coordinator", coordinator, before.coordinator);
        assertThat(znodes).as("znodes").isLessThanOrEqualTo(before.znodes + MORE_ZNODES);
    }

    private static void assertNoMuchLarger(String what, Footprint now, Footprint before) {
        assertThat(now.residentBytes()).as("memory of a %s", what)
                .isLessThanOrEqualTo(before.residentBytes() + before.residentBytes() / 4 + MORE_BYTES);
        assertThat(now.threads()).as("threads of a %s", what).isLessThanOrEqualTo(before.threads() + MORE_THREADS);
        assertThat(now.openFiles()).as("open files of a %s", what).isLessThanOrEqualTo(before.openFiles() + MORE_FILES);
    }

    @Override
    public String toString() {
        return "worker %s; coordinator %s; %d znodes".formatted(text(worker), text(coordinator), znodes);
    }

    private static String text(Footprint footprint) {
        return "%d MB, %d threads, %d files".formatted(footprint.residentBytes() >> 20, footprint.threads(),
                footprint.openFiles());
    }
}
