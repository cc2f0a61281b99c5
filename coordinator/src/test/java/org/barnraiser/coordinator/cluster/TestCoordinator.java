package org.barnraiser.coordinator.cluster;

import com.google.common.net.HostAndPort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.apache.curator.framework.CuratorFramework;
import org.barnraiser.coordinator.trust.ClusterTrust;
import org.barnraiser.coordinator.weights.WeightsService;
import org.barnraiser.trust.Links;
import org.barnraiser.trust.manners.Courtesy;

/** One of several coordinators, with a server and a ZooKeeper session of its own, which ends two seconds after it has fallen silent. */
final class TestCoordinator implements AutoCloseable {
    private final Resources resources = new Resources();
    private final Way way;
    private final CoordinatorServer server;
    private final CuratorFramework zooKeeper;
    private final ClusterMember member;

    TestCoordinator(String connectString, CoordinatorConfig config) throws Exception {
        way = resources.add(Way.to(connectString));
        server = resources.add(CoordinatorServer.start(HostAndPort.fromParts("127.0.0.1", 0), ClusterTrust.plain()));
        zooKeeper = resources.add(ZooKeeperConnection.open(way.connectString(), Links.PLAIN,
                Duration.ofSeconds(2))).client();
        member = resources
                .add(ClusterMember.join(zooKeeper, List.of(OpenModel.of(new PlainShardSource(4))), config,
                        server.address(), new WeightsService(OptionalLong.empty(), Courtesy.none()), Courtesy.none(),
                        Links.PLAIN));
        server.serve(member.leaderServices());
    }

    static CoordinatorConfig config() {
        return CoordinatorConfig.of("unused", Path.of("unused"), Path.of("unused")).withTimings(TestCluster.timings())
                .withStages(2);
    }

    ClusterModel model() {
        return member.model();
    }

    CuratorFramework zooKeeper() {
        return zooKeeper;
    }

    /** Its ZooKeeper session will end, and it cannot get another. */
    void cutFromZooKeeper() {
        way.cut();
    }

    void healWayToZooKeeper() {
        way.heal();
    }

    /** For the other coordinators and for ZooKeeper it is as good as killed; only the workers still hear of it. */
    void vanish() {
        server.close();
        way.cut();
    }

    /** Stops in good order. */
    @Override
    public void close() {
        resources.close();
    }
}
