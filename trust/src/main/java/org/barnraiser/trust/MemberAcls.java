package org.barnraiser.trust;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.ACLProvider;
import org.apache.curator.utils.ZKPaths;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;

/**
 * Who may do what in a ZooKeeper that knows members by their certificates: coordinators everything; workers and relays may read,
 * and announce themselves under {@value #WORKERS} and {@value #RELAYS}, where they cannot touch each other's records.
 */
public final class MemberAcls implements ACLProvider {
    static final String SCHEME = "member";
    static final String ANYONE = "any";
    /** Where workers announce themselves: ephemeral nodes {@code <worker id>-<incarnation id>}. */
    public static final String WORKERS = "/barnraiser/services/worker";

    /** Where those are announced at whom members wait to be called: ephemeral nodes. */
    public static final String RELAYS = "/barnraiser/services/relay";

    private static final ACL COORDINATORS = acl(Perms.ALL, Role.COORDINATOR.word());
    private static final List<ACL> READABLE = acls(COORDINATORS, acl(Perms.READ, ANYONE));
    private static final Map<String, List<ACL>> ANNOUNCEMENTS = Map.of(WORKERS, announcements(Role.WORKER), RELAYS,
            announcements(Role.RELAY));
    /** A session that made such a node takes it along when it ends, so nobody has to delete it. */
    private static final List<ACL> OWN = acls(COORDINATORS, acl(Perms.READ, ANYONE),
            new ACL(Perms.WRITE, ZooDefs.Ids.AUTH_IDS));

    private static ACL acl(int permissions, String who) {
        return new ACL(permissions, new Id(SCHEME, who));
    }

    private static List<ACL> announcements(Role of) {
        return acls(COORDINATORS, acl(Perms.READ, ANYONE), acl(Perms.CREATE, of.word()));
    }

    /** Not one of the lists that refuse to be asked for null, as ZooKeeper does. */
    private static List<ACL> acls(ACL... parts) {
        return Collections.unmodifiableList(Arrays.asList(parts));
    }

    /** Makes what must be there before workers come, as a coordinator; blocks. */
    public static void prepare(CuratorFramework client) throws Exception {
        client.setACL().withACL(READABLE).forPath("/");
        for (Map.Entry<String, List<ACL>> folder : ANNOUNCEMENTS.entrySet()) {
            try {
                client.create().creatingParentsIfNeeded().forPath(folder.getKey());
            } catch (KeeperException.NodeExistsException _) {
                client.setACL().withACL(folder.getValue()).forPath(folder.getKey());
            }
        }
    }

    @Override
    public List<ACL> getDefaultAcl() {
        return READABLE;
    }

    @Override
    public List<ACL> getAclForPath(String path) {
        List<ACL> announcements = ANNOUNCEMENTS.get(path);
        if (announcements != null) {
            return announcements;
        }
        return ANNOUNCEMENTS.containsKey(ZKPaths.getPathAndNode(path).getPath()) ? OWN : READABLE;
    }
}
