package org.barnraiser.coordinator.cluster;

/**
 * One of the pipelines of a model, each of which has a plan, and so epochs, of its own.
 *
 * @param index from 0
 */
record PipelineKey(String modelDigest, int index) {
    private static final char SEPARATOR = '.';

    /** The name of its plan in ZooKeeper. */
    String node() {
        return index == 0 ? modelDigest : modelDigest + SEPARATOR + index;
    }

    /** The same over all epochs, so that a worker whose part stays the same keeps it loaded. */
    String pipelineId() {
        return modelDigest.substring(0, 16) + "-" + index;
    }

    /** The digest of the model to whose plans a node belongs. */
    static String modelOf(String node) {
        int end = node.indexOf(SEPARATOR);
        return end < 0 ? node : node.substring(0, end);
    }
}
