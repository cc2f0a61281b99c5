package org.barnraiser.coordinator.cluster;

import java.nio.file.Files;
import org.barnraiser.coordinator.model.ClusterStatus;
import org.barnraiser.coordinator.model.HostedModel;

/** A whole coordinator without its HTTP server: serves weights, watches the cluster, plans, loads and drives the pipeline. */
public final class CoordinatorNode implements AutoCloseable {
    private final HostedModel model;
    private final ClusterStatus.Source clusterStatus;
    private final String grpcAddress;

    CoordinatorNode(HostedModel model, ClusterStatus.Source clusterStatus, String grpcAddress) {
        this.model = model;
        this.clusterStatus = clusterStatus;
        this.grpcAddress = grpcAddress;
    }

    /**
     * Starts a coordinator; returns before the model is ready, which {@link HostedModel#readiness()} tells. Blocks while the
     * model file is checked and its manifest is made.
     *
     * @throws ClusterException when the model cannot be hosted, the address is taken or ZooKeeper is out of reach
     */
    public static CoordinatorNode start(CoordinatorConfig config) throws ClusterException {
        if (!Files.isReadable(config.model())) {
            throw new ClusterException("The model file " + config.model() + " cannot be read.");
        }
        throw new ClusterException("This build cannot start a coordinator yet.");
    }

    public HostedModel model() {
        return model;
    }

    public ClusterStatus.Source clusterStatus() {
        return clusterStatus;
    }

    /** {@code host:port} of the gRPC server. */
    public String grpcAddress() {
        return grpcAddress;
    }

    /** Stops everything it started; the workers keep what they have loaded. */
    @Override
    public void close() {
    }
}
