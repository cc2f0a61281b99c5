package org.barnraiser.testing.bench;

import java.io.IOException;
import java.util.List;
import org.barnraiser.coordinator.bench.LoadResult;
import org.barnraiser.coordinator.bench.Scenario;

/** One of those that are compared. */
interface Candidate extends AutoCloseable {

    String name();

    /** Links that a token passes on its way round. */
    int hops();

    /** Whether it can serve that many readers. */
    boolean serves(Scenario load);

    /** Puts the load to it, and waits until it is done. */
    LoadResult run(Scenario load) throws IOException, InterruptedException;

    /** Those that compute, in the order of the plan. */
    List<Long> pids();

    @Override
    void close() throws IOException;
}
