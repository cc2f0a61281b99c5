package org.barnraiser.coordinator.weights;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.protobuf.ByteString;

/** Asks the workers of a cluster what they have on their disks. */
@FunctionalInterface
public interface Census {

    /**
     * The pieces of a model that each worker has, by incarnation, but for one who asks. Blocks, with a deadline; who does not answer is
     * left out.
     */
    ImmutableMap<String, ImmutableSet<ByteString>> take(String modelDigest, String exceptIncarnation)
            throws InterruptedException;
}
